// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import FHIR
import JSON
import Testing

@Suite struct ReportTests {
    private static let text = """
        {
          "resourceType": "Patient",
          "gender": "F",
          "name": [
            {"family": "Brassard"}, {"family": "Brassard",
              "given": "Odile"}
          ], "_birthDate": {"extension": [{"url": "http://example.org/a",   "valueDate": "1961-99"}]}
        }
        """

    @Test("issues carry FHIRPath, JSON pointer, line and column of the source, in its order")
    func places() {
        let report = StructureValidator().validate(Array(Self.text.utf8))
        #expect(
            report.issues.map { "\($0.line):\($0.column) \($0.expression) \($0.pointer)" } == [
                "3:13 Patient.gender /gender", "6:16 Patient.name[1].given /name/1/given",
                "7:82 Patient.birthDate.extension[0].value /_birthDate/extension/0/valueDate",
            ])
    }

    @Test("a missing element has its own expression and the place of its parent")
    func missing() {
        let text =
            "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\n \"entry\":[ {\"fullUrl\":"
            + "\"urn:uuid:00000000-0000-4000-8000-000000000001\",\n"
            + "\"resource\":{\"resourceType\":\"Task\",\"intent\":\"order\"}}]}"
        let report = StructureValidator().validate(Array(text.utf8))
        #expect(
            report.issues.map { "\($0.line):\($0.column) \($0.expression) \($0.pointer)" } == [
                "3:12 Bundle.entry[0].resource.status /entry/0/resource"
            ])
    }

    @Test("the report as OperationOutcome is valid itself, and so is that of no issue")
    func outcome() throws {
        let report = StructureValidator().validate(Array(Self.text.utf8))
        let outcome = report.outcome.json
        #expect(StructureValidator().validate(outcome).issues == [])
        let issue = try #require(outcome["issue"]?[0])
        #expect(issue["severity"] == "error")
        #expect(issue["code"] == "code-invalid")
        #expect(issue["expression"] == ["Patient.gender"])
        #expect(issue.extensionValue("http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line") == 3)
        #expect(issue.extensionValue("http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col") == 13)
        #expect(issue["diagnostics"]?.stringValue?.contains("(at /gender)") == true)
        let none = StructureValidator().validate(try Example.bundle()).outcome.json
        #expect(StructureValidator().validate(none).issues == [])
        #expect(none["issue"]?[0]?["severity"] == "information")
    }

    @Test(
        "what is no JSON, or too deep, or too large, is one fatal issue with the place",
        arguments: [
            ("{\"resourceType\":\n \"Patient\",}", "invalid", 2, 12), ("", "invalid", 1, 1),
            (String(repeating: "[", count: 300), "too-long", 1, 257),
            (String(repeating: " ", count: 2_000), "too-long", 1, 1_001),
        ])
    func unreadable(_ text: String, _ code: String, _ line: Int, _ column: Int) throws {
        let validator = StructureValidator(limits: .init(json: JSONLimits(maximumBytes: 1_000)))
        let report = validator.validate(Array(text.utf8))
        #expect(!report.isValid)
        let issue = try #require(report.issues.first)
        #expect(report.issues.count == 1)
        #expect(issue.severity == .fatal)
        #expect(issue.code.rawValue == code)
        #expect(issue.line == line)
        #expect(issue.column == column)
        #expect(StructureValidator().validate(report.outcome.json).issues == [])
    }

    @Test("what is no resource at all is an error, not a trap", arguments: ["null", "[]", "3", "\"x\"", "{}", "[{}]"])
    func noResource(_ text: String) {
        let report = StructureValidator().validate(Array(text.utf8))
        #expect(!report.isValid)
        #expect(report.issues.allSatisfy { $0.expression == "Resource" })
    }

    @Test("a member whose name is no name is reported at its parent, without the name")
    func secretNames() throws {
        let patient: JSONValue = [
            "resourceType": "Patient", "active": true, "Odile Brassard, 1961": ["a": 1], "x\u{0}": 2,
        ]
        let report = StructureValidator().validate(patient)
        #expect(Example.errors(report) == ["Patient structure", "Patient structure"])
        #expect(!report.outcome.json.text().contains("Brassard"))
    }

    @Test("after the limit issues are counted only, and errors come before warnings")
    func limit() throws {
        let doubtful: JSONValue = .array(Array(repeating: ["text": " "], count: 30))
        var task = try Example.value("Task")
        task["note"] = doubtful
        let warned = StructureValidator(limits: .init(issues: 10)).validate(task)
        #expect(warned.isValid)
        #expect(warned.issues.count == 11)
        #expect(warned.issues.last?.severity == .warning)
        #expect(warned.issues.last?.diagnostics.contains("20 of severity warning") == true)

        task["output"] = .array(Array(repeating: ["type": ["text": "x"], "valueCode": " "], count: 4))
        task["status"] = "lost"
        let report = StructureValidator(limits: .init(issues: 10)).validate(task)
        #expect(!report.isValid)
        #expect(report.issues.filter { $0.severity == .error }.count == 5)
        #expect(report.issues.count == 11)
        #expect(report.issues.last?.diagnostics.contains("25 of severity warning") == true)
    }

    @Test("what lies deeper than the limit is reported and not read")
    func depth() {
        var item: JSONValue = ["linkId": "last", "colour": "red"]
        for number in 0..<40 { item = ["linkId": .string(String(number)), "item": [item]] }
        let response: JSONValue = ["resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]]
        let full = StructureValidator().validate(response)
        #expect(full.issues.map(\.code) == [.structure])
        let shallow = StructureValidator(limits: .init(depth: 20)).validate(response)
        #expect(shallow.issues.map(\.code) == [.tooLong])
        #expect(shallow.issues.first?.pointer.tokens.count == 40)
    }
}
