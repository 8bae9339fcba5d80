// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import Embedded

@Suite("Restart", .timeLimit(.minutes(15)))
struct RestartTests {
    @Test("after a restart everything unsettled comes in order, marked if it was handed out before")
    func redelivered() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            try await withBus(path) { bus in
                try await bus.declare(Topology(queues: [.init(name: "q")]))
                for number in 0..<6 { try await bus.publish(sample("m-\(number)"), to: .queue("q")) }
                let subscription = try await bus.subscribe(to: "q", prefetch: 3)
                let held = try await take(3, from: subscription)
                try await held[1].ack()
                // The acknowledgement made room for the fourth.
                #expect(try await take(1, from: subscription).map(\.message.id) == ["m-3"])
            }
            try await withBus(path) { bus in
                let depth = try await bus.depth(of: "q")
                #expect(depth?.ready == 5 && depth?.unsettled == 0)
                let subscription = try await bus.subscribe(to: "q", prefetch: 10)
                let again = try await take(5, from: subscription)
                #expect(again.map(\.message.id) == ["m-0", "m-2", "m-3", "m-4", "m-5"])
                #expect(again.map(\.redelivered) == [true, true, true, false, false])
                for delivery in again { try await delivery.ack() }
            }
            // A message published to the emptied queue is new, not taken for one handed out before.
            try await withBus(path) { bus in
                let subscription = try await bus.subscribe(to: "q", prefetch: 10)
                try await bus.publish(sample("m-6"), to: .queue("q"))
                #expect(try await take(1, from: subscription).map(\.redelivered) == [false])
            }
        }
    }

    @Test("topology and bindings outlive a restart, and a key keeps its partition")
    func topology() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            @Sendable func depths(_ bus: EmbeddedBus) async throws -> [Int] {
                var depths: [Int] = []
                for partition in 0..<4 {
                    let queue = BusNames.partition(BusNames.inbound, partition)
                    depths.append(try await bus.depth(of: queue)?.ready ?? -1)
                }
                return depths
            }
            @Sendable func publish(_ bus: EmbeddedBus) async throws {
                for number in 0..<40 {
                    try await bus.publish(
                        sample("\(number)"), to: .exchange(BusNames.inbound, routingKey: "ref-\(number)"))
                }
            }
            let first = try await withBus(path) { bus in
                try await bus.declare(.bridge(partitions: 4))
                try await publish(bus)
                return try await depths(bus)
            }
            #expect(first.reduce(0, +) == 40)
            let second = try await withBus(path) { bus in
                try await publish(bus)
                return try await depths(bus)
            }
            #expect(second == first.map { $0 * 2 })
        }
    }

    @Test("depth names the publishing time of the oldest ready message")
    func oldest() async throws {
        try await withTemporaryDirectory { directory in
            let clock = ManualClock()
            let start = clock.now()
            try await withBus(directory + "/bus.sqlite", clock: clock) { bus in
                try await bus.declare(Topology(queues: [.init(name: "q")]))
                #expect(try await bus.depth(of: "q") == QueueDepth(ready: 0, unsettled: 0, consumers: 0))
                for number in 0..<3 {
                    try await bus.publish(sample("m-\(number)"), to: .queue("q"))
                    clock.advance(by: .seconds(60))
                }
                #expect(try await bus.depth(of: "q")?.oldest == start)
                let subscription = try await bus.subscribe(to: "q", prefetch: 2)
                let held = try await take(2, from: subscription)
                let depth = try await bus.depth(of: "q")
                #expect(
                    depth
                        == QueueDepth(
                            ready: 1, unsettled: 2, consumers: 1, oldest: start.advanced(by: .seconds(120))))
                await subscription.cancel()
                #expect(try await bus.depth(of: "q")?.oldest == start)
                _ = held
            }
        }
    }
}
