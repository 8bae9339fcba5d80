// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import Foundation
import Testing

@testable import Spool

@Suite("The spooling bus", .timeLimit(.minutes(15)))
struct SpoolingBusTests {
    @Test("with the bus up a message goes straight there, and nothing is stored")
    func straight() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                try await spool.publish(sample("m"), to: inbound())
                #expect(primary.confirmed == [.init(message: sample("m"), destination: inbound())])
                #expect(spool.status.messages == 0 && spool.status.isPrimaryUp)
            }
        }
    }

    @Test(
        "what the bus does not confirm is accepted, and delivered under the same id once it does",
        arguments: [
            BusError.Code.unavailable, .blocked, .unknownOutcome, .unroutable, .refused, .notFound, .closed,
            .accessRefused,
        ])
    func recovers(_ code: BusError.Code) async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(code))
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                try await spool.publish(sample("a"), to: inbound())
                try await spool.publish(sample("b", referral: "ref-2"), to: inbound("ref-2"))
                #expect(spool.status.messages == 2)
                primary.set(.confirms)
                await primary.waitFor(2)
                try await waitUntilDrained(spool)
                #expect(Set(primary.ids) == ["a", "b"])
                try await spool.publish(sample("c"), to: inbound())
                #expect(primary.ids.last == "c")
            }
        }
    }

    @Test("what no hospital system has bound a queue for is said so, not stored: waiting would change nothing")
    func unboundNow() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unroutable))
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                let open = Destination.exchange(BusNames.hospitalCanonical, routingKey: "1.2.launch-requested")
                let error = await #expect(throws: BusError.self) { try await spool.publish(sample("m"), to: open) }
                #expect(error?.code == .unroutable)
                #expect(spool.status.messages == 0 && spool.status.isPrimaryUp)
            }
        }
    }

    @Test(
        "what was stored for a hospital exchange to which nobody has bound goes to the unrouted lane, and the spool empties"
    )
    func unboundLater() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary(unbound: [BusNames.hospitalCanonical])
            primary.set(.fails(.unavailable))
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                let open = Destination.exchange(BusNames.hospitalCanonical, routingKey: "1.2.launch-requested")
                try await spool.publish(sample("m"), to: open)
                #expect(spool.status.messages == 1)
                primary.set(.confirms)
                await primary.waitFor(1)
                try await waitUntilDrained(spool)
                let kept = try #require(primary.confirmed.first)
                #expect(kept.destination == .queue(BusNames.unrouted))
                #expect(kept.message.id == "m")
                #expect(kept.message.headers["x-exchange"] == .string("hospital.canonical"))
                #expect(kept.message.headers["x-stage"] == .string("spool"))
            }
        }
    }

    @Test("what is too large for the bus is refused, with the bus up or away")
    func tooLarge() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                for mood in [ScriptedPrimary.Mood.confirms, .fails(.unavailable)] {
                    primary.set(mood)
                    let huge = sample("m", body: [UInt8](repeating: 0x20, count: (16 << 20) + 1))
                    let error = await #expect(throws: BusError.self) { try await spool.publish(huge, to: inbound()) }
                    #expect(error?.code == .tooLarge)
                    let long = await #expect(throws: BusError.self) {
                        try await spool.publish(sample("m"), to: inbound(String(repeating: "x", count: 256)))
                    }
                    #expect(long?.code == .tooLarge)
                }
                #expect(spool.status.messages == 0)
            }
        }
    }

    @Test("while the bus is away no publish waits for it")
    func noWaiting() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.hangs)
            try await withSpool(directory + "/spool.sqlite", primary: primary, drains: false) { spool in
                try await spool.publish(sample("first"), to: inbound())
                #expect(!spool.status.isPrimaryUp)
                for number in 0..<50 {
                    try await spool.publish(sample("m\(number)", referral: "r\(number)"), to: inbound("r\(number)"))
                }
                #expect(primary.tries == 1)
                #expect(spool.status.messages == 51)
                primary.set(.confirms)
            }
        }
    }

    @Test("a lane stays behind its stored messages though the bus is back; others go straight")
    func behind() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            try await withSpool(directory + "/spool.sqlite", primary: primary, drains: false) { spool in
                primary.set(.fails(.refused))
                try await spool.publish(sample("a1"), to: inbound())
                primary.set(.confirms)
                try await spool.publish(sample("a2"), to: inbound())
                try await spool.publish(sample("b1", referral: "ref-2"), to: inbound("ref-2"))
                #expect(primary.ids == ["b1"])
                #expect(spool.status.messages == 2)
            }
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                // The lanes of an earlier process's messages are not known yet: everything queues behind them.
                try await spool.publish(sample("a3"), to: inbound())
                await primary.waitFor(4)
                #expect(primary.ids(of: "ref-1") == ["a1", "a2", "a3"])
            }
        }
    }

    @Test("concurrent publishes of one lane keep their order when the first ends unknown")
    func serial() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.hangs)
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await spool.publish(sample("1"), to: inbound()) }
                    await primary.waitForTries(1)
                    for number in 2...5 {
                        // One after the other into the line behind the first.
                        group.addTask { try await spool.publish(sample("\(number)"), to: inbound()) }
                        while spool.waiting(in: SpoolLane(of: sample("1"), to: inbound())) < number - 1 {
                            await Task.yield()
                        }
                    }
                    try await group.waitForAll()
                }
                primary.set(.confirms)
                await primary.waitFor(5)
                try await waitUntilDrained(spool)
                let order = primary.ids(of: "ref-1")
                #expect(Self.firsts(order) == ["1", "2", "3", "4", "5"])
            }
        }
    }

    /// The first occurrence of each id.
    static func firsts(_ ids: [String]) -> [String] {
        var seen: Set<String> = []
        return ids.filter { seen.insert($0).inserted }
    }

    @Test("every referral keeps its order and loses nothing while the bus comes and goes", arguments: 0..<4)
    func comesAndGoes(_ seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for lane in 0..<8 {
                        group.addTask {
                            for number in 0..<40 {
                                let message = sample("\(lane)-\(number)", referral: "r\(lane)")
                                try await spool.publish(message, to: inbound("r\(lane)"))
                                if number % 5 == 0 { try await Task.sleep(for: .milliseconds(20)) }
                            }
                        }
                    }
                    group.addTask {
                        var random = SeededGenerator(seed: seed)
                        let moods: [ScriptedPrimary.Mood] = [
                            .fails(.unavailable), .takesAndLosesConfirm, .hangs, .fails(.refused), .confirms,
                            .fails(.unroutable), .fails(.blocked),
                        ]
                        for _ in 0..<12 {
                            primary.set(moods.randomElement(using: &random) ?? .confirms)
                            try await Task.sleep(for: .milliseconds(Int.random(in: 10...250, using: &random)))
                        }
                        primary.set(.confirms)
                    }
                    try await group.waitForAll()
                }
                await primary.waitFor(320)
                try await waitUntilDrained(spool)
                for lane in 0..<8 {
                    #expect(Self.firsts(primary.ids(of: "r\(lane)")) == (0..<40).map { "\(lane)-\($0)" })
                }
            }
        }
    }

    @Test("nothing is changed on the way through the spool")
    func unchanged() async throws {
        try await withTemporaryDirectory { directory in
            let primary = ScriptedPrimary()
            primary.set(.fails(.unavailable))
            var message = sample("m", body: (0...255).map { UInt8($0) })
            message.headers = ["x-a": .integer(-1), "test": .string("x"), "x-b": .bool(false)]
            message.trace = .root()
            message.attributes.late = true
            let expected = message
            try await withSpool(directory + "/spool.sqlite", primary: primary) { spool in
                try await spool.publish(expected, to: .queue(BusNames.invalid))
                primary.set(.confirms)
                await primary.waitFor(1)
                #expect(primary.confirmed == [.init(message: expected, destination: .queue(BusNames.invalid))])
            }
        }
    }
}
