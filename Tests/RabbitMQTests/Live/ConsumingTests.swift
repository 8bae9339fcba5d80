// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Testing

extension RabbitMQSuite {
    @Suite("Consuming", .serialized, .timeLimit(.minutes(15)))
    struct ConsumingTests {
        @Test("what a leaving consumer holds comes first and in order at the next", arguments: 1...3)
        func handOver(run: Int) async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(
                    Topology(queues: [Topology.Queue(name: "partition", singleActiveConsumer: true)]))
                for number in 0..<60 {
                    try await bus.publish(BusFixture.message(number), to: .queue("partition"))
                }
                let first = try await bus.subscribe(to: "partition", prefetch: 20)
                let second = try await bus.subscribe(to: "partition", prefetch: 20)
                let held = await BusFixture.take(20, from: first)
                #expect(held.map(\.message.id) == (0..<20).map { "message-\($0)" })
                for delivery in held.prefix(5) { try await delivery.ack() }
                await first.cancel()
                let late = await BusFixture.code { () async throws(BusError) in try await held[10].ack() }
                #expect(late == .stale)
                var ids: [String] = []
                for await delivery in second.deliveries {
                    ids.append(delivery.message.id)
                    try await delivery.ack()
                    if ids.count == 55 { break }
                }
                #expect(ids == (5..<60).map { "message-\($0)" })
                await second.cancel()
                #expect(try await bus.depth(of: "partition")?.ready == 0)
            }
        }

        @Test("a returned message comes again marked as redelivered, a rejected one does not come")
        func nack() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("nack"))
                for number in 0..<2 { try await bus.publish(BusFixture.message(number), to: .queue("nack")) }
                let subscription = try await bus.subscribe(to: "nack", prefetch: 1)
                let first = await BusFixture.take(1, from: subscription)
                try await first.first?.nack(requeue: true)
                let again = await BusFixture.take(1, from: subscription)
                #expect(again.first?.message.id == "message-0")
                #expect(again.first?.redelivered == true)
                try await again.first?.nack(requeue: false)
                let next = await BusFixture.take(1, from: subscription)
                #expect(next.first?.message.id == "message-1")
                try await next.first?.ack()
                await subscription.cancel()
                #expect(try await bus.depth(of: "nack")?.ready == 0)
            }
        }

        @Test("a foreign message with hostile headers is read, and consuming goes on")
        func hostileHeaders() async throws {
            try await BusFixture.withBus { bus, url in
                try await bus.declare(BusFixture.queue("hostile"))
                let broker = try await RabbitMQBroker.shared()
                let path =
                    "/api/exchanges/\(RabbitMQBroker.virtualHost(of: url))/amq.default/publish"
                let properties = #"""
                    {"headers":{"nested":{"a":{"b":[1,2,{"c":false}]}},"list":[1,"two",[3]],"float":1.5,"huge":1e300,
                    "yes":true,"big":9223372036854775807,"":"empty name","cloudEvents_id":["not text"],
                    "cloudEvents_time":"yesterday","traceparent":"zz","x-death":[{"count":1}]},
                    "content_type":"text/plain","timestamp":4102444800,"delivery_mode":1}
                    """#
                let answer = try await broker.management(
                    "POST", path,
                    #"{"properties":\#(properties),"routing_key":"hostile","payload":"hello","payload_encoding":"string"}"#
                )
                try #require(answer.status == 200, "\(answer.body)")
                try await bus.publish(BusFixture.message(1), to: .queue("hostile"))
                let subscription = try await bus.subscribe(to: "hostile", prefetch: 5)
                let deliveries = await BusFixture.take(2, from: subscription)
                let foreign = try #require(deliveries.first?.message)
                #expect(foreign.body == Array("hello".utf8))
                #expect(foreign.id == "amqp-a430d84680aabd0b-5")
                #expect(foreign.subject == nil)
                #expect(foreign.contentType == "text/plain")
                #expect(foreign.type == .updateRequested)
                #expect(foreign.headers["nested"] == nil)
                #expect(foreign.headers["list"] == nil)
                #expect(foreign.headers["float"] == .string("1.5"))
                #expect(foreign.headers["yes"] == .bool(true))
                #expect(foreign.headers["big"] == .integer(.max))
                #expect(foreign.trace == nil)
                #expect(deliveries.last?.message.id == "message-1")
                await subscription.cancel()
            }
        }

        @Test("a message above the limit stays in its queue and the next ones are delivered")
        func overLimit() async throws {
            try await BusFixture.withBus { bus, url in
                try await bus.declare(BusFixture.queue("over"))
                try await bus.publish(
                    BusFixture.message(1, body: [UInt8](repeating: 32, count: 300_000)), to: .queue("over"))
                try await bus.publish(BusFixture.message(2), to: .queue("over"))
                try await BusFixture.withBus(url, adjust: { $0.maximumMessageBytes = 1000 }) { small in
                    let subscription = try await small.subscribe(to: "over", prefetch: 2)
                    let deliveries = await BusFixture.take(1, from: subscription)
                    #expect(deliveries.first?.message.id == "message-2")
                    try await deliveries.first?.ack()
                    await subscription.cancel()
                }
                let subscription = try await bus.subscribe(to: "over", prefetch: 2)
                let deliveries = await BusFixture.take(1, from: subscription)
                #expect(deliveries.first?.message.body.count == 300_000)
                try await deliveries.first?.ack()
                await subscription.cancel()
            }
        }

        @Test("a deleted queue is declared again and the subscription goes on")
        func queueDeleted() async throws {
            try await BusFixture.withBus { bus, url in
                try await bus.declare(
                    Topology(
                        exchanges: [Topology.Exchange(name: "hospital", kind: .topic)],
                        queues: [Topology.Queue(name: "again")],
                        bindings: [Topology.Binding(exchange: "hospital", queue: "again", routingKey: "#")]))
                let subscription = try await bus.subscribe(to: "again", prefetch: 5)
                let broker = try await RabbitMQBroker.shared()
                let answer = try await broker.management(
                    "DELETE", "/api/queues/\(RabbitMQBroker.virtualHost(of: url))/again")
                #expect(answer.status == 204)
                // Unroutable until the adapter has declared the queue and its binding again.
                while await BusFixture.code({ () async throws(BusError) in
                    try await bus.publish(BusFixture.message(1), to: .exchange("hospital", routingKey: "a.b.c"))
                }) == .unroutable {}
                let deliveries = await BusFixture.take(1, from: subscription)
                #expect(deliveries.first?.message.id == "message-1")
                try await deliveries.first?.ack()
                await subscription.cancel()
            }
        }

        @Test("a queue that is not there cannot be subscribed to")
        func missingQueue() async throws {
            try await BusFixture.withBus { bus, _ in
                let code = await BusFixture.code { () async throws(BusError) in
                    _ = try await bus.subscribe(to: "missing", prefetch: 1)
                }
                #expect(code == .notFound)
                let depth = try await bus.depth(of: "missing")
                #expect(depth == nil)
            }
        }

        @Test("a cancelled reading task ends its loop")
        func cancelledReader() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("reader"))
                let subscription = try await bus.subscribe(to: "reader", prefetch: 5)
                let count = await withTaskGroup(of: Int.self, returning: Int.self) { group in
                    group.addTask {
                        var count = 0
                        for await _ in subscription.deliveries { count += 1 }
                        return count
                    }
                    group.cancelAll()
                    return await group.reduce(0, +)
                }
                #expect(count == 0)
                await subscription.cancel()
            }
        }
    }
}
