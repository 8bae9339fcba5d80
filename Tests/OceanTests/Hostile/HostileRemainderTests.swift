// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("What hostile bodies leave over")
struct HostileRemainderTests {
    @Test(
        "values without a field are listed up to the limit, and Ocean's own bytes travel whole",
        arguments: [HostileShape.manyMembers, .referralMembers])
    func limited(_ shape: HostileShape) throws {
        let body = shape.body(256 << 10)
        let message = try #require(Passage.received(body))
        let canonical = try Self.canonical(message)
        #expect(canonical.referral?.unmapped.count == Unmapped.limit)
        #expect(Array(canonical.original.body.utf8) == body)
    }

    @Test("a large value without a field comes back from normalised FHIR as it was")
    func large() throws {
        let list = JSONValue.array((0..<1_500).map { .object(["n": .number(JSONNumber($0))]) })
        let message = try #require(Passage.received(HostileShape.zeros.body(100)))
        var canonical = try Self.canonical(message)
        canonical.referral?.unmapped = [Unmapped(path: "/odd", value: list)]
        let bundle = try NormalisedFHIRWriter().write(message, canonical).body
        #expect(bundle.count < 3 * list.bytes().count + 8_192)
        let back = try NormalisedFHIRReader().read(
            JSONValue(parsing: bundle), bytes: bundle, mediaType: "application/fhir+json")
        #expect(back.canonical.referral?.unmapped == canonical.referral?.unmapped)
    }

    private static func canonical(_ message: Message) throws -> CanonicalMessage {
        var unknown: [JSONPointer] = []
        return try CanonicalMessage(json: JSONValue(parsing: message.body), at: .root, unknown: &unknown)
    }
}
