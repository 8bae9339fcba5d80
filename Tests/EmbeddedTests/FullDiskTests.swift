// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import GRDB
import Testing

@testable import Embedded

@Suite("Full disk", .timeLimit(.minutes(15)))
struct FullDiskTests {
    @Test("with the disk full publishing is unavailable, consuming goes on, and room made is used")
    func recovers() async throws {
        try await withTemporaryDirectory { directory in
            try await withBus(directory + "/bus.sqlite", limits: EmbeddedBusLimits(pages: 80)) { bus in
                try await bus.declare(.bridge(partitions: 1))
                var stored = 0
                var refusal: BusError?
                while refusal == nil, stored < 1000 {
                    do {
                        try await bus.publish(sample("m-\(stored)", bytes: 20_000), to: .queue(BusNames.invalid))
                        stored += 1
                    } catch {
                        refusal = error as? BusError
                    }
                }
                #expect(refusal?.code == .unavailable)
                #expect(refusal?.message.contains("full") == true)
                #expect(stored > 10)
                #expect(await bus.health() != .ready)

                let subscription = try await bus.subscribe(to: BusNames.invalid, prefetch: 4)
                for number in 0..<stored {
                    let delivery = try await take(1, from: subscription)[0]
                    #expect(delivery.message.id == "m-\(number)")
                    try await delivery.ack()
                }
                #expect(await bus.health() == .ready)
                try await bus.publish(sample("after", bytes: 20_000), to: .queue(BusNames.invalid))
                #expect(try await take(1, from: subscription).map(\.message.id) == ["after"])
            }
        }
    }

    @Test("publishings that do not fit take no acknowledgement down with them")
    func mixed() async throws {
        try await withTemporaryDirectory { directory in
            try await withBus(directory + "/bus.sqlite", limits: EmbeddedBusLimits(pages: 80)) { bus in
                try await bus.declare(.bridge(partitions: 1))
                var stored = 0
                while (try? await bus.publish(sample("\(stored)", bytes: 20_000), to: .queue(BusNames.invalid))) != nil
                {
                    stored += 1
                }
                let subscription = try await bus.subscribe(to: BusNames.invalid, prefetch: stored)
                let held = try await take(stored, from: subscription)
                try await withThrowingTaskGroup { group in
                    for delivery in held {
                        group.addTask { try await delivery.ack() }
                        group.addTask {
                            do {
                                try await bus.publish(sample("huge", bytes: 1_000_000), to: .queue(BusNames.unrouted))
                                Issue.record("1 MB does not fit into 80 pages")
                            } catch let error as BusError {
                                #expect(error.code == .unavailable)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await bus.depth(of: BusNames.invalid)?.unsettled == 0)
                #expect(try await bus.depth(of: BusNames.unrouted)?.ready == 0)
            }
        }
    }

    @Test("a body above the limit is too large, and a long routing key too")
    func tooLarge() async throws {
        try await withTemporaryDirectory { directory in
            try await withBus(directory + "/bus.sqlite", limits: EmbeddedBusLimits(messageBytes: 100)) { bus in
                try await bus.declare(.bridge(partitions: 1))
                let big = await #expect(throws: BusError.self) {
                    try await bus.publish(sample("m", bytes: 101), to: .queue(BusNames.invalid))
                }
                #expect(big?.code == .tooLarge)
                let long = await #expect(throws: BusError.self) {
                    try await bus.publish(
                        sample("m"), to: .exchange(BusNames.results, routingKey: String(repeating: "a", count: 256)))
                }
                #expect(long?.code == .tooLarge)
                try await bus.publish(sample("m", bytes: 100), to: .queue(BusNames.invalid))
            }
        }
    }
}
