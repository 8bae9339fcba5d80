// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import RabbitMQ

extension RabbitMQSuite {
    @Suite("Coming back", .serialized, .timeLimit(.minutes(15)))
    struct RecoveryTests {
        private static func delete(_ kind: String, _ name: String, _ url: String) async throws {
            let answer = try await RabbitMQBroker.shared().management(
                "DELETE", "/api/\(kind)/\(RabbitMQBroker.virtualHost(of: url))/\(name)")
            #expect(answer.status == 204)
        }

        private static func withObservedBus(
            adjust: (inout RabbitMQConfiguration) -> Void = { _ in },
            _ body: (RabbitMQBus, Observation, String) async throws -> Void
        ) async throws {
            try await RabbitMQBroker.shared().withVirtualHost { url in
                try await Observation.withBus(url, adjust: adjust) { try await body($0, $1, url) }
            }
        }

        @Test("a deleted queue is declared again: the consumer goes on, in order, within ten seconds")
        func deletedQueue() async throws {
            try await Self.withObservedBus { bus, seen, url in
                try await bus.declare(Topology(queues: [Topology.Queue(name: "partition", singleActiveConsumer: true)]))
                let subscription = try await bus.subscribe(to: "partition", prefetch: 5)
                for round in 0..<3 {
                    for number in 0..<20 {
                        try await bus.publish(BusFixture.message(round * 100 + number), to: .queue("partition"))
                    }
                    let first = await BusFixture.take(20, from: ackingAll(subscription))
                    #expect(first.map(\.message.id) == (0..<20).map { "message-\(round * 100 + $0)" })
                    try await Self.delete("queues", "partition", url)
                    let reading = try await Stopwatch.measure {
                        // The publisher finds the queue gone as well and needs no help.
                        for number in 50..<60 {
                            try await bus.publish(BusFixture.message(round * 100 + number), to: .queue("partition"))
                        }
                        let next = await BusFixture.take(10, from: ackingAll(subscription))
                        #expect(next.map(\.message.id) == (50..<60).map { "message-\(round * 100 + $0)" })
                    }
                    #expect(reading.time < .seconds(10) + reading.machineDelay)
                }
                #expect(seen.count("topology_restored", "outcome=restored") >= 3)
                #expect(seen.warnings.contains { $0.text.hasPrefix("a part of the topology was gone") })
                #expect(seen.warnings.count <= 8, "\(seen.warnings)")
                await subscription.cancel()
            }
        }

        private func ackingAll(_ subscription: Subscription) -> Subscription {
            let source = subscription.deliveries
            return Subscription(
                queue: subscription.queue,
                deliveries: AsyncStream(unfolding: {
                    for await delivery in source {
                        do throws(BusError) { try await delivery.ack() } catch { continue }
                        return delivery
                    }
                    return nil
                })
            ) {}
        }

        @Test("a vanished exchange is declared again with its bindings, and the publishes that met it are carried on")
        func deletedExchange() async throws {
            try await Self.withObservedBus { bus, seen, url in
                try await bus.declare(Topology.bridge(partitions: 4))
                func spread() async throws -> [Int] {
                    var counts: [Int] = []
                    for index in 0..<4 {
                        counts.append(try await bus.depth(of: BusNames.partition(BusNames.inbound, index))?.ready ?? -1)
                    }
                    return counts
                }
                for number in 0..<80 {
                    try await bus.publish(
                        BusFixture.message(number), to: .exchange(BusNames.inbound, routingKey: "referral-\(number)"))
                }
                let before = try await spread()
                #expect(before.reduce(0, +) == 80)
                try await Self.delete("exchanges", BusNames.inbound, url)
                await withTaskGroup(of: BusError.Code?.self) { group in
                    for number in 0..<80 {
                        group.addTask {
                            await BusFixture.code { () async throws(BusError) in
                                var code: BusError.Code?
                                // What was under way beside it is unknown, and what comes between the exchange and its
                                // bindings has no queue: both are published again, as their callers do.
                                repeat {
                                    code = await BusFixture.code { () async throws(BusError) in
                                        try await bus.publish(
                                            BusFixture.message(number),
                                            to: .exchange(BusNames.inbound, routingKey: "referral-\(number)"))
                                    }
                                } while code == .unknownOutcome || code == .unroutable
                                if let code { throw BusError(code, "") }
                            }
                        }
                    }
                    for await code in group { #expect(code == nil) }
                }
                // While the bindings come back one by one, a referral may meet another partition; afterwards its own.
                let between = try await spread()
                #expect(between.reduce(0, +) == 160)
                for number in 0..<80 {
                    try await bus.publish(
                        BusFixture.message(number), to: .exchange(BusNames.inbound, routingKey: "referral-\(number)"))
                }
                #expect(try await spread() == zip(between, before).map { $0 + $1 })
                #expect(seen.count("topology_restored", "outcome=restored") >= 1)
                #expect(await bus.health() == .ready)
            }
        }

        @Test("a hospital's queue that was only bound here stays the hospital's when it is gone")
        func foreignQueue() async throws {
            try await Self.withObservedBus { bus, seen, url in
                try await bus.declare(Topology(exchanges: [Topology.Exchange(name: "hospital", kind: .topic)]))
                let host = RabbitMQBroker.virtualHost(of: url)
                let made = try await RabbitMQBroker.shared().management(
                    "PUT", "/api/queues/\(host)/theirs", #"{"durable":true,"arguments":{}}"#)
                #expect(made.status == 201)
                try await bus.bind(queue: "theirs", to: "hospital", routingKey: "#")
                try await bus.bind(queue: "ours", to: "hospital", routingKey: "#")
                try await Self.delete("queues", "theirs", url)
                try await Self.delete("queues", "ours", url)
                let direct = await BusFixture.code { () async throws(BusError) in
                    try await bus.publish(BusFixture.message(1), to: .queue("theirs"))
                }
                #expect(direct == .unroutable)
                try await bus.publish(BusFixture.message(2), to: .queue("ours"))
                #expect(try await bus.depth(of: "theirs") == nil)
                #expect(try await bus.depth(of: "ours")?.ready == 1)
                // The exchange comes back without the binding of the queue that is not there.
                try await Self.delete("exchanges", "hospital", url)
                try await bus.publish(BusFixture.message(3), to: .exchange("hospital", routingKey: "a.b.c"))
                #expect(try await bus.depth(of: "ours")?.ready == 2)
                #expect(seen.count("topology_restored", "outcome=failed") == 0)
            }
        }

        @Test("a queue of other arguments in place of ours is one error with the remedy, and no loop")
        func conflict() async throws {
            try await Self.withObservedBus(adjust: { $0.publishTimeout = .seconds(3) }) { bus, seen, url in
                try await bus.declare(BusFixture.queue("taken"))
                let subscription = try await bus.subscribe(to: "taken", prefetch: 1)
                try await Self.delete("queues", "taken", url)
                let host = RabbitMQBroker.virtualHost(of: url)
                // Whoever is first wins; the consumer's restoration must not loop either way.
                _ = try await RabbitMQBroker.shared().management(
                    "PUT", "/api/queues/\(host)/taken", #"{"durable":true,"arguments":{}}"#)
                do throws(BusError) {
                    try await bus.declare(BusFixture.queue("taken"))
                } catch {
                    #expect(error.code == .topologyConflict)
                    #expect(error.message.contains("rabbitmqctl delete_queue taken"))
                }
                try await Task.sleep(for: .seconds(3))
                #expect(seen.warnings.count <= 4, "\(seen.warnings)")
                #expect(seen.count("connect_failures") <= 6)
                await subscription.cancel()
            }
        }

        @Test("started before its broker, the bus becomes ready by itself")
        func lateBroker() async throws {
            let broker = try await RabbitMQBroker.start()
            try await broker.kill()
            try await Observation.withBus("\(broker.address)/%2F", adjust: { $0.publishTimeout = .seconds(2) }) {
                bus, seen in
                for _ in 0..<3 { #expect(await bus.health() != .ready) }
                #expect(seen.warnings.count == 1, "\(seen.warnings)")
                #expect(seen.warnings.first?.fields["reason"]?.contains("127.0.0.1:\(broker.port)") == true)
                try await broker.restart()
                let reading = try await Stopwatch.measure {
                    while await bus.health() != .ready { await Task.yield() }
                }
                #expect(reading.time < .seconds(5) + reading.machineDelay)
                try await bus.declare(BusFixture.queue("late"))
                try await bus.publish(BusFixture.message(1), to: .queue("late"))
                #expect(seen.lines.filter { $0.text == "broker connections are back" }.count == 1)
                #expect(seen.warnings.count == 1, "\(seen.warnings)")
            }
            try await broker.kill()
        }

        @Test("of several hosts the ones that are away or silent are passed over")
        func hostList() async throws {
            let silent = try FakeBroker { $0.fallSilent() }
            defer { silent.stop() }
            let nobody = try FreePorts.find(1)[0]
            let live = try await RabbitMQBroker.shared().port
            // A name, so that it is looked up; only IPv4 listens.
            let url = "amqp://guest:guest@127.0.0.1:\(nobody),127.0.0.1:\(silent.port),localhost:\(live)/%2F"
            for _ in 0..<5 {
                try await BusFixture.withBus(url, adjust: { $0.connectTimeout = .milliseconds(700) }) { bus in
                    let reading = try await Stopwatch.measure { #expect(await bus.health() == .ready) }
                    #expect(reading.time < .seconds(3) + reading.machineDelay)
                }
            }
            try await BusFixture.withBus(
                "amqp://guest:guest@no-such-host.invalid:1/%2F", adjust: { $0.publishTimeout = .seconds(1) }
            ) { bus in
                do throws(BusError) {
                    _ = try await bus.depth(of: "q")
                    Issue.record("answered")
                } catch {
                    #expect(error.code == .unavailable)
                    #expect(error.message.contains("no-such-host.invalid"))
                }
            }
        }

        @Test("a frozen broker: what was confirmed is there, and publishing goes on within five seconds of the thaw")
        func thaw() async throws {
            let broker = try await RabbitMQBroker.start()
            try await Observation.withBus(
                "\(broker.address)/%2F",
                adjust: {
                    $0.publishTimeout = .seconds(2)
                    $0.heartbeat = 1
                }
            ) { bus, seen in
                try await bus.declare(BusFixture.queue("frozen"))
                for number in 0..<20 { try await bus.publish(BusFixture.message(number), to: .queue("frozen")) }
                broker.freeze()
                for number in 100..<106 {
                    let code = await BusFixture.code { () async throws(BusError) in
                        try await bus.publish(BusFixture.message(number), to: .queue("frozen"))
                    }
                    #expect(code == .unknownOutcome || code == .unavailable)
                }
                #expect(await bus.health() != .ready)
                broker.thaw()
                let reading = try await Stopwatch.measure {
                    while await BusFixture.code({ () async throws(BusError) in
                        try await bus.publish(BusFixture.message(200), to: .queue("frozen"))
                    }) != nil {}
                }
                #expect(reading.time < .seconds(5) + reading.machineDelay)
                #expect(seen.warnings.count <= 5, "\(seen.warnings)")
                let subscription = try await bus.subscribe(to: "frozen", prefetch: 50)
                var ids: Set<String> = []
                for await delivery in subscription.deliveries {
                    ids.insert(delivery.message.id)
                    try await delivery.ack()
                    if ids.contains("message-200") { break }
                }
                #expect(ids.isSuperset(of: (0..<20).map { "message-\($0)" }))
                await subscription.cancel()
            }
            try await broker.kill()
        }

        @Test("a memory alarm shows in the health within five seconds; afterwards nothing confirmed is missing")
        func alarm() async throws {
            let broker = try await RabbitMQBroker.start()
            try await Observation.withBus("\(broker.address)/%2F") { bus, seen in
                try await bus.declare(BusFixture.queue("alarm"))
                var confirmed: Set<String> = []
                func publish(_ number: Int) async -> BusError.Code? {
                    let message = BusFixture.message(number)
                    let code = await BusFixture.code { () async throws(BusError) in
                        try await bus.publish(message, to: .queue("alarm"))
                    }
                    if code == nil { confirmed.insert(message.id) }
                    return code
                }
                for number in 0..<50 { _ = await publish(number) }
                try await broker.control("set_vm_memory_high_watermark", "absolute", "1MB")
                var number = 50
                let reading = try await Stopwatch.measure {
                    while await bus.health() == .ready {
                        number += 1
                        _ = await publish(number)
                    }
                }
                #expect(reading.time < .seconds(5) + reading.machineDelay)
                #expect(await publish(9999) == .blocked)
                #expect(seen.lines.contains { $0.text == "broker blocks publishing" })
                try await broker.control("set_vm_memory_high_watermark", "0.6")
                while await publish(100_000) != nil {}
                #expect(await bus.health() == .ready)
                let subscription = try await bus.subscribe(to: "alarm", prefetch: 100)
                for await delivery in subscription.deliveries {
                    confirmed.remove(delivery.message.id)
                    try await delivery.ack()
                    if delivery.message.id == "message-100000" { break }
                }
                #expect(confirmed.isEmpty, "\(confirmed)")
                await subscription.cancel()
            }
            try await broker.kill()
        }
    }
}
