// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Testing

@testable import CDSHooks

@Suite("Files of the rules")
struct RuleFileTests {
    @Test("the schemas under docs/schemas are up to date", arguments: RuleSchemas.documents.map(\.name))
    func schemas(name: String) throws {
        let document = try #require(RuleSchemas.documents.first { $0.name == name })
        let text = Array((document.json.text(.pretty) + "\n").utf8)
        let path = "../../docs/schemas/\(name)"
        if Fixture.isUpdatingGolden { try Fixture.write(text, to: path) }
        #expect(try Fixture.bytes(path) == text)
        #expect(document.json["$id"]?.stringValue == document.id)
    }

    @Test("every reference of a schema has its definition", arguments: RuleSchemas.documents.map(\.name))
    func references(name: String) throws {
        let document = try #require(RuleSchemas.documents.first { $0.name == name })
        func references(_ json: JSONValue) -> [String] {
            switch json {
            case .object(let object):
                object.members.flatMap { member in
                    member.name == "$ref" ? [member.value.stringValue ?? ""] : references(member.value)
                }
            case .array(let elements): elements.flatMap(references)
            default: []
            }
        }
        for reference in Set(references(document.json)) {
            let word = reference.split(separator: "/").last.map(String.init) ?? ""
            #expect(document.json["$defs"]?[word] != nil, "\(reference)")
        }
    }

    @Test("the examples under deploy/cds are read")
    func examples() async throws {
        _ = try ListingStateRule(
            file: RuleSubjects.example("listing-state.json"), name: "listing-state.json", source: RuleSubjects.source)
        let rule = try RequiredAnswersRule(
            file: RuleSubjects.example("required-answers.json"), name: "required-answers.json",
            source: RuleSubjects.source
        ) { try? RuleSubjects.example($0) }
        let form = RuleSubjects.form([("reason", nil), ("mri", "Y")])
        let cards = try await rule.cards(for: RuleSubjects.subject(form: form), now: RuleSubjects.now)
        #expect(cards.map(\.summary) == ["3 required answers are missing on the form."])
    }

    @Test(
        "the documentation shows the examples as they are",
        arguments: ["required-answers.json", "listing-state.json", "exclusion-criteria.json"])
    func documented(name: String) throws {
        let page = String(decoding: try Fixture.bytes("../../docs/cds-rules.md"), as: UTF8.self)
        let example = String(decoding: try RuleSubjects.example(name), as: UTF8.self)
        #expect(page.contains("```json\n" + example + "```"))
        for rule in BuiltInRule.allCases { #expect(page.contains("## `\(rule.rawValue)`")) }
    }

    @Test("every rule has a name of its own, and a bundle of Ocean's is judged by all of them")
    func bundle() async throws {
        let reader = OceanInboundReader.standard(keys: { _ in nil })
        let body = try Fixture.bytes("ocean-fhir/0.11.1/add-service-request.json")
        guard case .message(let message) = reader.read(body, mediaType: "application/fhir+json") else {
            Issue.record("the fixture is not read as a message")
            return
        }
        let referral = try #require(message.canonical.referral)
        let subject = HookSubject(
            referral: referral, site: referral.receiver?.site, service: referral.receiver?.service, patientKey: nil,
            questionnaireResponse: nil)
        let file = Array(
            #"{"services": [{"service": "*", "answers": [{"linkId": "no-such-item", "label": "Nothing"}]}]}"#.utf8)
        let rule = try RequiredAnswersRule(file: file, name: "f", source: RuleSubjects.source) { _ in nil }
        #expect(try await rule.says(subject) == ["1 required answer is missing on the form."])
        let number = HealthNumberRule(source: RuleSubjects.source)
        _ = try await number.cards(for: subject, now: RuleSubjects.now)
        #expect(Set(BuiltInRule.allCases.map(\.rawValue)).count == BuiltInRule.allCases.count)
        #expect(number.name == "health-number")
        #expect(rule.name == "required-answers")
    }
}
