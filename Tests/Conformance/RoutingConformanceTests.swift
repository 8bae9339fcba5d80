// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

/// Where every adapter of the bus puts a message.
@Suite("Bus conformance: routing", .timeLimit(.minutes(15)))
struct RoutingConformanceTests {
    /// Binding key, routing key, and whether they match (AMQP 0-9-1, §3.1.3.3).
    static let table: [(String, String, Bool)] = [
        ("a.b.c", "a.b.c", true), ("a.b.c", "a.b", false), ("a.b.c", "a.b.c.d", false), ("a.b", "A.B", false),
        ("*", "a", true), ("*", "a.b", false), ("*.b", "a.b", true), ("a.*", "a", false), ("a.*.c", "a.b.c", true),
        ("a.*.c", "a.b.b.c", false), ("*.*.*", "1234.cardiology.received", true),
        ("#", "a", true), ("#", "a.b.c", true), ("a.#", "a", true), ("a.#", "a.b.c", true), ("a.#", "b.a", false),
        ("#.c", "c", true), ("#.c", "a.b.c", true), ("#.c", "a.c.b", false), ("a.#.c", "a.c", true),
        ("a.#.c", "a.b.b.c", true), ("a.#.c", "a.b", false), ("#.b.#", "a.b.c", true), ("#.b.#", "a.c", false),
        ("*.#", "a", true), ("*.#", "a.b", true), ("#.*", "a.b", true), ("#.#", "a", true),
        ("a.*.#.d", "a.b.d", true), ("a.*.#.d", "a.d", false), ("a.#.*.d", "a.b.c.d", true),
        ("a*", "ab", false), ("a.b#", "a.bc", false),
    ]

    @Test("topic bindings match as AMQP defines, with * and #", arguments: BusUnderTest.all)
    func topics(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            for (index, (pattern, key, matches)) in Self.table.enumerated() {
                let exchange = "x-\(index)"
                try await bus.declare(
                    Topology(
                        exchanges: [.init(name: exchange, kind: .topic)], queues: [.init(name: "q")],
                        bindings: [.init(exchange: exchange, queue: "q", routingKey: pattern)]))
                do {
                    try await bus.publish(Samples.message("m-\(index)"), to: .exchange(exchange, routingKey: key))
                    #expect(matches, "\(pattern) must not match \(key)")
                } catch let error as BusError where error.code == .unroutable {
                    #expect(!matches, "\(pattern) must match \(key)")
                }
            }
        }
    }

    @Test("a direct publish reaches its queue only", arguments: BusUnderTest.all)
    func direct(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("one")
            try await bus.declareQueue("two")
            try await bus.publish(Samples.message("m-1"), to: .queue("two"))
            let subscription = try await bus.subscribe(to: "two", prefetch: 1)
            #expect(try await drain(1, from: subscription).map(\.id) == ["m-1"])
            #expect(try await bus.depth(of: "one")?.ready == 0)
        }
    }

    @Test(
        "a referral stays in one partition and in order; referrals spread over all partitions",
        arguments: BusUnderTest.all)
    func partitions(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declare(.bridge(partitions: 4))
            try await withThrowingTaskGroup { group in
                for referral in 0..<200 {
                    group.addTask {
                        for number in 0..<5 {
                            try await bus.publish(
                                Samples.message("\(referral)/\(number)", referral: "ref-\(referral)"),
                                to: .exchange(BusNames.inbound, routingKey: "ref-\(referral)"))
                        }
                    }
                }
                try await group.waitForAll()
            }
            var partitionOf: [String: Int] = [:]
            var order: [String: [String]] = [:]
            var total = 0
            for partition in 0..<4 {
                let queue = BusNames.partition(BusNames.inbound, partition)
                let ready = try await awaitDepth(of: queue, on: bus) { $0.ready > 0 }.ready
                #expect(ready > 0)
                let subscription = try await bus.subscribe(to: queue, prefetch: 50)
                for message in try await drain(ready, from: subscription) {
                    let referral = try #require(message.subject)
                    #expect(partitionOf[referral] ?? partition == partition)
                    partitionOf[referral] = partition
                    order[referral, default: []].append(message.id)
                }
                total += ready
            }
            #expect(total == 1000)
            for referral in 0..<200 {
                #expect(order["ref-\(referral)"] == (0..<5).map { "\(referral)/\($0)" })
            }
        }
    }

    @Test("1,000 messages keep their order per referral with concurrent publishers", arguments: BusUnderTest.all)
    func orderPerReferral(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQueue("q", singleActiveConsumer: true)
            let subscription = try await bus.subscribe(to: "q", prefetch: 16)
            try await withThrowingTaskGroup { group in
                for referral in 0..<20 {
                    group.addTask {
                        for number in 0..<50 {
                            try await bus.publish(
                                Samples.message("\(number)", referral: "ref-\(referral)"), to: .queue("q"))
                        }
                    }
                }
                let messages = try await drain(1000, from: subscription)
                try await group.waitForAll()
                let order = Dictionary(grouping: messages) { $0.subject ?? "" }
                #expect(order.count == 20)
                for (_, messages) in order { #expect(messages.map(\.id) == (0..<50).map { "\($0)" }) }
            }
        }
    }

    @Test("bind declares the queue, and binding or declaring again changes nothing", arguments: BusUnderTest.all)
    func declaringAgain(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declare(.bridge(partitions: 2))
            try await bus.publish(Samples.message("m-1"), to: .queue(BusNames.invalid))
            try await bus.declare(.bridge(partitions: 2))
            #expect(try await awaitDepth(of: BusNames.invalid, on: bus) { $0.ready == 1 }.ready == 1)

            #expect(try await bus.depth(of: "hospital.emr") == nil)
            for _ in 0..<2 {
                try await bus.bind(queue: "hospital.emr", to: BusNames.hospitalFHIR, routingKey: "1234.#")
            }
            try await bus.publish(
                Samples.message("m-2"), to: .exchange(BusNames.hospitalFHIR, routingKey: "1234.cardiology.received"))
            #expect(try await awaitDepth(of: "hospital.emr", on: bus) { $0.ready >= 1 }.ready == 1)
        }
    }

    @Test("declaring a name again with other arguments is a conflict", arguments: BusUnderTest.all)
    func conflict(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declare(
                Topology(exchanges: [.init(name: "x", kind: .topic)], queues: [.init(name: "q")]))
            let conflicts = [
                Topology(exchanges: [.init(name: "x", kind: .consistentHash)]),
                Topology(queues: [.init(name: "q", singleActiveConsumer: true)]),
            ]
            for topology in conflicts {
                let error = await #expect(throws: BusError.self) { try await bus.declare(topology) }
                #expect(error?.code == .topologyConflict)
            }
            try await bus.publish(Samples.message("m-1"), to: .queue("q"))
        }
    }

    @Test("a queue or exchange that is not there is named as such", arguments: BusUnderTest.all)
    func notFound(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            #expect(try await bus.depth(of: "nowhere") == nil)
            let subscribing = await #expect(throws: BusError.self) {
                _ = try await bus.subscribe(to: "nowhere", prefetch: 1)
            }
            #expect(subscribing?.code == .notFound)
            let publishing = await #expect(throws: BusError.self) {
                try await bus.publish(Samples.message("m-1"), to: .exchange("nowhere", routingKey: "a"))
            }
            #expect(publishing?.code == .notFound)
        }
    }
}
