// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Testing

extension RabbitMQSuite {
    @Suite("Round trip", .serialized, .timeLimit(.minutes(15)))
    struct RoundTripTests {
        @Test("a message comes back with every property and header")
        func roundTrip() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("round"))
                var message = BusFixture.message(1, body: Array("{\"a\":1.10,\"é\":\"ü\"}".utf8))
                message.dataSchema = "https://example.org/schema/1"
                message.contentType = "application/fhir+json"
                message.attributes = MessageAttributes(
                    site: "1234", listing: "listing-1", service: "cardiology", event: "new-referral",
                    dialect: "0.11.1", test: true, echo: true, late: true, sequence: "00000000000000000042",
                    causationID: "cause-1", integration: "main")
                message.trace = TraceContext(
                    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "vendor=1")
                message.headers = [
                    "text": .string("größe"), "empty": .string(""), "number": .integer(.min), "zero": .integer(0),
                    "yes": .bool(true), "no": .bool(false),
                ]
                try await bus.publish(message, to: .queue("round"))
                let subscription = try await bus.subscribe(to: "round", prefetch: 1)
                let deliveries = await BusFixture.take(1, from: subscription)
                let delivery = try #require(deliveries.first)
                #expect(delivery.message == message)
                #expect(delivery.routingKey == "round")
                #expect(delivery.queue == "round")
                #expect(!delivery.redelivered)
                try await delivery.ack()
                #expect(await BusFixture.code { () async throws(BusError) in try await delivery.ack() } == .stale)
                await subscription.cancel()
                #expect(try await bus.depth(of: "round")?.ready == 0)
            }
        }

        @Test("two thousand messages keep their order")
        func order() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("order"))
                let subscription = try await bus.subscribe(to: "order", prefetch: 50)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for number in 0..<2000 {
                            try await bus.publish(BusFixture.message(number), to: .queue("order"))
                        }
                    }
                    var expected = 0
                    for await delivery in subscription.deliveries {
                        #expect(delivery.message.id == "message-\(expected)")
                        try await delivery.ack()
                        expected += 1
                        if expected == 2000 { break }
                    }
                    try await group.waitForAll()
                    #expect(expected == 2000)
                }
                await subscription.cancel()
                #expect(try await bus.depth(of: "order")?.ready == 0)
            }
        }

        @Test("bodies of exact frame multiples, none, and five megabytes arrive whole")
        func sizes() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("sizes"))
                let frame = 131_072 - 8
                var random = SeededGenerator(seed: 7)
                let sizes = [0, 1, frame - 1, frame, frame + 1, 2 * frame, 3 * frame, 5_000_000]
                let bodies = sizes.map { size in (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) } }
                let subscription = try await bus.subscribe(to: "sizes", prefetch: 2)
                for (number, body) in bodies.enumerated() {
                    try await bus.publish(BusFixture.message(number, body: body), to: .queue("sizes"))
                    let deliveries = await BusFixture.take(1, from: subscription)
                    let delivery = try #require(deliveries.first)
                    #expect(delivery.message.body == body)
                    try await delivery.ack()
                }
                await subscription.cancel()
            }
        }

        @Test("a body above the limit is refused before it is sent")
        func tooLarge() async throws {
            try await BusFixture.withBus(adjust: { $0.maximumMessageBytes = 1000 }) { bus, _ in
                try await bus.declare(BusFixture.queue("limit"))
                let message = BusFixture.message(1, body: [UInt8](repeating: 32, count: 1001))
                let code = await BusFixture.code { () async throws(BusError) in
                    try await bus.publish(message, to: .queue("limit"))
                }
                #expect(code == .tooLarge)
                #expect(try await bus.depth(of: "limit")?.ready == 0)
            }
        }
    }
}
