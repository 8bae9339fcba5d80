// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Testing

extension RabbitMQSuite {
    @Suite("Publishing", .serialized, .timeLimit(.minutes(15)))
    struct PublishingTests {
        @Test("a message that no queue takes is unroutable")
        func unroutable() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(
                    Topology(exchanges: [Topology.Exchange(name: "hospital", kind: .topic)]))
                let code = await BusFixture.code { () async throws(BusError) in
                    try await bus.publish(
                        BusFixture.message(1), to: .exchange("hospital", routingKey: "nobody.listens"))
                }
                #expect(code == .unroutable)
                let direct = await BusFixture.code { () async throws(BusError) in
                    try await bus.publish(BusFixture.message(2), to: .queue("no-such-queue"))
                }
                #expect(direct == .unroutable)
            }
        }

        @Test("routable and unroutable messages in one stream each get their own answer")
        func interleaved() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(
                    Topology(
                        exchanges: [Topology.Exchange(name: "hospital", kind: .topic)],
                        queues: [Topology.Queue(name: "all")],
                        bindings: [Topology.Binding(exchange: "hospital", queue: "all", routingKey: "yes.#")]))
                let wrong = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
                    for number in 0..<600 {
                        group.addTask {
                            let isRoutable = number % 3 != 0
                            let key = isRoutable ? "yes.\(number)" : "no.\(number % 5)"
                            let code = await BusFixture.code { () async throws(BusError) in
                                try await bus.publish(
                                    BusFixture.message(number), to: .exchange("hospital", routingKey: key))
                            }
                            return code != (isRoutable ? nil : .unroutable)
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(wrong == 0)
                #expect(try await bus.depth(of: "all")?.ready == 400)
            }
        }

        @Test("sixty-four publishers at once are all confirmed")
        func concurrent() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("many"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for publisher in 0..<64 {
                        group.addTask {
                            for number in 0..<20 {
                                try await bus.publish(
                                    BusFixture.message(publisher * 20 + number), to: .queue("many"))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await bus.depth(of: "many")?.ready == 1280)
            }
        }

        @Test("a cancelled task still learns that its message was confirmed")
        func cancellation() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("cancelled"))
                let codes = await withTaskGroup(of: BusError.Code?.self, returning: [BusError.Code?].self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            await BusFixture.code { () async throws(BusError) in
                                try await bus.publish(BusFixture.message(number), to: .queue("cancelled"))
                            }
                        }
                    }
                    group.cancelAll()
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(codes == Array(repeating: nil, count: 50))
                #expect(try await bus.depth(of: "cancelled")?.ready == 50)
            }
        }

        @Test("an exchange that does not exist fails its own messages only")
        func missingExchange() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("there"))
                let code = await BusFixture.code { () async throws(BusError) in
                    try await bus.publish(BusFixture.message(1), to: .exchange("missing", routingKey: "a.b.c"))
                }
                #expect(code == .notFound)
                try await bus.publish(BusFixture.message(2), to: .queue("there"))
                #expect(try await bus.depth(of: "there")?.ready == 1)
            }
        }

        @Test("what AMQP cannot carry is refused before it is sent")
        func impossible() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("there"))
                var longName = BusFixture.message(1)
                longName.headers[String(repeating: "n", count: 129)] = .bool(true)
                var hugeHeader = BusFixture.message(2)
                hugeHeader.headers["h"] = .string(String(repeating: "x", count: 140_000))
                for message in [longName, hugeHeader] {
                    let code = await BusFixture.code { () async throws(BusError) in
                        try await bus.publish(message, to: .queue("there"))
                    }
                    #expect(code == .tooLarge)
                }
                let longKey = await BusFixture.code { () async throws(BusError) in
                    try await bus.publish(
                        BusFixture.message(3), to: .queue(String(repeating: "q", count: 256)))
                }
                #expect(longKey == .tooLarge)
                var longSubject = BusFixture.message(4)
                longSubject.subject = String(repeating: "s", count: 3000)
                longSubject.id = String(repeating: "i", count: 300)
                try await bus.publish(longSubject, to: .queue("there"))
                let subscription = try await bus.subscribe(to: "there", prefetch: 5)
                let deliveries = await BusFixture.take(1, from: subscription)
                #expect(deliveries.first?.message == longSubject)
                await subscription.cancel()
            }
        }

        @Test("after shutdown every call says closed")
        func closed() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("there"))
                try await bus.publish(BusFixture.message(1), to: .queue("there"))
                let subscription = try await bus.subscribe(to: "there", prefetch: 1)
                #expect(await bus.health() == .ready)
                await bus.shutdown()
                for await _ in subscription.deliveries {}
                let codes = [
                    await BusFixture.code { () async throws(BusError) in
                        try await bus.publish(BusFixture.message(2), to: .queue("there"))
                    },
                    await BusFixture.code { () async throws(BusError) in
                        _ = try await bus.subscribe(to: "there", prefetch: 1)
                    },
                    await BusFixture.code { () async throws(BusError) in _ = try await bus.depth(of: "there") },
                ]
                #expect(codes == [.closed, .closed, .closed])
                #expect(await bus.health() != .ready)
            }
        }
    }
}
