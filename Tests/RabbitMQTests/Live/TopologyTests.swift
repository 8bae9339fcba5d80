// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Testing

extension RabbitMQSuite {
    @Suite("Topology and access", .serialized, .timeLimit(.minutes(15)))
    struct TopologyTests {
        @Test("the bridge's topology is declared, again without change, and spreads by key")
        func bridge() async throws {
            try await BusFixture.withBus { bus, _ in
                let topology = Topology.bridge(partitions: 3)
                try await bus.declare(topology)
                try await bus.declare(topology)
                for number in 0..<60 {
                    try await bus.publish(
                        BusFixture.message(number),
                        to: .exchange(BusNames.inbound, routingKey: "referral-\(number)"))
                }
                var counts: [Int] = []
                for index in 0..<3 {
                    let depth = try await bus.depth(of: BusNames.partition(BusNames.inbound, index))
                    counts.append(try #require(depth).ready)
                }
                #expect(counts.reduce(0, +) == 60)
                #expect(counts.allSatisfy { $0 > 0 })
            }
        }

        @Test("a queue with other arguments is a conflict that names it and the remedy")
        func queueConflict() async throws {
            try await BusFixture.withBus { bus, url in
                let broker = try await RabbitMQBroker.shared()
                let answer = try await broker.management(
                    "PUT", "/api/queues/\(RabbitMQBroker.virtualHost(of: url))/taken",
                    #"{"durable":true,"arguments":{}}"#)
                #expect(answer.status == 201)
                do throws(BusError) {
                    try await bus.declare(BusFixture.queue("taken"))
                    Issue.record("declared")
                } catch {
                    #expect(error.code == .topologyConflict)
                    #expect(error.disposition == .fatal)
                    #expect(error.message.contains("queue taken"))
                    #expect(error.message.contains("rabbitmqctl delete_queue taken"))
                }
                // The connection behind it goes on.
                try await bus.declare(BusFixture.queue("free"))
                #expect(try await bus.depth(of: "free") == QueueDepth(ready: 0, unsettled: 0, consumers: 0))
            }
        }

        @Test("an exchange of another type is a conflict")
        func exchangeConflict() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(Topology(exchanges: [Topology.Exchange(name: "e", kind: .topic)]))
                let code = await BusFixture.code { () async throws(BusError) in
                    try await bus.declare(Topology(exchanges: [Topology.Exchange(name: "e", kind: .consistentHash)]))
                }
                #expect(code == .topologyConflict)
            }
        }

        @Test("binding makes the queue; binding to no exchange is not found")
        func binding() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(Topology(exchanges: [Topology.Exchange(name: "e", kind: .topic)]))
                try await bus.bind(queue: "q", to: "e", routingKey: "*.*.created")
                try await bus.bind(queue: "q", to: "e", routingKey: "*.*.created")
                try await bus.publish(BusFixture.message(1), to: .exchange("e", routingKey: "a.b.created"))
                #expect(try await bus.depth(of: "q")?.ready == 1)
                let code = await BusFixture.code { () async throws(BusError) in
                    try await bus.bind(queue: "q", to: "missing", routingKey: "#")
                }
                #expect(code == .notFound)
            }
        }

        @Test("a wrong password or a missing virtual host is access refused, for every call")
        func access() async throws {
            let broker = try await RabbitMQBroker.shared()
            for url in [
                "amqp://guest:wrong@127.0.0.1:\(broker.port)/%2F", "\(broker.address)/there-is-no-such-host",
            ] {
                try await BusFixture.withBus(url) { bus in
                    let codes = [
                        await BusFixture.code { () async throws(BusError) in
                            try await bus.publish(BusFixture.message(1), to: .queue("q"))
                        },
                        await BusFixture.code { () async throws(BusError) in
                            try await bus.declare(BusFixture.queue("q"))
                        },
                        await BusFixture.code { () async throws(BusError) in
                            _ = try await bus.subscribe(to: "q", prefetch: 1)
                        },
                    ]
                    #expect(codes == [.accessRefused, .accessRefused, .accessRefused])
                    let health = await bus.health()
                    #expect(health != .ready)
                    #expect(!"\(health)".contains("wrong"))
                }
            }
        }

        @Test("with no broker every call ends as unavailable within its timeout")
        func nobody() async throws {
            let port = try FreePorts.find(1)[0]
            try await BusFixture.withBus(
                "amqp://127.0.0.1:\(port)", adjust: { $0.publishTimeout = .milliseconds(400) }
            ) { bus in
                let reading = try await Stopwatch.measure {
                    let code = await BusFixture.code { () async throws(BusError) in
                        try await bus.publish(BusFixture.message(1), to: .queue("q"))
                    }
                    #expect(code == .unavailable)
                }
                #expect(reading.time >= .milliseconds(390))
                #expect(reading.time < .milliseconds(650) + reading.machineDelay)
                let codes = [
                    await BusFixture.code { () async throws(BusError) in
                        try await bus.declare(BusFixture.queue("q"))
                    },
                    await BusFixture.code { () async throws(BusError) in
                        _ = try await bus.subscribe(to: "q", prefetch: 1)
                    },
                ]
                #expect(codes == [.unavailable, .unavailable])
                #expect(await bus.health() != .ready)
            }
        }
    }
}
