// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

/// What every adapter of the bus does with a publishing.
@Suite("Bus conformance: publishing", .timeLimit(.minutes(15)))
struct PublishingConformanceTests {
    @Test(
        "an envelope arrives with every attribute and header, and every byte of the body", arguments: BusUnderTest.all)
    func envelope(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            let subscription = try await bus.subscribe(to: "q", prefetch: 10)
            let bodies: [[UInt8]] = [
                Array(0...255), [], (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) },
            ]
            for body in bodies {
                let sent = Samples.complete(body: body)
                try await bus.publish(sent, to: .queue("q"))
                let delivery = try #require(try await take(1, from: subscription).first)
                #expect(delivery.message == sent)
                #expect(delivery.queue == "q")
                #expect(!delivery.redelivered)
                try await delivery.ack()
            }
        }
    }

    @Test("a bare envelope arrives without additions", arguments: BusUnderTest.all)
    func bareEnvelope(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declare(
                Topology(
                    exchanges: [.init(name: "x", kind: .topic)], queues: [.init(name: "q")],
                    bindings: [.init(exchange: "x", queue: "q", routingKey: "#")]))
            let subscription = try await bus.subscribe(to: "q", prefetch: 1)
            let sent = Samples.message("m-1")
            try await bus.publish(sent, to: .exchange("x", routingKey: "1234.cardiology.received"))
            let delivery = try #require(try await take(1, from: subscription).first)
            #expect(delivery.message == sent)
            #expect(delivery.routingKey == "1234.cardiology.received")
        }
    }

    @Test("a key that no binding matches is unroutable", arguments: BusUnderTest.all)
    func unroutable(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declare(
                Topology(
                    exchanges: [.init(name: "x", kind: .topic), .init(name: "h", kind: .consistentHash)],
                    queues: [.init(name: "q")], bindings: [.init(exchange: "x", queue: "q", routingKey: "a.*")]))
            for destination in [Destination.exchange("x", routingKey: "b.c"), .exchange("h", routingKey: "ref-1")] {
                let error = await #expect(throws: BusError.self) {
                    try await bus.publish(Samples.message("m-1"), to: destination)
                }
                #expect(error?.code == .unroutable)
            }
            try await bus.publish(Samples.message("m-2"), to: .exchange("x", routingKey: "a.c"))
            #expect(try await awaitDepth(of: "q", on: bus) { $0.ready == 1 }.ready == 1)
        }
    }

    @Test(
        "each matching queue gets its own copy, once even when two of its bindings match", arguments: BusUnderTest.all)
    func fanOut(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declare(
                Topology(
                    exchanges: [.init(name: "x", kind: .topic)],
                    queues: [.init(name: "all"), .init(name: "heart"), .init(name: "other")],
                    bindings: [
                        .init(exchange: "x", queue: "all", routingKey: "#"),
                        .init(exchange: "x", queue: "heart", routingKey: "*.cardiology.*"),
                        .init(exchange: "x", queue: "heart", routingKey: "1234.#"),
                        .init(exchange: "x", queue: "other", routingKey: "9999.#"),
                    ]))
            try await bus.publish(Samples.message("m-1"), to: .exchange("x", routingKey: "1234.cardiology.received"))
            try await bus.publish(Samples.message("m-2"), to: .exchange("x", routingKey: "5678.urology.received"))
            let all = try await bus.subscribe(to: "all", prefetch: 10)
            let heart = try await bus.subscribe(to: "heart", prefetch: 10)
            #expect(try await drain(2, from: all).map(\.id) == ["m-1", "m-2"])
            #expect(try await drain(1, from: heart).map(\.id) == ["m-1"])
            for queue in ["all", "heart", "other"] {
                let depth = try await awaitDepth(of: queue, on: bus) { $0.ready == 0 && $0.unsettled == 0 }
                #expect(depth.ready == 0)
            }
        }
    }

    @Test("64 publishers with 50 messages each lose none", arguments: BusUnderTest.all)
    func manyInFlight(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            try await withThrowingTaskGroup { group in
                for publisher in 0..<64 {
                    group.addTask {
                        for number in 0..<50 {
                            try await bus.publish(Samples.message("\(publisher)/\(number)"), to: .queue("q"))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let subscription = try await bus.subscribe(to: "q", prefetch: 200)
            let ids = try await drain(3200, from: subscription).map(\.id)
            #expect(Set(ids).count == 3200)
            for publisher in 0..<64 {
                #expect(ids.filter { $0.hasPrefix("\(publisher)/") } == (0..<50).map { "\(publisher)/\($0)" })
            }
        }
    }

    @Test("after shutdown publishing says closed and streams end", arguments: BusUnderTest.all)
    func shutdown(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q")
            let subscription = try await bus.subscribe(to: "q", prefetch: 1)
            #expect(await bus.health() == .ready)
            await bus.shutdown()
            var deliveries = subscription.deliveries.makeAsyncIterator()
            #expect(await deliveries.next() == nil)
            let error = await #expect(throws: BusError.self) {
                try await bus.publish(Samples.message("m-1"), to: .queue("q"))
            }
            #expect(error?.code == .closed)
            #expect(await bus.health() != .ready)
        }
    }
}
