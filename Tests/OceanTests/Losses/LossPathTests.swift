// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Testing

@Suite struct LossPathTests {
    private static func paths(_ unmapped: [(String, JSONValue)], body: String = "{}") -> [String] {
        var canonical = CanonicalMessage()
        canonical.original.body = body
        var referral = Referral()
        referral.unmapped = unmapped.map { Unmapped(path: $0.0, value: $0.1) }
        canonical.referral = referral
        return LossPath.unmapped(in: canonical)
    }

    @Test("indices are left out, and the resource is named by its type")
    func types() {
        let body = #"{"entry":[{},{"resource":{"resourceType":"Patient"}}]}"#
        #expect(
            Self.paths(
                [
                    ("/entry/1/resource/contact/2/gender", "x"), ("/entry/1/resource/contact/3/gender", "y"),
                    ("/entry/7/resource", ["resourceType": "Consent"]), ("/entry/9/resource/a", 1),
                    ("/ptData/forms/0/odd", 1),
                ], body: body) == [
                    "Patient/contact/gender", "Consent", "entry/resource/a", "ptData/forms/odd",
                ])
    }

    @Test("an extension is named by the last part of its address")
    func extensions() {
        #expect(
            Self.paths([
                ("/entry/0/resource/extension/4", ["url": "https://guide.example/StructureDefinition/ext-new"]),
                ("/entry/0/resource/extension/5", ["url": "https://guide.example/Jo Person"]),
            ]) == ["entry/resource/extension(ext-new)", "entry/resource/extension"])
    }

    @Test("names that are no names of fields are not told")
    func names() {
        #expect(
            Self.paths([
                ("/people/Jo Person/age", 1), ("/people/4165550100", 1), ("/x/\(String(repeating: "a", count: 65))", 1),
            ])
                == ["people/?/age", "people", "x/?"])
    }

    @Test("a hostile message gives a bounded number of paths")
    func bounded() {
        #expect(Self.paths((0..<1_999).map { ("/field\($0)", 1) }).count == 200)
        #expect(Self.paths((0..<5_000).map { ("/field\($0)", 1) }).count == 201)
    }

    @Test("an ordinary referral loses nothing")
    func fixture() throws {
        let name = "ocean-fhir/0.11.1/add-service-request.json"
        let bytes = try Fixture.bytes(name)
        let message = try OceanFHIRReader().read(try JSONValue(parsing: bytes), bytes: bytes, mediaType: "a/b")
        #expect(LossPath.unmapped(in: message.canonical) == [])
    }

    @Test("a message that leaves over more than is listed says so")
    func full() {
        let value = (path: "/a", value: JSONValue.number(JSONNumber(1)))
        let listed = Array(repeating: (value.path, value.value), count: Unmapped.limit - 1)
        #expect(Self.paths(listed) == ["a"])
        #expect(Self.paths(listed + [(value.path, value.value)]) == ["a", "(more than 2000 values)"])
    }
}
