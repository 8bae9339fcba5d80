// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON
import Testing

@Suite struct BundleRuleTests {
    private static let rules: [BrokenRule] = [
        BrokenRule("Bundle", "/total", 5, "Bundle.total invariant bdl-1"),
        BrokenRule("Bundle", "/entry/1/search", ["mode": "match"], "Bundle.entry[1].search invariant bdl-2"),
        BrokenRule(
            "Bundle", "/entry/1/request", ["method": "GET", "url": "a"], "Bundle.entry[1].request invariant bdl-3"),
        BrokenRule("Bundle", "/entry/1/response", ["status": "200"], "Bundle.entry[1].response invariant bdl-4"),
        BrokenRule("Bundle", "/entry/-", ["id": "x"], "Bundle.entry[5] invariant bdl-5"),
        BrokenRule("Bundle", "/entry/4/fullUrl", "urn:uuid:00000000-0000-4000-8000-000000000003", duplicate),
        BrokenRule(
            "Bundle", "/entry/4/fullUrl", "http://ocean.example/fhir/Binary/b1/_history/1",
            "Bundle.entry[4].fullUrl invariant bdl-8"),
        BrokenRule(
            "Bundle", "/entry/4/fullUrl", "http://ocean.example/fhir/Binary/b2", "Bundle.entry[4].fullUrl value"),
        BrokenRule("Bundle", "/entry/4/fullUrl", "Binary/b1", "Bundle.entry[4].fullUrl value"),
        BrokenRule(
            "Bundle", "/entry/0/resource/focus/0/reference", "urn:uuid:00000000-0000-4000-8000-00000000000f", focus),
        BrokenRule("Bundle", "/entry/0/resource/focus/0/reference", "ServiceRequest/other", focus),
        BrokenRule("Bundle", "/entry/0/resource/focus/0/reference", "http://example.org/ServiceRequest/1", focus),
        BrokenRule("Bundle", "/entry/0/resource/focus/0/type", "Task", "Bundle.entry[0].resource.focus[0].type value"),
        BrokenRule(
            "Bundle", "/entry/1/resource/subject/reference", "urn:uuid:00000000-0000-4000-8000-00000000000f",
            "Bundle.entry[1].resource.subject.reference not-found"),
        BrokenRule(
            "Bundle", "/entry/1/resource/subject/reference", "urn:uuid:00000000-0000-4000-8000-000000000004",
            "Bundle.entry[1].resource.subject.reference structure"),
        BrokenRule(
            "Bundle", "/entry/1/resource/subject/reference", "Organization/org-4",
            "Bundle.entry[1].resource.subject.reference structure"),
        BrokenRule(
            "Bundle", "/entry/1/resource/subject/reference", "patient 3",
            "Bundle.entry[1].resource.subject.reference value"),
        BrokenRule(
            "Bundle", "/entry/1/resource/subject/reference", "Persons/3",
            "Bundle.entry[1].resource.subject.reference value"),
        BrokenRule("ServiceRequest", "/subject/reference", "Task/3", "ServiceRequest.subject.reference structure"),
        BrokenRule(
            "ServiceRequest", "/subject/reference", "https://example.org/fhir/Task/3",
            "ServiceRequest.subject.reference structure"),
        BrokenRule("ServiceRequest", "/subject/reference", "#req", "ServiceRequest.subject.reference structure"),
        BrokenRule(
            "ServiceRequest", "/subject/reference", "#nobody", "ServiceRequest.subject.reference invariant ref-1"),
        BrokenRule("ServiceRequest", "/requester", nil, "ServiceRequest.contained[0] invariant dom-3"),
        BrokenRule(
            "ServiceRequest", "/contained/0/contained", [["resourceType": "Patient", "id": "x"]],
            "ServiceRequest.contained[0].contained invariant dom-2"),
        BrokenRule(
            "ServiceRequest", "/contained/0/meta", ["versionId": "1"],
            "ServiceRequest.contained[0].meta.versionId invariant dom-4"),
        BrokenRule(
            "ServiceRequest", "/contained/0/meta", ["lastUpdated": "2026-03-02T10:00:00Z"],
            "ServiceRequest.contained[0].meta.lastUpdated invariant dom-4"),
        BrokenRule(
            "ServiceRequest", "/contained/0/meta", ["security": [["code": "R"]]],
            "ServiceRequest.contained[0].meta.security invariant dom-5"),
    ]
    private static let duplicate = "Bundle.entry[4].fullUrl duplicate bdl-7"
    private static let focus = "Bundle.entry[0].resource.focus[0].reference not-found"

    @Test("what a bundle or a container asks of its parts is an error at the part", arguments: rules)
    func rule(_ rule: BrokenRule) throws {
        let broken = try Example.changed(Example.value(rule.example), rule.pointer, rule.value)
        let report = StructureValidator().validate(broken)
        #expect(Example.errors(report).contains(rule.error))
        let others = Example.errors(report).filter { $0 != rule.error }
        // What the same change breaks besides.
        #expect(others.allSatisfy { $0.hasSuffix("dom-3") || $0.contains("contained[0].contained") }, "\(others)")
    }

    @Test("a message starts with a MessageHeader, a document with a Composition, and both have what they must")
    func first() throws {
        var bundle = try Example.changed(Example.bundle(), "/entry/0", nil)
        #expect(Example.errors(StructureValidator().validate(bundle)) == ["Bundle.entry[0] invariant bdl-12"])
        bundle["entry"] = nil
        #expect(Example.errors(StructureValidator().validate(bundle)) == ["Bundle.entry invariant bdl-12"])
        bundle["type"] = "document"
        bundle["timestamp"] = nil
        #expect(
            Set(Example.errors(StructureValidator().validate(bundle))) == [
                "Bundle.entry invariant bdl-11", "Bundle.identifier invariant bdl-9",
                "Bundle.timestamp invariant bdl-10",
            ])
    }

    @Test("a transaction and its answer have a request and a response in every entry")
    func exchange() {
        let resource: JSONValue = ["resourceType": "Organization", "name": "Clinic"]
        for (type, part, rule) in [
            ("transaction", "request", "bdl-3"), ("batch", "request", "bdl-3"), ("batch-response", "response", "bdl-4"),
        ] {
            let bundle: JSONValue = [
                "resourceType": "Bundle", "type": .string(type), "entry": [["resource": resource]],
            ]
            #expect(
                Example.errors(StructureValidator().validate(bundle)) == [
                    "Bundle.entry[0].\(part) invariant \(rule)"
                ])
        }
    }

    @Test("one fullUrl may come twice with different versions")
    func versions() throws {
        let first = JSONValue.object([
            "resourceType": "Organization", "id": "o", "name": "a", "meta": ["versionId": "1"],
        ])
        let second = try Example.changed(first, "/meta/versionId", "2")
        let url = "http://example.org/Organization/o"
        let bundle: JSONValue = [
            "resourceType": "Bundle", "type": "collection",
            "entry": [["fullUrl": .string(url), "resource": first], ["fullUrl": .string(url), "resource": second]],
        ]
        #expect(StructureValidator().validate(bundle).issues == [])
        let same = try Example.changed(bundle, "/entry/1/resource/meta/versionId", "1")
        #expect(Example.errors(StructureValidator().validate(same)) == ["Bundle.entry[1].fullUrl duplicate bdl-7"])
    }

    @Test("a relative reference that no entry answers is a warning; without a bundle none is judged")
    func relative() throws {
        let bundle = try Example.changed(Example.bundle(), "/entry/1/resource/requester/reference", "Organization/none")
        let report = StructureValidator().validate(bundle)
        #expect(report.isValid)
        #expect(report.issues.map(\.expression) == ["Bundle.entry[1].resource.requester.reference"])
        #expect(report.issues.map(\.severity) == [.warning])
        #expect(
            StructureValidator().validate(try #require(bundle.value(at: JSONPointer("/entry/1/resource")))).issues == []
        )
    }

    @Test("a contained resource may refer to its container, or be meant by an address, or be in an unlisted resource")
    func contained() {
        let provenance: JSONValue = [
            "resourceType": "Provenance", "id": "x", "target": [["reference": "#"]],
            "recorded": "2026-03-02T10:00:00Z", "agent": [["who": ["display": "desk"]]],
        ]
        let patient: JSONValue = ["resourceType": "Patient", "contained": [provenance], "active": true]
        #expect(StructureValidator().validate(patient).issues == [])
        let response: JSONValue = [
            "resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "#q",
            "contained": [["resourceType": "Questionnaire", "id": "q", "status": "active"]],
        ]
        #expect(StructureValidator().validate(response).isValid)
        let plan: JSONValue = [
            "resourceType": "CarePlan", "status": "active", "subject": ["reference": "#p"],
            "contained": [["resourceType": "Patient", "id": "p", "active": true]],
        ]
        #expect(Example.errors(StructureValidator().validate(plan)) == [])
    }

    @Test("of a resource without a table what all have is judged, which is noted once")
    func unlisted() throws {
        let goal: JSONValue = [
            "resourceType": "Goal", "id": "not an id", "colour": "red", "target": [["due": [:]]], "note": [],
            "subject": ["reference": "urn:uuid:00000000-0000-4000-8000-00000000000f"],
            "extension": [["url": "http://example.org/a"]], "start": .null,
        ]
        let bundle = try Example.changed(
            Example.bundle(), "/entry/-",
            ["fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000009", "resource": goal])
        let twice = try Example.changed(
            bundle, "/entry/-",
            ["fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000008", "resource": ["resourceType": "Goal"]])
        let report = StructureValidator().validate(twice)
        #expect(
            Example.errors(report) == [
                "Bundle.entry[5].resource.id value", "Bundle.entry[5].resource.target[0].due invariant ele-1",
                "Bundle.entry[5].resource.note invariant ele-1", "Bundle.entry[5].resource.subject.reference not-found",
                "Bundle.entry[5].resource.extension[0] invariant ext-1",
                "Bundle.entry[5].resource.start invariant ele-1",
            ])
        #expect(report.issues.filter { $0.severity == .information }.map(\.expression) == ["Bundle.entry[5].resource"])
    }
}
