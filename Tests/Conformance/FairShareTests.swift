// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Testing
import Workers

/// On a real broker, since it is the broker that keeps the lines and counts the workers.
@Suite("Sharing partitions on RabbitMQ", .serialized, .timeLimit(.minutes(15)))
struct FairShareTests {
    static let partitions = 8
    static let referrals = 48

    @Test("one to four workers and back under load: shares are even, nothing is lost, no referral is disordered")
    func scale() async throws {
        try await RabbitMQBroker.shared().withVirtualHost { url in
            let bus = RabbitMQBus(configuration: try RabbitMQConfiguration(url: url), logger: .quiet)
            try await BusUnderTest.running(bus) { bus in
                try await bus.declare(.bridge(partitions: Self.partitions))
                try await scale(on: url, bus)
            }
        }
    }

    private func scale(on url: String, _ bus: any MessageBus) async throws {
        let book = HandlingBook()
        let traffic = StopSignal()
        let published = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<Self.referrals {
                group.addTask { try await Self.publish("referral-\(number)", on: bus, until: traffic) }
            }
            var fleet: [ShareWorker] = []
            do {
                for count in [1, 2, 3, 4, 3, 2, 1] {
                    if count > fleet.count {
                        fleet.append(try ShareWorker(fleet.count + 1, url: url, book: book))
                    } else {
                        try await fleet.removeLast().stop()
                    }
                    try await even(fleet, book)
                }
            } catch {
                traffic.trigger()
                for worker in fleet { try await worker.stop() }
                throw error
            }
            traffic.trigger()
            var published = 0
            for try await count in group { published += count }
            while book.distinct < published { try await Task.sleep(for: .milliseconds(50)) }
            for worker in fleet { try await worker.stop() }
            return published
        }
        let report = book.report
        print(
            "fair share on RabbitMQ: \(published) published, \(report.handled) handled,",
            "\(report.handled - published) twice, seconds to even shares \(report.seconds.map { ($0 * 10).rounded() / 10 })"
        )
        // Enough to tell; how many there are is the machine's speed.
        #expect(published > 300)
        #expect(report.distinct == published)
        #expect(report.disordered.isEmpty, "first deliveries out of order: \(report.disordered.prefix(5))")
        #expect(report.regressed.isEmpty, "an older message after a newer one: \(report.regressed.prefix(5))")
    }

    /// One referral's messages, each after the confirm of the one before.
    private static func publish(
        _ referral: String, on bus: any MessageBus, until stop: StopSignal
    ) async throws -> Int {
        var number = 0
        repeat {
            try await bus.publish(
                Samples.message("\(referral)/\(number)", referral: referral),
                to: .exchange(BusNames.inbound, routingKey: referral))
            number += 1
        } while await stop.pause(for: .milliseconds(150))
        return number
    }

    /// Waits until every partition is served by a living worker and none serves more than its share; that must take
    /// less than thirty seconds of traffic.
    private func even(_ fleet: [ShareWorker], _ book: HandlingBook) async throws {
        let share = (Self.partitions + fleet.count - 1) / fleet.count
        let names = Set(fleet.map(\.name))
        let start = ContinuousClock.now
        book.forgetServing()
        while true {
            let serving = book.serving
            let counts = Dictionary(grouping: serving.values, by: { $0 }).mapValues(\.count)
            let passed = start.duration(to: .now)
            if serving.count == Self.partitions, names.isSuperset(of: counts.keys),
                counts.values.allSatisfy({ $0 <= share })
            {
                book.took(Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18)
                return
            }
            try #require(
                passed < .seconds(30), "\(fleet.count) workers serve \(counts) of \(serving.count) partitions")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
