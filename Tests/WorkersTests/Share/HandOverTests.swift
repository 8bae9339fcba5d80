// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Logging
import Synchronization
import Testing

@testable import Workers

@Suite("Handing a partition over", .timeLimit(.minutes(15)))
struct HandOverTests {
    static let queues = (0..<2).map { BusNames.partition(BusNames.inbound, $0) }

    private func consumer(
        _ bus: ScriptedBus, _ timer: ManualTimer, holdLimit: Duration? = nil, shares: Bool = false,
        logger: Logger = quiet, _ handler: @escaping DeliveryHandler
    ) -> PartitionConsumer {
        var settings = PartitionConsumer.Settings(exchange: BusNames.inbound, partitions: 2)
        settings.holdLimit = holdLimit
        if shares { settings.share = ShareSettings(exchange: BusNames.inbound) }
        return PartitionConsumer(
            bus: bus, settings: settings, backoff: Backoff { _, _ in .zero }, logger: logger,
            sleep: instantly(ManualClock()), timer: timer.sleep, handler: handler)
    }

    @Test("the hold watch tells when the oldest was held for the limit, however the looks fall")
    func watch() {
        var watch = HoldWatch(limit: .seconds(10))
        #expect(watch.interval == .seconds(1))
        #expect(HoldWatch(limit: .seconds(600)).interval == .seconds(30))
        var due: [Int] = []
        for look in 0..<40 {
            if look == 3 { watch.received(1) }
            if look == 9 { watch.received(2) }
            if look == 12 { watch.settled(1) }
            if watch.look() { due.append(look) }
        }
        // Received before look 9: ten whole seconds have passed at look 19.
        #expect(due.first == 19)
    }

    @Test("a delivery held too long: what runs ends, the partition is left and taken again, in order")
    func holdLimit() async throws {
        let bus = ScriptedBus()
        let timer = ManualTimer()
        let queue = Self.queues[0]
        for id in ["a1", "a2", "b1", "a3"] { bus.feed(Inbound.message(id, ref: String(id.prefix(1))), queue: queue) }
        let isStuck = Mutex(true)
        let handled = Mutex<[String]>([])
        let consumer = consumer(bus, timer, holdLimit: .seconds(5)) { delivery, stop, _ in
            let id = delivery.message.id
            bus.journal.write("start \(id)")
            if id == "a1", isStuck.withLock({ $0 }) {
                // A retry in place, which the stop signal ends.
                await stop.wait()
                isStuck.withLock { $0 = false }
                return .abandoned
            }
            handled.withLock { $0.append(id) }
            return .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait(for: "ack b1")
        await timer.fire { bus.journal.lines.contains("cancelled \(queue)") }
        await bus.journal.wait(for: "ack a3")
        consumer.stop()
        try await run.value
        #expect(handled.withLock { $0 } == ["b1", "a1", "a2", "a3"])
        #expect(bus.remaining(in: queue).isEmpty)
        let lines = bus.journal.lines.filter { $0.hasSuffix(queue) }
        #expect(
            lines == [
                "subscribed \(queue)", "cancelled \(queue)", "subscribed \(queue)", "cancelled \(queue)",
            ])
        #expect(!bus.journal.lines.contains { $0.hasPrefix("nack") })
    }

    @Test("with more than its share a worker gives one up: what runs is acknowledged, the rest comes again in order")
    func share() async throws {
        let workers = BusNames.workers(of: BusNames.inbound)
        #expect(workers == "ocean.workers.inbound")
        let bus = ScriptedBus(depth: { queue throws(BusError) in
            queue == workers ? QueueDepth(ready: 0, unsettled: 0, consumers: 2) : nil
        })
        let timer = ManualTimer()
        for queue in Self.queues {
            for id in ["a1", "a2", "a3"] { bus.feed(Inbound.message("\(queue) \(id)", ref: queue), queue: queue) }
        }
        let handled = Mutex<[String]>([])
        let consumer = consumer(bus, timer, shares: true) { delivery, stop, _ in
            let id = delivery.message.id
            bus.journal.write("start \(id)")
            // The first of each partition runs until its partition is given up, and is finished then.
            if id.hasSuffix("a1"), !delivery.redelivered { await stop.wait() }
            handled.withLock { $0.append(id) }
            return .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait { lines in Self.queues.allSatisfy { lines.contains("start \($0) a1") } }
        await timer.fire { bus.journal.lines.contains { $0.hasPrefix("cancelled ocean.inbound") } }
        let given = try #require(bus.journal.lines.first { $0.hasPrefix("cancelled ocean.inbound") })
        let queue = String(given.dropFirst("cancelled ".count))
        // Subscribed again, at the end of the line, where it serves on since nobody else does.
        await bus.journal.wait(for: "ack \(queue) a3")
        consumer.stop()
        try await run.value
        #expect(handled.withLock { $0 }.filter { $0.hasPrefix(queue) } == ["a1", "a2", "a3"].map { "\(queue) \($0)" })
        let lines = bus.journal.lines
        let acked = try #require(lines.firstIndex(of: "ack \(queue) a1"))
        #expect(acked < (try #require(lines.firstIndex(of: given))))
        #expect(lines.first { $0.hasSuffix(workers) } == "subscribed \(workers)")
        #expect(lines.last { $0.hasSuffix(workers) } == "cancelled \(workers)")
        #expect(bus.remaining(in: queue).isEmpty)
    }

    @Test("without a worker queue, or a broker that tells, nothing changes hands; one line at each change")
    func doubt() async throws {
        let lines = OceanDownTests.Lines.Counts()
        let asked = Counted()
        let bus = ScriptedBus(depth: { _ throws(BusError) in
            switch asked.next() {
            case ...3: return nil
            case ...6: throw BusError(.unavailable, "down")
            default: return QueueDepth(ready: 0, unsettled: 0, consumers: 1)
            }
        })
        let timer = ManualTimer()
        for queue in Self.queues { bus.feed(Inbound.message(queue, ref: queue), queue: queue) }
        var logger = Logger(label: "lines", factory: { _ in OceanDownTests.Lines(kept: lines) })
        logger.logLevel = .info
        let consumer = consumer(bus, timer, shares: true, logger: logger) { _, _, _ in .done }
        let run = Task { try await consumer.run() }
        await bus.journal.wait { lines in Self.queues.allSatisfy { lines.contains("ack \($0)") } }
        await timer.fire { asked.value >= 9 }
        consumer.stop()
        try await run.value
        #expect(
            lines.all == [
                "live workers cannot be counted; partitions stay where they are",
                "number of live workers changed",
            ])
        #expect(bus.journal.lines.filter { $0.hasPrefix("subscribed ocean.inbound") }.count == 2)
    }

    @Test("a worker queue that cannot be consumed does not stop the work")
    func missingQueue() async throws {
        // The partitions subscribe one by one; refused is whoever comes for the worker queue.
        let bus = ScriptedBus(refusing: BusNames.workers(of: BusNames.inbound))
        let timer = ManualTimer()
        bus.feed(Inbound.message("m", ref: "a"), queue: Self.queues[0])
        let consumer = consumer(bus, timer, shares: true) { _, _, _ in .done }
        let run = Task { try await consumer.run() }
        await bus.journal.wait(for: "ack m")
        await timer.fire { timer.begun > 5 }
        consumer.stop()
        try await run.value
        #expect(bus.remaining(in: Self.queues[0]).isEmpty)
    }
}
