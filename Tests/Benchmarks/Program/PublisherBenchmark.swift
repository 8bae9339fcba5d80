// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CAMQPCeiling
import Glibc
import Logging
import RabbitMQ

/// Publishing to a quorum queue, 20 KB bodies, against a C program on the same library with as many in flight.
enum PublisherBenchmark {
    struct Round {
        var rate: Double
        var p50: Double
        var p99: Double
        /// Microseconds of this process's CPU per message.
        var cpu: Double
    }

    static let window = 64

    private static let rounds = 5
    private static let messages = 10_000

    /// Interleaved rounds; prints medians and the median of the paired ratios.
    ///
    /// A round is Swift, C, C, Swift: the broker rolls its log over every other turn, and each side must get as many of
    /// the slow turns as the other.
    static func run() async throws {
        let broker = try await RabbitMQBroker.start()
        var swift: [Round] = []
        var ceiling: [Round] = []
        var ratios: [Double] = []
        for round in 0...rounds {
            let first = try await once(broker, messages, swiftRound)
            let second = try await once(broker, messages, ceilingRound)
            let third = try await once(broker, messages, ceilingRound)
            let fourth = try await once(broker, messages, swiftRound)
            // The first round only warms up.
            guard round > 0 else { continue }
            swift += [first, fourth]
            ceiling += [second, third]
            let ratio = (1 / second.rate + 1 / third.rate) / (1 / first.rate + 1 / fourth.rate)
            ratios.append(ratio)
            print("round \(round): Swift/C \(rounded(ratio))")
        }
        try await broker.kill()
        report("Swift, \(window) publishers", swift)
        report("C, window \(window)", ceiling)
        print(
            "paired ratio Swift/C: median \(rounded(median(ratios))), lowest \(rounded(ratios.min() ?? 0)); goal 0.90")
    }

    private static func once(
        _ broker: RabbitMQBroker, _ messages: Int,
        _ body: (RabbitMQBroker, _ url: String, _ messages: Int) async throws -> Round
    ) async throws -> Round {
        try await broker.withVirtualHost { url in
            let bus = try bus(url)
            try await bus.declare(Topology(queues: [Topology.Queue(name: "bench")]))
            await bus.shutdown()
            return try await body(broker, url, messages)
        }
    }

    private static func bus(_ url: String) throws -> RabbitMQBus {
        RabbitMQBus(
            configuration: try RabbitMQConfiguration(url: url),
            logger: Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private static let message = Message(
        id: "message-1", source: "/ocean/main", type: .referralReceived, subject: "referral-1",
        time: Timestamp(milliseconds: 1_770_000_000_000),
        attributes: MessageAttributes(site: "1234", listing: "listing-1", service: "cardiology", event: "new-referral"),
        body: [UInt8](repeating: 0x61, count: 20 * 1024))

    private static func swiftRound(_ broker: RabbitMQBroker, _ url: String, _ messages: Int) async throws -> Round {
        let bus = try bus(url)
        try await bus.publish(message, to: .queue("bench"))
        let clock = ContinuousClock()
        let startCPU = ProcessorTime.nanoseconds()
        let start = clock.now
        var latencies = try await withThrowingTaskGroup(of: [Double].self, returning: [Double].self) { group in
            for publisher in 0..<window {
                group.addTask {
                    var output: [Double] = []
                    for _ in stride(from: publisher, to: messages, by: window) {
                        let before = clock.now
                        try await bus.publish(message, to: .queue("bench"))
                        output.append((clock.now - before) / .milliseconds(1))
                    }
                    return output
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = (clock.now - start) / .seconds(1)
        let cpu = ProcessorTime.nanoseconds() - startCPU
        await bus.shutdown()
        latencies.sort()
        return Round(
            rate: Double(messages) / seconds, p50: latencies[latencies.count / 2],
            p99: latencies[latencies.count * 99 / 100], cpu: Double(cpu) / 1000 / Double(messages))
    }

    private static func ceilingRound(_ broker: RabbitMQBroker, _ url: String, _ messages: Int) async throws -> Round {
        // The same headers, so that the broker has the same work.
        let headers = CloudEventsBinary.properties(of: message).headers.map { ($0.key, $0.value.text) }
        let port = Int32(broker.port)
        let virtualHost = RabbitMQBroker.virtualHost(of: url)
        return try await BlockingWork.run {
            let texts = headers.map { (strdup($0.0), strdup($0.1)) }
            defer {
                for (name, value) in texts {
                    free(name)
                    free(value)
                }
            }
            let list = texts.map { ceiling_header(name: $0.0, value: $0.1) }
            var result = ceiling_result()
            let status = ceiling_publish(
                "127.0.0.1", port, virtualHost, "guest", "guest", "bench", message.body, message.body.count, list,
                Int32(list.count), Int32(messages), Int32(window), &result)
            guard status == 0 else { throw RabbitMQBroker.Failure("the C publisher failed (\(status))") }
            return Round(
                rate: Double(messages) / result.seconds, p50: Double(result.p50) / 1e6, p99: Double(result.p99) / 1e6,
                cpu: Double(result.cpu_nanoseconds) / 1000 / Double(messages))
        }
    }

    private static func report(_ name: String, _ rounds: [Round]) {
        print(
            "\(name): \(Int(median(rounds.map(\.rate)))) messages/s, p50 \(rounded(median(rounds.map(\.p50)))) ms, "
                + "p99 \(rounded(median(rounds.map(\.p99)))) ms, CPU \(rounded(median(rounds.map(\.cpu)))) us/message")
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
