// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import RabbitMQ
import Synchronization
import Workers

/// A worker as a process has it: a bus of its own, a consumer that shares.
struct ShareWorker: Sendable {
    let name: Int
    private let bus: RabbitMQBus
    private let consumer: PartitionConsumer
    private let run: Task<Void, any Error>

    init(_ name: Int, url: String, book: HandlingBook) throws {
        self.name = name
        let bus = RabbitMQBus(configuration: try RabbitMQConfiguration(url: url), logger: .quiet)
        var settings = PartitionConsumer.Settings(exchange: BusNames.inbound, partitions: FairShareTests.partitions)
        settings.share = ShareSettings(exchange: BusNames.inbound)
        let consumer = PartitionConsumer(bus: bus, settings: settings, logger: .quiet) { delivery, _, _ in
            // So long that others of the same partition are held meanwhile.
            try? await Task.sleep(for: .milliseconds(5))
            book.handled(delivery, by: name)
            return .done
        }
        self.bus = bus
        self.consumer = consumer
        // Lives until `stop`, as a process would.
        run = Task { try await consumer.run() }
    }

    func stop() async throws {
        consumer.stop()
        try await run.value
        await bus.shutdown()
    }
}

/// What all workers have handled, in the order of handling.
final class HandlingBook: Sendable {
    struct Report: Sendable {
        var handled = 0
        var distinct = 0
        /// First handled before one that was published earlier.
        var disordered: [String] = []
        /// Handled, again or not, after a later one of the same referral.
        var regressed: [String] = []
        var seconds: [Double] = []
    }

    private struct State {
        var report = Report()
        var seen: Set<String> = []
        var next: [String: Int] = [:]
        var newest: [String: Int] = [:]
        var serving: [String: Int] = [:]
    }

    private let state = Mutex(State())

    var report: Report { state.withLock { $0.report } }
    var distinct: Int { state.withLock { $0.report.distinct } }
    /// Per partition the worker that handled its last message.
    var serving: [String: Int] { state.withLock { $0.serving } }

    func forgetServing() { state.withLock { $0.serving = [:] } }
    func took(_ seconds: Double) { state.withLock { $0.report.seconds.append(seconds) } }

    func handled(_ delivery: Delivery, by worker: Int) {
        let id = delivery.message.id
        let referral = delivery.message.subject ?? ""
        let number = id.split(separator: "/").last.flatMap { Int($0) } ?? -1
        state.withLock { state in
            state.serving[delivery.queue] = worker
            state.report.handled += 1
            if state.seen.insert(id).inserted {
                state.report.distinct += 1
                if state.next[referral, default: 0] != number { state.report.disordered.append(id) }
                state.next[referral] = number + 1
            }
            if number < state.newest[referral, default: -1] { state.report.regressed.append(id) }
            state.newest[referral] = max(number, state.newest[referral, default: -1])
        }
    }
}
