// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON
import Testing

private func makeBundle(_ entries: JSONValue...) throws -> FHIRBundle {
    try #require(FHIRBundle(["resourceType": "Bundle", "entry": .array(entries)]))
}

@Suite struct FHIRBundleTests {
    private static let uuid = "5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10"

    @Test(
        "a resource is found by every spelling of its reference",
        arguments: [
            "urn:uuid:\(uuid)", "URN:UUID:\(uuid.uppercased())", uuid, "Patient/\(uuid)",
            "https://test.cognisantmd.com/svc/fhir/v1/Patient/\(uuid)", "Patient/\(uuid)/_history/3",
        ])
    func spellings(_ reference: String) throws {
        let bundle = try makeBundle(
            ["fullUrl": .string("urn:uuid:\(Self.uuid)"), "resource": ["resourceType": "Patient"]],
            ["resource": ["resourceType": "Patient", "id": "other"]])
        #expect(bundle.resolve(["reference": .string(reference)])?.position == 0)
    }

    @Test("relative references lead to resource.id of the right type")
    func relative() throws {
        let bundle = try makeBundle(
            ["resource": ["resourceType": "Patient", "id": "1"]], ["resource": ["resourceType": "Location", "id": "1"]])
        #expect(bundle.resolve(["reference": "Location/1"])?.position == 1)
        #expect(bundle.resolve(["reference": "1"])?.position == 0)
        #expect(bundle.resolve(["reference": "Practitioner/1"]) == nil)
    }

    @Test("dangling, contained, empty and circular references end quietly")
    func dangling() throws {
        let bundle = try makeBundle(
            ["resource": ["resourceType": "Task", "id": "a", "basedOn": [["reference": "Task/b"]]]],
            ["resource": ["resourceType": "Task", "id": "b", "basedOn": [["reference": "Task/a"]]]])
        #expect(bundle.resolve(["reference": "Organization/cognisant-md"]) == nil)
        #expect(bundle.resolve(["reference": "#a"]) == nil)
        #expect(bundle.resolve(["reference": ""]) == nil)
        #expect(bundle.resolve(["reference": 3]) == nil)
        #expect(bundle.resolve(nil) == nil)
        #expect(bundle.resolve(["reference": "Task/b"])?.id == "b")
    }

    @Test("an identifier alone is compared by the last part of its system and its value, and the type decides")
    func identifiers() throws {
        let value: JSONValue = ["system": "https://a.example/NamingSystem/id-ereferral-reference", "value": "r1"]
        let bundle = try makeBundle(
            ["resource": ["resourceType": "DocumentReference", "identifier": [value]]],
            ["resource": ["resourceType": "ServiceRequest", "identifier": [value]]])
        let reference: JSONValue = ["identifier": ["system": "id-ereferral-reference", "value": "r1"]]
        #expect(bundle.resolve(reference, types: ["ServiceRequest"])?.position == 1)
        #expect(bundle.resolve(reference)?.position == 0)
        #expect(bundle.resolve(["identifier": ["system": "id-site-number", "value": "r1"]]) == nil)
    }

    @Test("entries without a resource are left out and the others keep their positions")
    func positions() throws {
        let bundle = try makeBundle("text", [:], ["resource": ["resourceType": "Patient"]], 4)
        #expect(bundle.entries.map(\.position) == [2])
    }

    @Test("only a Bundle is a bundle")
    func notABundle() {
        #expect(FHIRBundle(["resourceType": "Patient"]) == nil)
        #expect(FHIRBundle([1, 2]) == nil)
    }

    @Test("a profile's version is split at the bar, percent-encoded or not", arguments: ["|", "%7C", "%7c"])
    func profiles(_ bar: String) {
        let profile = ProfileReference("http://a.example/P\(bar)1.0.0")
        #expect(profile.url == "http://a.example/P")
        #expect(profile.version == "1.0.0")
    }

    @Test("a hundred thousand entries are indexed and looked up in time that grows with their number")
    func large() throws {
        let entries: [JSONValue] = (0..<100_000).map {
            ["fullUrl": .string("urn:x:\($0)"), "resource": ["resourceType": "Basic", "id": .string("\($0)")]]
        }
        let bundle = try #require(FHIRBundle(["resourceType": "Bundle", "entry": .array(entries)]))
        #expect(bundle.resolve(["reference": "Basic/99999"])?.position == 99_999)
    }
}

@Suite struct ElementTests {
    @Test("an extension's value is found by address or by the end of it")
    func extensions() {
        let element: JSONValue = ["extension": [["url": "http://a/x-flag", "valueBoolean": false]]]
        #expect(element.extensionValue("http://a/x-flag") == .bool(false))
        #expect(element.extensionValue(suffix: "/x-flag") == .bool(false))
        #expect(element.extensionValue("http://a/y") == nil)
    }

    @Test("the builder leaves out what FHIR forbids and keeps the order and the trail")
    func builder() {
        var child = ElementBuilder()
        child.put("code", "a", from: "/c")
        var element = ElementBuilder(resourceType: "Basic", id: "1")
        element.put("empty", "", from: "/e")
        element.put("none", .array([]))
        element.append("list", [ElementBuilder(), child])
        element.put("given", ["", "Ann"], from: "/g")
        #expect(element.json.text() == #"{"resourceType":"Basic","id":"1","list":[{"code":"a"}],"given":["Ann"]}"#)
        #expect(element.trail.map(\.source) == ["/c", "/g/1"])
        #expect(element.trail.map(\.target) == ["/list/0/code", "/given/0"])
    }

    @Test("an outcome says where and what, and one without issues says that all is well")
    func outcome() {
        let outcome = OperationOutcome([
            .init(.error, code: "required", expression: ["Bundle.entry[0]"], diagnostics: "is missing")
        ])
        #expect(!outcome.isSuccess)
        #expect(
            outcome.json.text()
                == #"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"required","diagnostics":"is missing","expression":["Bundle.entry[0]"]}]}"#
        )
        #expect(OperationOutcome().isSuccess)
        #expect(OperationOutcome().json["issue"]?[0]?["code"] == "informational")
    }

    @Test(
        "dates and instants are told from what is none",
        arguments: [
            ("2024", true, false), ("2024-06", true, false), ("2024-06-24", true, false),
            ("2024-06-24T09:31:07.412-04:00", false, true), ("2024-06-24T09:31:07Z", false, true),
            ("2024-13-01", false, false), ("2024-06-24T09:31", false, false), ("24/06/2024", false, false),
            ("2024-06T10:00:00Z", false, false), ("", false, false),
        ])
    func dates(_ text: String, _ isDate: Bool, _ isInstant: Bool) {
        #expect(Primitive.isDate(text) == isDate)
        #expect(Primitive.isInstant(text) == isInstant)
        #expect(Primitive.isDateTime(text) == (isDate || isInstant))
    }

    @Test("codes, ids, addresses and base64 have their forms")
    func primitives() {
        #expect(Primitive.isCode("in-progress") && Primitive.isCode("a b") && !Primitive.isCode(" a"))
        #expect(Primitive.isID("referral-1.x") && !Primitive.isID("a_b") && !Primitive.isID(""))
        #expect(Primitive.isURI("urn:x") && !Primitive.isURI("a b"))
        #expect(
            Primitive.isBase64("QUJD") && Primitive.isBase64("QQ==") && !Primitive.isBase64("QUJ")
                && !Primitive.isBase64("é"))
    }
}
