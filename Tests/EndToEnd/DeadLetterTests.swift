// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import OceanSandbox
import Testing

@Suite("Dead letters of a running bridge", .serialized, .timeLimit(.minutes(15)))
struct DeadLetterTests {
    private static let path = "/api/v1/dead-letters"

    private static func post(_ world: BridgeUnderTest, _ action: String, _ body: JSONValue) async throws -> JSONValue {
        let answer = try await HospitalSide.call(
            "POST", world.hospital.address + path + "/" + action, headers: [("Content-Type", "application/json")],
            body: body.bytes())
        guard answer.status == 200, let json = answer.json else {
            throw HospitalSide.Failure(description: "\(action): \(answer.status) \(answer.text)")
        }
        return json
    }

    @Test("a refused update is listed by its cause, sent again on request, and discarded", arguments: BusKind.allCases)
    func refused(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results], key: "*.*.refused")
            try await world.hospital.bind(
                "q.all", to: [BusNames.hospitalFHIR, BusNames.hospitalOcean, BusNames.hospitalCanonical])
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            let id = try await world.hospital.send(
                ReferralUpdate(referral: reference, site: BridgeUnderTest.otherSite, action: .accept))
            _ = try await world.hospital.receive(1, from: "q.results")

            let list = try #require(try await world.hospital.get(Self.path + "?letters=10").json)
            #expect(list["total"] == 1)
            let group = try #require(list["groups"]?[0])
            #expect(group["lane"] == "ocean.dead-letters")
            #expect(group["stage"] == "publisher")
            #expect(group["samples"] == [.string(id)])
            #expect(list["letters"]?[0]?["replay"]?["exchange"] == "ocean.updates")

            let shown = try await world.hospital.get(Self.path + "/" + id)
            #expect(shown.status == 200)
            #expect(shown.json?["letters"]?[0]?["headers"]?["x-stage"] == "publisher")
            #expect(shown.json?["letters"]?[0]?["body"] == nil)
            let unreasoned = try await world.hospital.get(Self.path + "/\(id)?body=true")
            #expect(unreasoned.status == 422)
            let opened = try await world.hospital.get(Self.path + "/\(id)?body=true&actor=ada&reason=asked")
            #expect(opened.json?["letters"]?[0]?["body"]?.stringValue?.contains(reference) == true)

            // Ocean says no again: a second result proves that the replay was not taken for a duplicate.
            let replayed = try await Self.post(
                world, "replay", ["ids": [.string(id)], "actor": "ada", "reason": "the clinic has the site again"])
            #expect(replayed["results"]?[0]?["result"] == "replayed")
            _ = try await world.hospital.receive(1, from: "q.results")

            let discarded = try await Self.post(
                world, "discard",
                ["lane": "ocean.dead-letters", "actor": "ada", "reason": "the referral belongs to another site"])
            #expect(discarded["results"]?[0]?["id"] == .string(id))
            #expect(discarded["results"]?[0]?["result"] == "discarded")
            let empty = try await world.hospital.get(Self.path)
            #expect(empty.json?["total"] == 0)
            let gone = try await world.hospital.get(Self.path + "/" + id)
            #expect(gone.status == 404)
        }
    }
}
