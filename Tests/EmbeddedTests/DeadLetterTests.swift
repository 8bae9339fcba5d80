// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import Embedded

@Suite("Rejected messages", .timeLimit(.minutes(15)))
struct DeadLetterTests {
    @Test("a rejected message goes to the dead letters with its reason, body and id")
    func moved() async throws {
        try await withTemporaryDirectory { directory in
            try await withBus(directory + "/bus.sqlite") { bus in
                try await bus.declare(.bridge(partitions: 1))
                try await bus.bind(queue: "emr", to: BusNames.hospitalFHIR, routingKey: "#")
                try await bus.bind(queue: "other", to: BusNames.hospitalFHIR, routingKey: "#")
                let sent = sample("m-1", bytes: 30_000)
                try await bus.publish(sent, to: .exchange(BusNames.hospitalFHIR, routingKey: "1234.a.b"))
                let subscription = try await bus.subscribe(to: "emr", prefetch: 1)
                try await take(1, from: subscription)[0].nack(requeue: false)
                let letters = try await bus.subscribe(to: BusNames.deadLetters, prefetch: 1)
                let letter = try await take(1, from: letters)[0]
                var expected = sent
                expected.headers["x-reason"] = .string("rejected")
                #expect(letter.message == expected)
                #expect(letter.routingKey == "1234.a.b")
                #expect(!letter.redelivered)
                #expect(try await bus.depth(of: "emr")?.unsettled == 0)
                // The other queue's copy is untouched.
                let other = try await bus.subscribe(to: "other", prefetch: 1)
                #expect(try await take(1, from: other).map(\.message) == [sent])
                // Rejected once more, it is gone, not in a loop.
                try await letter.nack(requeue: false)
                let depth = try await bus.depth(of: BusNames.deadLetters)
                #expect(depth?.ready == 0 && depth?.unsettled == 0)
            }
        }
    }

    @Test("without a dead-letter queue a rejected message is deleted")
    func deleted() async throws {
        try await withTemporaryDirectory { directory in
            try await withBus(directory + "/bus.sqlite") { bus in
                try await bus.declare(Topology(queues: [.init(name: "q")]))
                try await bus.publish(sample("m-1"), to: .queue("q"))
                let subscription = try await bus.subscribe(to: "q", prefetch: 1)
                try await take(1, from: subscription)[0].nack(requeue: false)
                #expect(try await bus.depth(of: "q") == QueueDepth(ready: 0, unsettled: 0, consumers: 1))
            }
        }
    }
}
