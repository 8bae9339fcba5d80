// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import CDSHooks

@Suite("Rule: exclusion criteria")
struct ExclusionCriteriaTests {
    private func condition(_ text: String) throws -> Condition {
        var unknown: [JSONPointer] = []
        let condition = try Condition(json: JSONValue(parsing: text), at: .root, unknown: &unknown)
        #expect(unknown.isEmpty)
        return condition
    }

    private func truth(
        _ text: String, form: JSONValue? = nil, _ adjust: (inout Referral) -> Void = { _ in }
    ) throws -> Truth {
        Facts(RuleSubjects.subject(form: form, adjust), now: RuleSubjects.now).truth(of: try condition(text))
    }

    @Test(
        "age is counted in completed years and months; a partial birth date may leave it open",
        arguments: [
            ("2008-03-05", #"{"age": {"lessThan": 18}}"#, .yes), ("2008-03-04", #"{"age": {"lessThan": 18}}"#, .no),
            ("2008", #"{"age": {"lessThan": 18}}"#, .unknown), ("2008-03", #"{"age": {"lessThan": 18}}"#, .unknown),
            ("2008-02", #"{"age": {"lessThan": 18}}"#, .no), ("2009", #"{"age": {"lessThan": 18}}"#, .yes),
            ("1950-01-01", #"{"age": {"atLeast": 65, "lessThan": 80}}"#, .yes),
            ("1950-01-01", #"{"age": {"equals": 76}}"#, .yes), ("1950", #"{"age": {"equals": 76}}"#, .unknown),
            ("1950", #"{"age": {"equals": 80}}"#, .no), ("2026-01-04", #"{"ageMonths": {"atMost": 2}}"#, .yes),
            ("2026-01-03", #"{"ageMonths": {"lessThan": 2}}"#, .no),
            ("2027-01-01", #"{"age": {"lessThan": 18}}"#, .unknown),
            ("1984-02-29", #"{"age": {"greaterThan": 41}}"#, .yes),
            ("nonsense", #"{"age": {"lessThan": 18}}"#, .unknown),
            ("2008-13-01", #"{"age": {"lessThan": 18}}"#, .unknown),
        ] as [(String, String, Truth)])
    func age(birthDate: String, text: String, expected: Truth) throws {
        let found = try truth(text) {
            $0.patient = Patient()
            $0.patient?.birthDate = birthDate
        }
        #expect(found == expected)
    }

    @Test(
        "words and codes of the referral are compared; what it does not say is unknown",
        arguments: [
            (#"{"sex": {"equals": "Female"}}"#, .yes), (#"{"sex": {"oneOf": ["male", "other"]}}"#, .no),
            (#"{"province": {"equals": "ON"}}"#, .yes), (#"{"priority": {"equals": "urgent"}}"#, .unknown),
            (#"{"offering": {"equals": "MRI lumbar spine"}}"#, .yes), (#"{"category": {"equals": "363679005"}}"#, .yes),
            (#"{"category": {"equals": "radiology"}}"#, .yes),
            (#"{"category": {"equals": "363679005", "system": "http://snomed.info/sct"}}"#, .yes),
            (#"{"category": {"equals": "363679005", "system": "http://loinc.org"}}"#, .no),
            (#"{"category": {"oneOf": ["1", "2"]}}"#, .no), (#"{"code": {"equals": "1"}}"#, .unknown),
            (#"{"reason": {"equals": "M54.5"}}"#, .yes), (#"{"reason": {"equals": "low back pain"}}"#, .yes),
            (#"{"reason": {"equals": "M54.5", "system": "other"}}"#, .no),
        ] as [(String, Truth)])
    func words(text: String, expected: Truth) throws {
        let found = try truth(text) { referral in
            referral.patient = Patient()
            referral.patient?.gender = "female"
            referral.patient?.healthNumber = HealthNumber()
            referral.patient?.healthNumber?.province = "ON"
            referral.services = ["MRI lumbar spine"]
            referral.category = [Coding(system: "http://snomed.info/sct", code: "363679005", display: "RADIOLOGY")]
            referral.unmapped = [
                Unmapped(
                    path: "/entry/8/resource/reasonCode",
                    value: [["coding": [["system": "icd", "code": "M54.5", "display": "Low back pain"]]]])
            ]
        }
        #expect(found == expected)
    }

    @Test("a sex that is not known is not known")
    func unknownSex() throws {
        let found = try truth(#"{"not": {"sex": {"equals": "female"}}}"#) {
            $0.patient = Patient()
            $0.patient?.gender = "unknown"
        }
        #expect(found == .unknown)
        #expect(try truth(#"{"sex": {"equals": "female"}}"#) == .unknown)
    }

    @Test(
        "answers are compared by their type",
        arguments: [
            (#"{"linkId": "box", "equals": "y"}"#, .yes), (#"{"linkId": "box", "exists": true}"#, .yes),
            (#"{"linkId": "unticked", "equals": "Y"}"#, .no), (#"{"linkId": "unticked", "exists": false}"#, .yes),
            (#"{"linkId": "absent", "equals": "Y"}"#, .unknown), (#"{"linkId": "absent", "exists": true}"#, .no),
            (#"{"linkId": "bmi", "greaterThan": 45}"#, .yes), (#"{"linkId": "bmi", "atMost": 45}"#, .no),
            (#"{"linkId": "bmi", "greaterThan": 40, "lessThan": 50}"#, .yes),
            (#"{"linkId": "bmi", "equals": 45.50}"#, .yes), (#"{"linkId": "unticked", "lessThan": 1}"#, .unknown),
            (#"{"linkId": "words", "greaterThan": 1}"#, .unknown),
            (#"{"linkId": "words", "contains": "FRACTURE"}"#, .yes),
            (#"{"linkId": "words", "contains": "sprain"}"#, .no), (#"{"linkId": "box", "oneOf": ["N", "Y"]}"#, .yes),
            (#"{"linkId": "flag", "equals": true}"#, .yes), (#"{"linkId": "flag", "equals": "true"}"#, .yes),
            (#"{"linkId": "coded", "equals": "a1"}"#, .yes), (#"{"linkId": "coded", "equals": "Alpha"}"#, .yes),
            (#"{"linkId": "weight", "atLeast": 100}"#, .yes),
            (#"{"text": "Body mass index", "greaterThan": 45}"#, .yes),
            (#"{"linkId": "box", "equals": "Y", "exists": false}"#, .no),
        ] as [(String, Truth)])
    func answers(test: String, expected: Truth) throws {
        let form = try JSONValue(
            parsing: #"""
                {"resourceType": "QuestionnaireResponse", "item": [
                 {"linkId": "box", "answer": [{"valueString": " Y "}]}, {"linkId": "unticked"},
                 {"linkId": "bmi", "text": "Body <i>mass</i> index", "answer": [{"valueString": "45.5"}]},
                 {"linkId": "words", "answer": [{"valueString": "old fracture"}, {"valueString": "pain"}]},
                 {"linkId": "flag", "answer": [{"valueBoolean": true}]},
                 {"linkId": "coded", "answer": [{"valueCoding": {"code": "A1", "display": "alpha"}}]},
                 {"linkId": "weight", "answer": [{"valueQuantity": {"value": 120, "unit": "kg"}}]}]}
                """#)
        #expect(try truth(#"{"answer": \#(test)}"#, form: form) == expected)
        #expect(try truth(#"{"answer": \#(test)}"#) == .unknown)
    }

    @Test("all, any and not follow three-valued logic")
    func logic() throws {
        let yes = #"{"sex": {"equals": "male"}}"#
        let no = #"{"sex": {"equals": "female"}}"#
        let open = #"{"age": {"lessThan": 1}}"#
        let table: [(String, Truth)] = [
            (#"{"all": [\#(yes), \#(yes)]}"#, .yes), (#"{"all": [\#(yes), \#(open)]}"#, .unknown),
            (#"{"all": [\#(open), \#(no)]}"#, .no), (#"{"any": [\#(no), \#(no)]}"#, .no),
            (#"{"any": [\#(open), \#(yes)]}"#, .yes), (#"{"any": [\#(no), \#(open)]}"#, .unknown),
            (#"{"not": \#(yes)}"#, .no), (#"{"not": \#(open)}"#, .unknown),
        ]
        for (text, expected) in table {
            let found = try truth(text) {
                $0.patient = Patient()
                $0.patient?.gender = "male"
            }
            #expect(found == expected, "\(text)")
        }
    }

    @Test(
        "what is no condition is refused at its place",
        arguments: [
            ("[]", ""), ("{}", ""), (#"{"age": {"lessThan": 1}, "sex": {"equals": "male"}}"#, ""),
            (#"{"height": {"lessThan": 1}}"#, "/height"), (#"{"age": {"below": 1}}"#, "/age/below"),
            (#"{"age": {}}"#, "/age"), (#"{"age": {"lessThan": "18"}}"#, "/age/lessThan"), (#"{"all": []}"#, "/all"),
            (#"{"any": {"age": {"lessThan": 1}}}"#, "/any"),
            (#"{"not": {"age": {"matches": ".*"}}}"#, "/not/age/matches"),
            (#"{"sex": {"equals": "a", "oneOf": ["b"]}}"#, "/sex"), (#"{"sex": {"oneOf": []}}"#, "/sex"),
            (#"{"answer": {"linkId": "a"}}"#, "/answer"), (#"{"answer": {"exists": true}}"#, "/answer"),
            (#"{"answer": {"linkId": "a", "equals": {"a": 1}}}"#, "/answer"),
            (#"{"answer": {"linkId": "a", "regex": "x"}}"#, "/answer/regex"),
            (#"{"all": [{"age": {"lessThan": 1}}, {"weight": 1}]}"#, "/all/1/weight"),
        ])
    func refused(text: String, pointer: String) throws {
        let error = try #require(throws: RecordError.self) { try condition(text) }
        #expect(error.pointer == pointer)
    }

    @Test("conditions may not stand in each other without end")
    func deep() throws {
        let count = 100
        let text =
            String(repeating: #"{"not": "#, count: count) + #"{"age": {"lessThan": 1}}"#
            + String(repeating: "}", count: count)
        let error = try #require(throws: RecordError.self) { try condition(text) }
        #expect(error.message.contains("too deep"))
    }

    @Test("the example of the documentation shows its cards")
    func example() async throws {
        let rule = try ExclusionCriteriaRule(
            file: RuleSubjects.example("exclusion-criteria.json"), name: "exclusion-criteria.json",
            source: RuleSubjects.source)
        let child = RuleSubjects.subject(form: RuleSubjects.form([("bmi", "46")])) {
            $0.patient = Patient()
            $0.patient?.birthDate = "2015-01-01"
        }
        let cards = try await rule.cards(for: child, now: RuleSubjects.now)
        #expect(
            cards.map(\.summary) == [
                "This clinic sees adults only.", "Joint replacement is not offered above a BMI of 45.",
            ])
        #expect(cards.map(\.indicator) == [.critical, .warning])
        #expect(cards.first?.links.map(\.label) == ["Paediatric orthopaedics"])
        let older = RuleSubjects.subject(form: RuleSubjects.form([("procedure", "Washout"), ("locking", nil)])) {
            $0.patient = Patient()
            $0.patient?.birthDate = "1950-01-01"
            $0.patient?.healthNumber = HealthNumber()
            $0.patient?.healthNumber?.province = "QC"
        }
        #expect(
            try await rule.says(older) == [
                "Arthroscopy for osteoarthritis is not offered to patients over 60.",
                "A number of another province needs a letter of authorization.",
            ])
        #expect(try await rule.says(RuleSubjects.subject()) == [])
    }

    @Test(
        "a file that cannot be is refused with its place",
        arguments: [
            (#"{"services": [{"service": "A"}]}"#, "#/services/0/criteria"),
            (#"{"services": [{"service": "", "criteria": []}]}"#, "#/services/0/service"),
            (
                #"{"services": [{"service": "A", "criteria": [{"id": "a", "text": "t"}]}]}"#,
                "#/services/0/criteria/0/when"
            ),
            (
                #"{"services": [{"service": "A", "criteria": [{"id": "a", "text": " ", "when": {"age": {"lessThan": 1}}}]}]}"#,
                "#/services/0/criteria/0/text"
            ),
            (
                #"{"services": [{"service": "A", "criteria": [{"id": "", "text": "t", "when": {"age": {"lessThan": 1}}}]}]}"#,
                "#/services/0/criteria/0/id"
            ),
            (
                #"{"services": [{"service": "A", "criteria": [{"id": "a", "text": "t", "when": {"age": {"under": 1}}}]}]}"#,
                "#/services/0/criteria/0/when/age/under"
            ),
            (
                #"{"services": [{"service": "A", "criteria": [{"id": "a", "text": "t", "severity": 1, "when": {"age": {"lessThan": 1}}}]}]}"#,
                "#/services/0/criteria/0/severity"
            ),
        ])
    func refusedFile(text: String, place: String) throws {
        let error = try #require(throws: RuleFileError.self) {
            try ExclusionCriteriaRule(file: Array(text.utf8), name: "f.json", source: RuleSubjects.source)
        }
        #expect(error.place == "f.json" + place)
    }

    @Test("any JSON is either refused or evaluated, never more", arguments: 0..<4)
    func total(part: Int) throws {
        var random = ConditionGenerator(part)
        for _ in 0..<500 {
            let json = random.condition(depth: 4)
            var unknown: [JSONPointer] = []
            guard let condition = try? Condition(json: json, at: .root, unknown: &unknown) else { continue }
            #expect(condition.json.text().isEmpty == false)
            let subject = RuleSubjects.subject(form: RuleSubjects.form([("a", "1"), ("b", nil)]))
            _ = Facts(subject, now: RuleSubjects.now).truth(of: condition)
            let again = try Condition(json: condition.json, at: .root, unknown: &unknown)
            #expect(again == condition)
        }
    }
}
