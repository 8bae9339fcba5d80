// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Synchronization
import Testing

@testable import Workers

@Suite("Consuming a partition", .timeLimit(.minutes(15)))
struct PartitionConsumerTests {
    static let queue = "ocean.inbound.0"

    /// Lets a test decide when handlers end.
    final class Gate: Sendable {
        private let state = Mutex<(open: Set<String>, waiters: [String: CheckedContinuation<Void, Never>])>(([], [:]))

        func pass(_ id: String) async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if state.open.contains(id) { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOpen { continuation.resume() }
            }
        }

        func open(_ id: String) {
            let waiter = state.withLock { state in
                state.open.insert(id)
                return state.waiters.removeValue(forKey: id)
            }
            waiter?.resume()
        }
    }

    private func consumer(
        _ bus: ScriptedBus, concurrency: Int = 8, drain: Duration = .seconds(20),
        resume: @escaping @Sendable (StopSignal) async -> Void = { _ in }, _ handler: @escaping DeliveryHandler
    ) -> PartitionConsumer {
        var settings = PartitionConsumer.Settings(queues: [Self.queue])
        settings.concurrency = concurrency
        settings.drain = drain
        return PartitionConsumer(
            bus: bus, settings: settings, logger: quiet, sleep: instantly(ManualClock()), resume: resume,
            handler: handler)
    }

    @Test("per referral one at a time in order, referrals side by side, acknowledged when handled")
    func order() async throws {
        let bus = ScriptedBus()
        let gate = Gate()
        for id in ["a1", "a2", "b1"] { bus.feed(Inbound.message(id, ref: String(id.prefix(1))), queue: Self.queue) }
        let consumer = consumer(bus) { delivery, _, _ in
            bus.journal.write("start \(delivery.message.id)")
            await gate.pass(delivery.message.id)
            return .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait { $0.contains("start a1") && $0.contains("start b1") }
        gate.open("b1")
        await bus.journal.wait(for: "ack b1")
        #expect(!bus.journal.lines.contains("start a2"))
        #expect(!bus.journal.lines.contains("ack a1"))
        gate.open("a1")
        gate.open("a2")
        await bus.journal.wait(for: "ack a2")
        let lines = bus.journal.lines
        let (acked, started) = (lines.firstIndex(of: "ack a1"), lines.firstIndex(of: "start a2"))
        #expect(try #require(acked) < #require(started))
        consumer.stop()
        try await run.value
    }

    @Test("a random load is handled completely, in order per referral", arguments: 0..<5)
    func load(_ seed: Int) async throws {
        let bus = ScriptedBus()
        let handled = Mutex<[String: [Int]]>([:])
        let total = 300
        for number in 0..<total {
            let ref = "r\((number * 7919 + seed * 31) % 13)"
            bus.feed(Inbound.message("\(number)", ref: ref), queue: Self.queue)
        }
        let consumer = consumer(bus, concurrency: 4) { delivery, _, _ in
            for _ in 0..<((Int(delivery.message.id) ?? 0) % 5) { await Task.yield() }
            handled.withLock { $0[delivery.message.subject ?? "", default: []].append(Int(delivery.message.id) ?? -1) }
            return .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait { lines in lines.count { $0.hasPrefix("ack ") } == total }
        consumer.stop()
        try await run.value
        let all = handled.withLock { $0 }
        #expect(all.values.allSatisfy { $0 == $0.sorted() })
        #expect(all.values.map(\.count).reduce(0, +) == total)
    }

    @Test("stop lets running handlers end, starts nothing more, then gives the queue up with the rest in order")
    func stop() async throws {
        let bus = ScriptedBus()
        let gate = Gate()
        for id in ["a1", "a2", "b1", "b2"] {
            bus.feed(Inbound.message(id, ref: String(id.prefix(1))), queue: Self.queue)
        }
        let consumer = consumer(bus) { delivery, stop, _ in
            bus.journal.write("start \(delivery.message.id)")
            await stop.wait()
            bus.journal.write("told \(delivery.message.id)")
            await gate.pass(delivery.message.id)
            return .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait { $0.contains("start a1") && $0.contains("start b1") }
        consumer.stop()
        await bus.journal.wait { $0.contains("told a1") && $0.contains("told b1") }
        gate.open("a1")
        gate.open("b1")
        try await run.value
        let lines = bus.journal.lines
        #expect(lines.last == "cancelled \(Self.queue)")
        #expect(lines.contains("ack a1") && lines.contains("ack b1"))
        #expect(!lines.contains("start a2") && !lines.contains("start b2"))
        #expect(!lines.contains { $0.hasPrefix("nack") })
        #expect(bus.remaining(in: Self.queue) == ["a2", "b2"])
    }

    @Test("a handler that does not end within the deadline is cancelled, and its delivery goes back")
    func drain() async throws {
        let bus = ScriptedBus()
        bus.feed(Inbound.message("a1", ref: "a"), queue: Self.queue)
        let consumer = consumer(bus, drain: .milliseconds(50)) { _, _, _ in
            bus.journal.write("start")
            try? await Task.sleep(for: .seconds(60))
            return .abandoned
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait(for: "start")
        consumer.stop()
        try await run.value
        #expect(bus.remaining(in: Self.queue) == ["a1"])
    }

    @Test("cancelling the task ends the run; what was not handled goes back")
    func cancellation() async throws {
        let bus = ScriptedBus()
        bus.feed(Inbound.message("a1", ref: "a"), queue: Self.queue)
        let consumer = consumer(bus) { _, _, _ in
            bus.journal.write("start")
            try? await Task.sleep(for: .seconds(60))
            return .abandoned
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait(for: "start")
        run.cancel()
        try await run.value
        #expect(bus.remaining(in: Self.queue) == ["a1"])
    }

    @Test("a handler that gives up returns the partition; after the wait all comes again in order")
    func givingUp() async throws {
        let bus = ScriptedBus()
        let tries = Counted()
        for id in ["a1", "a2", "a3"] { bus.feed(Inbound.message(id, ref: "a"), queue: Self.queue) }
        let handled = Mutex<[String]>([])
        let consumer = consumer(bus, resume: { _ in bus.journal.write("resume") }) { delivery, _, _ in
            if tries.next() == 1 { return .giveUp }
            handled.withLock { $0.append(delivery.message.id) }
            return .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait(for: "ack a3")
        consumer.stop()
        try await run.value
        #expect(handled.withLock { $0 } == ["a1", "a2", "a3"])
        let lines = bus.journal.lines
        #expect(
            lines.prefix(4) == [
                "subscribed \(Self.queue)", "cancelled \(Self.queue)", "resume", "subscribed \(Self.queue)",
            ])
    }

    @Test("a bus that is away at the start is tried again; a missing queue ends the run")
    func subscribing() async throws {
        let late = ScriptedBus(subscribing: { $0 < 3 ? BusError(.unavailable, "down") : nil })
        let consumer = consumer(late) { _, _, _ in .done }
        let run = Task { try await consumer.run() }
        await late.journal.wait(for: "subscribed \(Self.queue)")
        consumer.stop()
        try await run.value

        let missing = ScriptedBus(subscribing: { _ in BusError(.notFound, "no such queue") })
        let error = await #expect(throws: BusError.self) {
            try await self.consumer(missing) { _, _, _ in .done }.run()
        }
        #expect(error?.code == .notFound)
    }

    @Test("the run ends with the bus")
    func busEnds() async throws {
        let bus = ScriptedBus()
        let consumer = consumer(bus) { _, _, _ in .done }
        let run = Task { try await consumer.run() }
        await bus.journal.wait(for: "subscribed \(Self.queue)")
        await bus.shutdown()
        try await run.value
    }

    @Test("the routing key chooses the lane, a direct publish its subject")
    func lanes() {
        func lane(_ routingKey: String, subject: String?) -> String {
            var message = Inbound.message("m")
            message.subject = subject
            return PartitionConsumer.lane(
                of: Delivery(
                    message: message, queue: "q", routingKey: routingKey, redelivered: false,
                    settle: { (_) async throws(BusError) in }))
        }
        #expect(lane("r", subject: "s") == "r")
        #expect(lane("", subject: "s") == "s")
        #expect(lane("q", subject: "s") == "s")
        #expect(lane("", subject: nil) == "m")
    }
}
