// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Testing

@testable import Workers

@Suite("Side lanes that take nothing", .timeLimit(.minutes(15)))
struct SideLaneTests {
    private static func closing(
        _ queue: String, _ code: BusError.Code, while isClosed: Flag
    ) -> ScriptedBus.Script {
        { _, destination, _ in
            guard isClosed.value, case .queue(queue) = destination else { return nil }
            return BusError(code, "the side lane")
        }
    }

    @Test(
        "a dead-letter queue that is gone or full parks the refused update after three attempts, with one alarm",
        arguments: [BusError.Code.unroutable, .refused, .notFound])
    func deadLetters(_ code: BusError.Code) async throws {
        let (lines, logger) = lines()
        let isClosed = Flag(true)
        let bench = PublisherBench(
            publishing: Self.closing("ocean.dead-letters", code, while: isClosed), logger: logger
        ) { _, _ in ScriptedOcean.refused(400) }
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(await bench.handle(Update.message("x1", ref: "ref-2")) == .done)
        #expect(await bench.handle(Update.message("u2")) == .done)
        #expect(bench.journal.lines.count { $0 == "publish failed u1" } == 3)
        #expect(Set(bench.parked) == ["u1", "x1", "u2"])
        #expect(bench.store.parked.first?.reason == "side-lane-\(code.rawValue)")
        #expect(lines.all.count { $0.hasPrefix("a side lane takes no messages") } == 1)
        // Still closed: no loop, one attempt a round.
        await attend(bench.attendant, bench.journal) { $0.count { $0 == "postpone" } >= 4 }
        #expect(lines.all.count { $0.hasPrefix("a side lane takes no messages") } == 1)
        isClosed.value = false
        await attend(bench.attendant, bench.journal) { $0.count { $0 == "unpark" } == 3 }
        #expect(bench.parked.isEmpty)
        #expect(Set(bench.bus.published(to: "ocean.dead-letters").map(\.id)) == ["u1", "x1", "u2"])
        #expect(try bench.results().count { $0.outcome == .refused } == 3)
        #expect(lines.all.count { $0 == "the side lane takes messages again" } == 1)
    }

    @Test(
        "a broker that is away as a whole parks nothing",
        arguments: [BusError.Code.unavailable, .blocked, .unknownOutcome, .closed])
    func brokerAway(_ code: BusError.Code) async throws {
        let bench = PublisherBench(
            publishing: { _, _, number in number <= 20 ? BusError(code, "away") : nil },
            ocean: { _, _ in ScriptedOcean.refused(400) })
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(!bench.journal.lines.contains("park"))
        #expect(bench.bus.published(to: "ocean.dead-letters").count == 1)
    }

    @Test("an invalid lane that is gone parks the message that needs it, and no other referral")
    func invalidLane() async {
        let isClosed = Flag(true)
        let bench = TranslatorBench(
            targets: [.canonical], publishing: Self.closing("ocean.invalid", .unroutable, while: isClosed))
        var broken = Inbound.message("m1")
        broken.body = Array("nonsense".utf8)
        #expect(await bench.handle(broken) == .done)
        #expect(await bench.handle(Inbound.message("m2", Inbound.canonical(ref: "ref-2"), ref: "ref-2")) == .done)
        #expect(bench.parked == ["m1"])
        #expect(bench.bus.published.map(\.message.id) == ["m2-canonical"])
        isClosed.value = false
        await attend(bench.attendant, bench.journal) { $0.contains("unpark") }
        #expect(bench.bus.published(to: "ocean.invalid").map(\.body) == [broken.body])
    }

    @Test("an unrouted lane that is gone parks too")
    func unroutedLane() async {
        let isClosed = Flag(true)
        let bench = TranslatorBench(
            targets: [.canonical],
            publishing: { _, destination, _ in
                switch destination {
                case .exchange: BusError(.unroutable, "nobody is bound")
                case .queue: isClosed.value ? BusError(.notFound, "no such queue") : nil
                }
            })
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.parked == ["m1"])
        #expect(bench.store.leasedKeys.isEmpty)
        isClosed.value = false
        await attend(bench.attendant, bench.journal) { $0.contains("unpark") }
        #expect(bench.bus.published(to: "ocean.unrouted").map(\.id) == ["m1-canonical"])
        #expect(bench.store.doneKeys.count == 1)
    }
}
