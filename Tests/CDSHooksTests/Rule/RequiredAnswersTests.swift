// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import CDSHooks

@Suite("Rule: required answers")
struct RequiredAnswersTests {
    private func rule(_ text: String, questionnaire: String? = nil) throws -> RequiredAnswersRule {
        try RequiredAnswersRule(file: Array(text.utf8), name: "required.json", source: RuleSubjects.source) { _ in
            questionnaire.map { Array($0.utf8) }
        }
    }

    private static let file = #"""
        {"services": [{"service": "ORTHOPAEDICS", "indicator": "critical",
          "answers": [{"linkId": "reason", "label": "Reason"}, {"text": "Allergies:"}]}]}
        """#

    private func missing(_ rule: RequiredAnswersRule, _ subject: HookSubject) async throws -> [String] {
        let cards = try await rule.cards(for: subject, now: RuleSubjects.now)
        return cards.flatMap { $0.detail?.split(separator: "\n").map { String($0.dropFirst(2)) } ?? [] }
    }

    private func item(_ linkID: String, _ members: JSONValue) -> JSONValue {
        var item = members
        item["linkId"] = .string(linkID)
        return item
    }

    @Test("missing answers stand on one card, by the names of the file")
    func card() async throws {
        let form = RuleSubjects.form("x", [("reason", nil), ("other", "Y")])
        let cards = try await rule(Self.file).cards(
            for: RuleSubjects.subject(form: form), now: RuleSubjects.now)
        #expect(
            cards == [
                Card(
                    summary: "2 required answers are missing on the form.", detail: "- Reason\n- Allergies:",
                    indicator: .critical, source: RuleSubjects.source)
            ])
    }

    @Test(
        "values of every type count as answers, empty ones do not",
        arguments: [
            (#"{"valueString": "x"}"#, true), (#"{"valueString": ""}"#, false),
            (#"{"valueString": " \t\u00a0"}"#, false),
            (#"{"valueBoolean": false}"#, true), (#"{"valueDecimal": 0}"#, true), (#"{"valueInteger": 3}"#, true),
            (#"{"valueDate": "2026-01-01"}"#, true), (#"{"valueCoding": {"code": "a"}}"#, true),
            (#"{"valueCoding": {"display": "A"}}"#, true), (#"{"valueCoding": {"system": "s"}}"#, false),
            (#"{"valueQuantity": {"value": 0, "unit": "kg"}}"#, true), (#"{"valueQuantity": {"unit": "kg"}}"#, false),
            (#"{"valueReference": {"reference": "Patient/1"}}"#, true), (#"{"valueReference": {}}"#, false),
            (#"{"valueAttachment": {"url": ""}}"#, false), (#"{"valueString": null}"#, false), ("{}", false),
            (#""x""#, false),
        ])
    func types(answer: String, counts: Bool) async throws {
        let rule = try rule(#"{"services": [{"service": "*", "answers": [{"linkId": "a"}]}]}"#)
        let form: JSONValue = [
            "resourceType": "QuestionnaireResponse",
            "item": [item("a", ["answer": [try JSONValue(parsing: answer)]])],
        ]
        #expect(try await missing(rule, RuleSubjects.subject(form: form)) == (counts ? [] : ["a"]))
    }

    @Test("items may nest below items and below answers")
    func nested() async throws {
        let rule = try rule(#"{"services": [{"service": "*", "answers": [{"linkId": "a"}, {"linkId": "b"}]}]}"#)
        let answered: JSONValue = [["valueString": "Y"]]
        let form: JSONValue = [
            "resourceType": "QuestionnaireResponse",
            "item": [
                item(
                    "group",
                    [
                        "item": [
                            item(
                                "q",
                                ["answer": [["valueString": "Y", "item": [item("a", ["answer": answered])]]]])
                        ]
                    ]), item("group2", ["item": [item("b", [:])]]),
            ],
        ]
        #expect(try await missing(rule, RuleSubjects.subject(form: form)) == ["b"])
    }

    @Test("a caption is compared without markup, case and closing marks")
    func captions() async throws {
        var form = RuleSubjects.form("x", [("reason", "r"), ("q7", "None")])
        form["item"] = .array(
            (form["item"]?.arrayValue ?? []).map { item in
                var item = item
                if item["linkId"] == "q7" { item["text"] = "<b>ALLERGIES</b>&nbsp;*" }
                return item
            })
        #expect(try await missing(rule(Self.file), RuleSubjects.subject(form: form)) == [])
    }

    @Test("the bundle's forms are read when no form was prefetched, and a search's Bundle is opened")
    func places() async throws {
        let rule = try rule(#"{"services": [{"service": "*", "answers": [{"linkId": "a"}, {"linkId": "b"}]}]}"#)
        let inBundle = RuleSubjects.subject { referral in
            var form = Form()
            var first = FormItem()
            first.linkID = "a"
            first.answers = ["Y"]
            var second = FormItem()
            second.linkID = "b"
            second.answers = [" "]
            first.items = [second]
            form.items = [first]
            referral.forms = [form]
        }
        #expect(try await missing(rule, inBundle) == ["b"])
        var both = inBundle
        both.referral.forms[0].ref = "first"
        both.questionnaireResponse = RuleSubjects.form("second", [("b", "Y")])
        #expect(try await missing(rule, both) == [])
        both.questionnaireResponse = RuleSubjects.form("first", [("b", "Y")])
        #expect(try await missing(rule, both) == ["a"])
        let search: JSONValue = [
            "resourceType": "Bundle", "type": "searchset",
            "entry": [["resource": RuleSubjects.form("x", [("a", "Y"), ("b", nil)])]],
        ]
        #expect(try await missing(rule, RuleSubjects.subject(form: search)) == ["b"])
    }

    @Test("an item that the clinician could not see is not asked for")
    func hidden() async throws {
        let rule = try rule(#"{"services": [{"service": "*", "answers": [{"linkId": "a"}]}]}"#)
        let hidden: JSONValue = [
            "url": "https://ocean.cognisantmd.com/svc/fhir/v1/StructureDefinition/ext-ocean-eform-item-visibility",
            "valueString": "hidden",
        ]
        let form: JSONValue = [
            "resourceType": "QuestionnaireResponse", "item": [item("a", ["extension": [hidden]])],
        ]
        #expect(try await missing(rule, RuleSubjects.subject(form: form)) == [])
    }

    @Test("without a form nothing is said, unless the file asks for one; other services are not concerned")
    func noForm() async throws {
        #expect(try await rule(Self.file).says(RuleSubjects.subject()) == [])
        #expect(try await rule(Self.file).says(RuleSubjects.subject("IMAGING", form: RuleSubjects.form([]))) == [])
        #expect(try await rule(Self.file).says(RuleSubjects.subject(nil, form: RuleSubjects.form([]))) == [])
        let asking = try rule(
            #"{"services": [{"service": "ORTHOPAEDICS", "form": "ecg", "formRequired": true}]}"#)
        #expect(try await asking.says(RuleSubjects.subject()) == ["The form that this service requires is missing."])
        let other = RuleSubjects.form("quickReferral", [("a", "Y")])
        #expect(try await asking.says(RuleSubjects.subject(form: other)).count == 1)
        #expect(try await asking.says(RuleSubjects.subject(form: RuleSubjects.form("ecg", []))) == [])
    }

    @Test("a requirement with a condition counts only when that is certain")
    func conditions() async throws {
        let rule = try rule(
            #"""
            {"services": [{"service": "*", "answers": [
              {"linkId": "implants", "when": {"answer": {"linkId": "mri", "equals": "Y"}}}]}]}
            """#)
        let asked = RuleSubjects.form("x", [("mri", "Y"), ("implants", nil)])
        #expect(try await missing(rule, RuleSubjects.subject(form: asked)) == ["implants"])
        let unticked = RuleSubjects.form("x", [("mri", nil), ("implants", nil)])
        #expect(try await missing(rule, RuleSubjects.subject(form: unticked)) == [])
        let absent = RuleSubjects.form("x", [("implants", nil)])
        #expect(try await missing(rule, RuleSubjects.subject(form: absent)) == [])
    }

    @Test("required items of a Questionnaire count, as far as they are enabled")
    func questionnaire() async throws {
        let example = String(decoding: try RuleSubjects.example("imaging.questionnaire.json"), as: UTF8.self)
        let rule = try rule(
            #"{"services": [{"service": "IMAGING", "questionnaire": "q.json"}]}"#, questionnaire: example)
        func missing(_ answers: [(String, String?)]) async throws -> [String] {
            try await self.missing(rule, RuleSubjects.subject("IMAGING", form: RuleSubjects.form(answers)))
        }
        #expect(try await missing([("region", nil), ("ionizing", nil)]) == ["Region of the body"])
        #expect(
            try await missing([("region", "Knee"), ("contrast", "Y"), ("ionizing", "Y")]) == [
                "Creatinine", "Pregnancy",
            ])
        #expect(
            try await missing([
                ("region", "Knee"), ("contrast", "Y"), ("creatinine", "88"), ("ionizing", "Y"), ("pregnant", "No"),
            ]) == [])
    }

    @Test("a required group needs one answer in it")
    func group() async throws {
        let rule = try rule(
            #"{"services": [{"service": "*", "questionnaire": "q.json"}]}"#,
            questionnaire: #"""
                {"resourceType": "Questionnaire", "item": [{"linkId": "g", "type": "group", "text": "Side",
                 "required": true, "item": [{"linkId": "left", "type": "boolean"},
                 {"linkId": "right", "type": "boolean"}]}]}
                """#)
        let none = RuleSubjects.form("x", [("left", nil), ("right", nil)])
        #expect(try await missing(rule, RuleSubjects.subject(form: none)) == ["Side"])
        let one = RuleSubjects.form("x", [("left", nil), ("right", "Y")])
        #expect(try await missing(rule, RuleSubjects.subject(form: one)) == [])
    }

    @Test(
        "a file or Questionnaire that cannot be is refused with its place",
        arguments: [
            (#"{"services": [{"service": ""}]}"#, nil, "required.json#/services/0/service"),
            (#"{"services": [{"service": "A"}]}"#, nil, "required.json#/services/0"),
            (#"{"services": [{"service": "A", "answers": [{}]}]}"#, nil, "required.json#/services/0/answers/0"),
            (
                #"{"services": [{"service": "A", "answers": [{"linkId": "a", "text": "b"}]}]}"#, nil,
                "required.json#/services/0/answers/0"
            ),
            (
                #"{"services": [{"service": "A", "indicator": "red", "answers": [{"linkId": "a"}]}]}"#, nil,
                "required.json#/services/0/indicator"
            ),
            (
                #"{"services": [{"service": "A", "questionnaire": "q.json"}]}"#, nil,
                "required.json#/services/0/questionnaire"
            ),
            (#"{"services": [{"service": "A", "questionnaire": "q.json"}]}"#, "{}", "q.json#"),
            (#"{"services": [{"service": "A", "questionnaire": "q.json"}]}"#, "{\n nonsense", "q.json:2:2"),
            (
                #"{"services": [{"service": "A", "questionnaire": "q.json"}]}"#,
                #"{"resourceType": "Questionnaire", "item": [{"type": "string"}]}"#, "q.json#/item/0/linkId"
            ),
            (
                #"{"services": [{"service": "A", "questionnaire": "q.json"}]}"#,
                #"{"resourceType": "Questionnaire", "item": [{"linkId": "a", "enableWhen": [{"question": "b", "operator": "~", "answerString": "x"}]}]}"#,
                "q.json#/item/0/enableWhen/0/operator"
            ),
            (
                #"{"services": [{"service": "A", "questionnaire": "q.json"}]}"#,
                #"{"resourceType": "Questionnaire", "item": [{"linkId": "a", "enableWhen": [{"question": "b", "operator": ">", "answerDate": "2026-01-01"}]}]}"#,
                "q.json#/item/0/enableWhen/0/answerDate"
            ),
        ] as [(String, String?, String)])
    func refused(file: String, questionnaire: String?, place: String) throws {
        let error = try #require(throws: RuleFileError.self) { try rule(file, questionnaire: questionnaire) }
        #expect(error.place == place)
        #expect(error.disposition == .fatal)
    }
}
