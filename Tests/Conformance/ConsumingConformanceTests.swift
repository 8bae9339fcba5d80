// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization
import Testing

/// How every adapter of the bus hands messages out and takes them back.
@Suite("Bus conformance: consuming", .timeLimit(.minutes(15)))
struct ConsumingConformanceTests {
    @Test("a consumer holds no more than its prefetch", arguments: BusUnderTest.all)
    func prefetch(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            try await bus.publishAll(Samples.messages(10), to: .queue("q"))
            let subscription = try await bus.subscribe(to: "q", prefetch: 3)
            var held = try await take(3, from: subscription)
            #expect(try await awaitDepth(of: "q", on: bus) { $0.ready == 7 }.ready == 7)
            try await held.removeFirst().ack()
            held += try await take(1, from: subscription)
            #expect(held.map(\.message.id) == ["m-1", "m-2", "m-3"])
            #expect(try await awaitDepth(of: "q", on: bus) { $0.ready == 6 }.ready == 6)
        }
    }

    @Test("an acknowledged message is gone for good", arguments: BusUnderTest.all)
    func acknowledge(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            try await bus.publishAll(Samples.messages(3), to: .queue("q"))
            let first = try await bus.subscribe(to: "q", prefetch: 10)
            let deliveries = try await take(3, from: first)
            try await deliveries[0].ack()
            try await deliveries[2].ack()
            await first.cancel()
            let second = try await bus.subscribe(to: "q", prefetch: 10)
            let again = try await take(1, from: second)
            #expect(again.map(\.message.id) == ["m-1"])
            try await again[0].ack()
            let depth = try await awaitDepth(of: "q", on: bus) { $0.ready == 0 && $0.unsettled == 0 }
            #expect(depth.ready == 0)
        }
    }

    @Test("a message put back comes first again, marked as redelivered", arguments: BusUnderTest.all)
    func requeue(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            try await bus.publishAll(Samples.messages(3), to: .queue("q"))
            let subscription = try await bus.subscribe(to: "q", prefetch: 1)
            let first = try #require(try await take(1, from: subscription).first)
            #expect(first.message.id == "m-0")
            #expect(!first.redelivered)
            try await first.nack(requeue: true)
            let again = try #require(try await take(1, from: subscription).first)
            #expect(again.message.id == "m-0")
            #expect(again.redelivered)
            try await again.ack()
            let next = try #require(try await take(1, from: subscription).first)
            #expect(next.message.id == "m-1")
            #expect(!next.redelivered)
        }
    }

    @Test("what a cancelled consumer held comes again in order, then the rest", arguments: BusUnderTest.all)
    func cancel(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            try await bus.publishAll(Samples.messages(8), to: .queue("q"))
            let first = try await bus.subscribe(to: "q", prefetch: 5)
            let held = try await take(5, from: first)
            try await held[1].ack()
            await first.cancel()
            var deliveries = first.deliveries.makeAsyncIterator()
            while await deliveries.next() != nil {}

            let second = try await bus.subscribe(to: "q", prefetch: 20)
            let again = try await take(7, from: second)
            #expect(again.map(\.message.id) == ["m-0", "m-2", "m-3", "m-4", "m-5", "m-6", "m-7"])
            #expect(again.prefix(4).map(\.redelivered) == [true, true, true, true])
            for delivery in again { try await delivery.ack() }
        }
    }

    @Test("a settled or withdrawn delivery cannot be settled again", arguments: BusUnderTest.all)
    func stale(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            try await bus.publishAll(Samples.messages(1), to: .queue("q"))
            let first = try await bus.subscribe(to: "q", prefetch: 1)
            let withdrawn = try #require(try await take(1, from: first).first)
            await first.cancel()
            let error = await #expect(throws: BusError.self) { try await withdrawn.ack() }
            #expect(error?.code == .stale)
            let second = try await bus.subscribe(to: "q", prefetch: 1)
            let again = try #require(try await take(1, from: second).first)
            #expect(again.message.id == "m-0")
            try await again.ack()
        }
    }

    @Test("only one of two consumers receives; the other takes over in order", arguments: BusUnderTest.all)
    func singleActiveConsumer(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q", singleActiveConsumer: true)
            let first = try await bus.subscribe(to: "q", prefetch: 3)
            let second = try await bus.subscribe(to: "q", prefetch: 3)
            try await bus.publishAll(Samples.messages(6), to: .queue("q"))
            let held = try await take(3, from: first)
            // Three more are ready and the second has credit for them, but is not its turn.
            #expect(try await awaitDepth(of: "q", on: bus) { $0.ready == 3 }.ready == 3)
            try await held[0].ack()
            try await held[1].ack()
            let more = try await take(2, from: first)
            #expect(more.map(\.message.id) == ["m-3", "m-4"])
            await first.cancel()
            #expect(try await drain(4, from: second).map(\.id) == ["m-2", "m-3", "m-4", "m-5"])
        }
    }

    @Test("competing consumers share a queue without overlap", arguments: BusUnderTest.all)
    func competing(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            let one = try await bus.subscribe(to: "q", prefetch: 5)
            let two = try await bus.subscribe(to: "q", prefetch: 5)
            try await bus.publishAll(Samples.messages(10), to: .queue("q"))
            // Ten messages and five each: both must take part before anything is acknowledged.
            let mine = try await take(5, from: one)
            let yours = try await take(5, from: two)
            let ids = (mine + yours).map(\.message.id)
            #expect(Set(ids) == Set((0..<10).map { "m-\($0)" }))
            for delivery in mine + yours { try await delivery.ack() }
        }
    }

    @Test("depth counts what waits and who listens", arguments: BusUnderTest.all)
    func depth(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            #expect(try await bus.depth(of: "q")?.ready == 0)
            try await bus.publishAll(Samples.messages(4), to: .queue("q"))
            let idle = try await awaitDepth(of: "q", on: bus) { $0.ready == 4 }
            #expect(idle.consumers == 0)
            let subscription = try await bus.subscribe(to: "q", prefetch: 3)
            let held = try await take(3, from: subscription)
            let busy = try await awaitDepth(of: "q", on: bus) { $0.ready == 1 && $0.consumers == 1 }
            #expect(busy.ready == 1)
            for delivery in held { try await delivery.ack() }
            await subscription.cancel()
            let left = try await awaitDepth(of: "q", on: bus) { $0.consumers == 0 }
            #expect(left.consumers == 0)
        }
    }

    @Test("a waiting consumer is woken by a publish", arguments: BusUnderTest.all)
    func waking(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            let subscription = try await bus.subscribe(to: "q", prefetch: 1)
            try await withThrowingTaskGroup { group in
                group.addTask { try await drain(20, from: subscription).map(\.id) }
                try await bus.publishAll(Samples.messages(20), to: .queue("q"))
                #expect(try await group.next() == (0..<20).map { "m-\($0)" })
            }
        }
    }
}
