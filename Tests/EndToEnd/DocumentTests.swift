// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import JSON
import OceanSandbox
import Testing

private let quick = "documents: { pace: 10ms }"

@Suite("Documents on their way", .serialized, .timeLimit(.minutes(15)))
struct DocumentTests {
    private func notices(_ count: Int, _ world: BridgeUnderTest) async throws -> [HospitalSide.Received] {
        var output: [HospitalSide.Received] = []
        while output.count < count {
            output.append(
                try await world.hospital.receive(from: "q.canonical") { $0.message.type == .documentAvailable })
        }
        return output
    }

    private func fetch(_ notice: HospitalSide.Received, _ world: BridgeUnderTest) async throws -> HospitalSide.Answer {
        let path = try #require(notice.data["fetch"]?.stringValue)
        return try await world.hospital.get(path + "?actor=archive&reason=test")
    }

    @Test("letter and attachments are kept, told of once, and come back byte for byte", arguments: BusKind.allCases)
    func arrive(_ bus: BusKind) async throws {
        try await withBridge(on: bus, documents: quick) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            try await world.hospital.bind("q.fhir", to: [BusNames.hospitalFHIR], key: "*.*.document-available")
            let reference = try await world.ocean.send(.scans, to: BridgeUnderTest.listing0111)
            let told = try await notices(5, world)
            #expect(told.allSatisfy { $0.message.subject == reference })
            #expect(Set(told.map(\.message.id)).count == 5)
            #expect(told.filter { $0.data["document"]?["kind"] == "letter" }.count == 1)
            let types = Set(told.compactMap { $0.data["document"]?["contentType"]?.stringValue })
            #expect(types == ["application/pdf", "image/png", "image/tiff", "application/rtf"])
            for notice in told {
                let answer = try await fetch(notice, world)
                #expect(answer.status == 200)
                #expect(answer.body.count == notice.data["document"]?["size"]?.intValue)
                #expect(answer.headers["content-type"] == notice.data["document"]?["contentType"]?.stringValue)
                let url = try #require(notice.data["document"]?["url"]?.stringValue)
                let file = try Data(contentsOf: URL(filePath: String(url.dropFirst("file://".count))))
                #expect(Array(file) == answer.body)
            }
            let bundles = try await world.hospital.receive(5, from: "q.fhir")
            #expect(bundles.allSatisfy { $0.data["entry"]?[1]?["resource"]?["resourceType"] == "DocumentReference" })
            // A later change carries the same documents: nothing is fetched or told of again.
            var update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .accept)
            update.text = "Accepted."
            try await world.hospital.send(update)
            let next = try await world.hospital.receive(1, from: "q.canonical")
            #expect(next.first?.message.type != .documentAvailable)
            #expect(next.first?.message.attributes.echo == true)
        }
    }

    @Test(
        "what comes wrong is a dead letter with its reason; the referral itself has arrived",
        arguments: BusKind.allCases)
    func wrong(_ bus: BusKind) async throws {
        try await withBridge(on: bus, documents: quick) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            let cases: [(DocumentFault.Kind, Int, String)] = [
                (.errorPage, 100, "web-page"), (.redirect, 1, "redirected"), (.truncated, 100, "truncated"),
                (.cutOff, 100, "truncated"), (.notFound, 1, "not-found"), (.wrongContent, 100, "wrong-content"),
                (.foreignHost, 1, "foreign-host"),
            ]
            for (kind, times, reason) in cases {
                world.ocean.arm(documents: DocumentFault(kind, times: times))
                let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
                let referral = try await world.hospital.receive(1, from: "q.canonical")
                #expect(referral.first?.message.subject == reference)
                #expect(referral.first?.message.type == .referralReceived)
                let letter = try await world.hospital.receive(1, from: BusNames.deadLetters).first
                #expect(letter?.message.headers["x-reason"] == .string(reason), "\(kind)")
                #expect(letter?.message.headers["x-stage"] == .string("documents"))
                #expect(letter?.message.subject == reference)
                world.ocean.arm(documents: nil)
            }
        }
    }

    @Test("one that comes whole after a few bad tries is kept", arguments: BusKind.allCases)
    func recovers(_ bus: BusKind) async throws {
        try await withBridge(on: bus, documents: quick) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            world.ocean.arm(documents: DocumentFault(.cutOff, times: 2))
            try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            let notice = try #require(try await notices(1, world).first)
            #expect(try await fetch(notice, world).status == 200)
        }
    }

    @Test("a scanner that says no keeps a document from everybody")
    func scanned() async throws {
        let scan = "documents: { pace: 10ms, scan: { command: /bin/false } }"
        try await withBridge(on: .embedded, documents: scan) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            let letter = try await world.hospital.receive(1, from: BusNames.deadLetters).first
            #expect(letter?.message.headers["x-reason"] == .string("infected"))
            let only = try await world.hospital.receive(1, from: "q.canonical")
            #expect(only.first?.message.type == .referralReceived)
        }
    }

    @Test("a store that cannot be written: referrals go on, readiness says so, and documents come when it can")
    func unwritable() async throws {
        try await withTemporaryDirectory { directory in
            // A file where the store's directory belongs.
            let place = directory + "/documents"
            try Data([1]).write(to: URL(filePath: place))
            try await runBridge(directory: directory, bus: "embedded", documents: quick) { world in
                try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
                try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
                let referral = try await world.hospital.receive(1, from: "q.canonical")
                #expect(referral.first?.message.type == .referralReceived)
                let ready = try await world.hospital.get("/readyz")
                #expect(ready.text.contains("documents"), "\(ready.text)")
                try FileManager.default.removeItem(atPath: place)
                #expect(try await notices(1, world).count == 1)
                try await world.hospital.untilReady(withoutReasons: true)
            }
        }
    }
}
