// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import BridgeTestKit
import Embedded
import Foundation
import JSON
import Logging
import NIOCore
import OceanBridge
import RabbitMQ
import Synchronization
import Workers

/// The publisher role, from the bus to an Ocean that answers after 20 ms and on to `ocean.results`, with 64 calls at
/// once. The ideal is 64 / 20 ms = 3,200 updates a second, on any machine; the goal 1,500.
enum UpdatesBenchmark {
    private static let calls = 64
    private static let referrals = 1_000
    private static let updatesEach = 24
    private static let partitions = 8
    private static let ideal = Double(calls) / 0.020

    static func run() async throws {
        print("\(referrals * updatesEach) updates of \(referrals) referrals, \(calls) calls at once, 20 ms each")
        print("ideal: \(Int(ideal)) updates/s; goal: 1500 (ratio \(text(1500 / ideal)))")
        try await withTemporaryDirectory { directory in
            try await SlowOcean.run(in: directory) { ocean in
                try await turn("embedded bus", directory, ocean) { body in
                    let bus = try EmbeddedBus(path: directory + "/bus.sqlite", logger: quiet)
                    let value = try await body(bus, "embedded")
                    await bus.shutdown()
                    return value
                }
            }
        }
        let broker: RabbitMQBroker
        do {
            broker = try await RabbitMQBroker.start()
        } catch {
            print("RabbitMQ: left out, no broker can be started here (\(error))")
            return
        }
        try await broker.withVirtualHost { url in
            try await withTemporaryDirectory { directory in
                try await SlowOcean.run(in: directory) { ocean in
                    try await turn("RabbitMQ", directory, ocean) { body in
                        var configuration = try RabbitMQConfiguration(url: url)
                        configuration.partitions = [BusNames.inbound: partitions, BusNames.updates: partitions]
                        let bus = RabbitMQBus(configuration: configuration, logger: quiet)
                        let value = try await body(bus, url)
                        await bus.shutdown()
                        return value
                    }
                }
            }
        }
        try await broker.kill()
    }

    private static let quiet = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func turn(
        _ name: String, _ directory: String, _ ocean: String,
        _ withBus: (_ body: (any MessageBus, _ url: String) async throws -> Count) async throws -> Count
    ) async throws {
        let count = try await withBus { bus, url in
            var topology = Topology.bridge(partitions: partitions, intake: url != "embedded")
            topology.queues.append(Topology.Queue(name: "bench.results"))
            topology.bindings.append(
                Topology.Binding(exchange: BusNames.results, queue: "bench.results", routingKey: "#"))
            try await bus.declare(topology)
            try await fill(bus)
            return try await publishAll(bus, url, directory, ocean)
        }
        let report = try await report(ocean)
        let updates = Double(count.updates)
        let rate = updates / count.seconds
        print(
            """
            \(name): \(Int(rate)) updates/s, ratio to the ideal \(text(rate / ideal)), \
            CPU of the bridge \(Int(count.cpuMicroseconds / updates)) us per update; \
            most calls at once \(report.mostAtOnce), out of order \(report.disorders), \
            two of one referral at once \(report.overlaps), repeated \(report.repetitions), not delivered \(count.others)
            """)
        guard report.disorders == 0, report.overlaps == 0, report.unmarked == 0, count.others == 0 else {
            throw RabbitMQBroker.Failure("the order was not kept, or an update was not delivered")
        }
    }

    /// Round robin over the referrals, so that every lane has work.
    private static func fill(_ bus: any MessageBus) async throws {
        let writers = 50
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 1...updatesEach {
                        for referral in stride(from: writer, to: referrals, by: writers) {
                            let reference = "ref-\(referral)"
                            try await bus.publish(
                                message(reference, number),
                                to: .exchange(BusNames.updates, routingKey: reference))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func message(_ reference: String, _ number: Int) -> Message {
        // Half of them change the state, which is remembered for the next.
        var update = ReferralUpdate(
            referral: reference, site: "1234", action: number.isMultiple(of: 2) ? .message : .accept)
        update.text = "\(SlowOcean.marker)\(reference):\(number); The report is attached to the chart."
        return Message(
            id: "\(reference)-\(number)", source: "/hospital/benchmark", type: .updateRequested, subject: reference,
            time: Timestamp(milliseconds: 1_770_000_000_000 + Int64(number)), trace: .root(), body: update.json.bytes())
    }

    private struct Count: Sendable {
        var updates: Int
        var others: Int
        var seconds: Double
        var cpuMicroseconds: Double
    }

    private static func publishAll(
        _ bus: any MessageBus, _ url: String, _ directory: String, _ ocean: String
    ) async throws -> Count {
        let settings = """
            ocean: { host: "\(ocean)" }
            sites: { "1234": { oauth: { clientId: benchmark, clientSecret: benchmark }, concurrency: \(calls) } }
            bus: { url: "\(url)", partitions: \(partitions), allowVulnerableLibrary: true }
            dataDirectory: "\(directory)"
            roles: publisher
            workers: { prefetch: 256, concurrency: 64 }
            """
        let observer = ResultCounter(expected: referrals * updatesEach)
        let process = BridgeProcess(
            settings: try Settings(SettingsValues(yaml: (settings, "benchmark.yaml"), environment: [:])),
            logger: quiet, observer: observer, handlesSignals: false)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The embedded bus belongs to one process object; a broker takes another connection.
                if url == "embedded" { try await process.run(on: bus) } else { try await process.run() }
            }
            await observer.finished()
            await process.stop()
            try await group.waitForAll()
            return observer.count
        }
    }

    private static func report(_ ocean: String) async throws -> SlowOcean.Report {
        try await HTTPClient.withHTTPClient { client in
            let response = try await client.execute(
                HTTPClientRequest(url: ocean + "/report"), timeout: .seconds(10))
            let body = try await response.body.collect(upTo: 1 << 16)
            return try JSONDecoder().decode(SlowOcean.Report.self, from: Data(body.readableBytesView))
        }
    }

    private static func text(_ value: Double) -> String { String(format: "%.2f", value) }

    /// Counts results from the first to the last.
    private final class ResultCounter: HopObserver {
        private struct State {
            var results = 0
            var refused = 0
            var began: (instant: ContinuousClock.Instant, cpu: Int64)?
            var count = Count(updates: 0, others: 0, seconds: 0, cpuMicroseconds: 0)
        }

        private let expected: Int
        private let state = Mutex(State())
        private let ended: AsyncStream<Void>
        private let end: AsyncStream<Void>.Continuation

        init(expected: Int) {
            self.expected = expected
            (ended, end) = AsyncStream.makeStream(of: Void.self)
        }

        var count: Count { state.withLock { $0.count } }

        func finished() async {
            for await _ in ended {}
        }

        func hop(_ event: HopEvent) {
            guard event.stage == .result else { return }
            let isLast = state.withLock { state in
                state.results += 1
                if event.type != .updateDelivered { state.count.others += 1 }
                let cpu = ProcessorTime.nanoseconds()
                guard let began = state.began else {
                    state.began = (.now, cpu)
                    return false
                }
                guard state.results == expected else { return false }
                state.count.updates = expected - 1
                state.count.seconds = began.instant.duration(to: .now) / .seconds(1)
                state.count.cpuMicroseconds = Double(cpu - began.cpu) / 1000
                return true
            }
            if isLast { end.finish() }
        }
    }
}
