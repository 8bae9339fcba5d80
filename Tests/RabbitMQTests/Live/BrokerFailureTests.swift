// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Synchronization
import Testing

extension RabbitMQSuite {
    @Suite("Failing brokers", .serialized, .timeLimit(.minutes(15)))
    struct BrokerFailureTests {
        /// Numbers whose publish was confirmed, over the life of a test.
        private final class Ledger: Sendable {
            private let numbers = Mutex<Set<Int>>([])
            private let restarted = Mutex(false)

            var hasRestarted: Bool { restarted.withLock { $0 } }

            func noteRestart() {
                restarted.withLock { $0 = true }
            }

            func confirm(_ number: Int) {
                _ = numbers.withLock { $0.insert(number) }
            }

            var confirmed: Set<Int> { numbers.withLock { $0 } }
        }

        @Test("a broker killed and started again loses nothing that was confirmed, and both sides go on by themselves")
        func killAndRestart() async throws {
            let broker = try await RabbitMQBroker.start()
            try await BusFixture.withBus("\(broker.address)/%2F") { bus in
                try await bus.declare(BusFixture.queue("crash"))
                try await bus.declare(BusFixture.queue("watched"))
                try await broker.settle()
                let subscription = try await bus.subscribe(to: "watched", prefetch: 10)
                let ledger = Ledger()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for publisher in 0..<8 {
                        group.addTask {
                            var number = publisher * 1_000_000
                            // Each goes on until a publish that began after the restart is confirmed.
                            while true {
                                let isAfter = ledger.hasRestarted
                                number += 1
                                let code = await BusFixture.code { () async throws(BusError) in
                                    try await bus.publish(BusFixture.message(number), to: .queue("crash"))
                                }
                                if code == nil {
                                    ledger.confirm(number)
                                    if isAfter { return }
                                } else {
                                    #expect(code == .unknownOutcome || code == .unavailable)
                                }
                            }
                        }
                    }
                    group.addTask {
                        while ledger.confirmed.count < 200 { await Task.yield() }
                        try await broker.restart()
                        ledger.noteRestart()
                    }
                    try await group.waitForAll()
                }
                let expected = ledger.confirmed
                var missing = expected
                let reader = try await bus.subscribe(to: "crash", prefetch: 100)
                for await delivery in reader.deliveries {
                    if let number = Int(delivery.message.id.dropFirst("message-".count)) { missing.remove(number) }
                    try await delivery.ack()
                    if missing.isEmpty { break }
                }
                #expect(missing.isEmpty)
                await reader.cancel()
                try await bus.publish(BusFixture.message(7), to: .queue("watched"))
                let deliveries = await BusFixture.take(1, from: subscription)
                #expect(deliveries.first?.message.id == "message-7")
                try await deliveries.first?.ack()
                await subscription.cancel()
            }
            try await broker.kill()
        }

        @Test("deliveries of a lost connection are stale and come again in order")
        func stale() async throws {
            let broker = try await RabbitMQBroker.start()
            try await BusFixture.withBus("\(broker.address)/%2F") { bus in
                try await bus.declare(BusFixture.queue("stale"))
                try await broker.settle()
                for number in 0..<10 { try await bus.publish(BusFixture.message(number), to: .queue("stale")) }
                let subscription = try await bus.subscribe(to: "stale", prefetch: 10)
                let before = await BusFixture.take(3, from: subscription)
                try await broker.restart()
                // The seven that nobody had received were taken back: the next one is the first again.
                let after = await BusFixture.take(10, from: subscription)
                #expect(after.map(\.message.id) == (0..<10).map { "message-\($0)" })
                let code = await BusFixture.code { () async throws(BusError) in try await before[0].ack() }
                #expect(code == .stale)
                for delivery in after { try await delivery.ack() }
                await subscription.cancel()
                #expect(try await bus.depth(of: "stale")?.ready == 0)
            }
            try await broker.kill()
        }

        @Test("with a frozen broker each publish ends within its timeout, and publishing goes on after the thaw")
        func frozen() async throws {
            let broker = try await RabbitMQBroker.start()
            let timeout = Duration.seconds(2)
            try await BusFixture.withBus(
                "\(broker.address)/%2F",
                adjust: {
                    $0.publishTimeout = timeout
                    $0.heartbeat = 1
                    $0.connectTimeout = .seconds(1)
                }
            ) { bus in
                try await bus.declare(BusFixture.queue("frozen"))
                try await bus.publish(BusFixture.message(0), to: .queue("frozen"))
                broker.freeze()
                // Large bodies fill the socket; three rounds pass the loss of the connection.
                let body = [UInt8](repeating: 32, count: 1_000_000)
                for round in 0..<3 {
                    let reading = try await Stopwatch.measure {
                        await withTaskGroup(of: Void.self) { group in
                            for number in 0..<8 {
                                group.addTask {
                                    let code = await BusFixture.code { () async throws(BusError) in
                                        try await bus.publish(
                                            BusFixture.message(round * 8 + number + 1, body: body),
                                            to: .queue("frozen"))
                                    }
                                    #expect(code == .unknownOutcome || code == .unavailable)
                                }
                            }
                        }
                    }
                    #expect(reading.time <= timeout + .milliseconds(250) + reading.machineDelay, "\(reading)")
                }
                #expect(await bus.health() != .ready)
                broker.thaw()
                while await BusFixture.code({ () async throws(BusError) in
                    try await bus.publish(BusFixture.message(99), to: .queue("frozen"))
                }) != nil {}
                #expect(await bus.health() == .ready)
            }
            try await broker.kill()
        }

        @Test("under a memory alarm publishing fails quickly as blocked, and goes on when it ends")
        func alarm() async throws {
            let broker = try await RabbitMQBroker.start()
            try await BusFixture.withBus("\(broker.address)/%2F") { bus in
                try await bus.declare(BusFixture.queue("alarm"))
                try await bus.publish(BusFixture.message(0), to: .queue("alarm"))
                try await broker.control("set_vm_memory_high_watermark", "absolute", "1MB")
                var codes: [BusError.Code?] = []
                // The broker says "blocked" only when a publish comes in; the alarm itself takes a moment.
                while codes.last != .blocked {
                    let reading = try await Stopwatch.measure {
                        codes.append(
                            await BusFixture.code { () async throws(BusError) in
                                try await bus.publish(BusFixture.message(codes.count + 1), to: .queue("alarm"))
                            })
                    }
                    #expect(reading.time < .seconds(2) + reading.machineDelay)
                }
                #expect(codes.dropLast().allSatisfy { $0 == nil || $0 == .unknownOutcome })
                let reading = try await Stopwatch.measure {
                    for number in 0..<100 {
                        let code = await BusFixture.code { () async throws(BusError) in
                            try await bus.publish(BusFixture.message(1000 + number), to: .queue("alarm"))
                        }
                        #expect(code == .blocked)
                    }
                }
                // Far from a hundred times the publish deadline.
                #expect(reading.time < .seconds(5) + reading.machineDelay)
                let health = await bus.health()
                #expect(health != .ready)
                try await broker.control("set_vm_memory_high_watermark", "0.6")
                while await BusFixture.code({ () async throws(BusError) in
                    try await bus.publish(BusFixture.message(99), to: .queue("alarm"))
                }) == .blocked { await Task.yield() }
                #expect(await bus.health() == .ready)
            }
            try await broker.kill()
        }

        @Test("a missing plugin is named with the command that enables it")
        func missingPlugin() async throws {
            let broker = try await RabbitMQBroker.start()
            try await broker.disablePlugin("rabbitmq_consistent_hash_exchange")
            try await BusFixture.withBus("\(broker.address)/%2F") { bus in
                do throws(BusError) {
                    try await bus.declare(Topology.bridge(partitions: 1))
                    Issue.record("declared")
                } catch {
                    #expect(error.disposition == .fatal)
                    #expect(error.message.contains("rabbitmq-plugins enable rabbitmq_consistent_hash_exchange"))
                }
            }
            try await broker.kill()
        }
    }
}
