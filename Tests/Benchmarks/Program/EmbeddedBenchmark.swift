// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Dispatch
import Embedded
import Foundation
import Logging

/// Durable publishing on the embedded bus beside SQLite's C API used straight, both with a flush at every commit.
///
/// The bus serves 64 concurrent publishers that each wait for their own confirm; the C program is one loop that knows
/// all its messages beforehand and commits every 64. Fresh files each turn.
enum EmbeddedBenchmark {
    private static let publishers = 64
    private static let messagesEach = 128
    private static let rounds = 9
    static let body = (0..<20_480).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }

    static func run() async throws {
        var plain: [Double] = []
        var bus: [Double] = []
        var latencies: [Double] = []
        var perTransaction: [Double] = []
        for round in 0...rounds {
            // The first round only warms up; the order changes with each.
            for isBus in round.isMultiple(of: 2) ? [false, true] : [true, false] {
                let turn = try await withTemporaryDirectory { directory in
                    isBus ? try await publish(directory) : try await straight(directory)
                }
                guard round > 0 else { continue }
                if isBus {
                    bus.append(turn.seconds)
                    latencies += turn.latencies
                    perTransaction.append(turn.messagesPerTransaction)
                } else {
                    plain.append(turn.seconds)
                }
            }
        }
        let count = Double(publishers * messagesEach)
        let ratios = zip(plain, bus).map { $0 / $1 }
        print(
            """

            durable publishing, \(body.count) bytes, WAL, synchronous=FULL, \(Int(count)) messages a turn, \
            \(rounds) interleaved rounds, medians
              SQLite C API, batches of 64:  \(text(count / median(plain))) msg/s
              embedded bus, 64 publishers:  \(text(count / median(bus))) msg/s, \
            \(text(median(perTransaction))) messages per transaction, \
            confirm p50 \(text(percentile(latencies, 0.5) * 1000)) ms, p99 \(text(percentile(latencies, 0.99) * 1000)) ms
              paired ratio:                 \(text(median(ratios)))x \
            (\(text(ratios.min() ?? 0)) to \(text(ratios.max() ?? 0)))
            """)
    }

    private struct Turn {
        var seconds: Double
        var latencies: [Double] = []
        var messagesPerTransaction = 64.0
    }

    private static func publish(_ directory: String) async throws -> Turn {
        let bus = try EmbeddedBus(
            path: directory + "/bus.sqlite", logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        try await bus.declare(Topology(queues: [.init(name: "q")]))
        let before = bus.transactionCount
        let clock = ContinuousClock()
        let start = clock.now
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for publisher in 0..<publishers {
                group.addTask {
                    var latencies: [Double] = []
                    for number in 0..<messagesEach {
                        let message = Message(
                            id: "\(publisher)-\(number)", source: "/ocean/benchmark", type: .referralReceived,
                            subject: "ref-\(publisher)", time: Timestamp(milliseconds: 1_767_225_600_000),
                            attributes: MessageAttributes(site: "1234", listing: "l-1", event: "received"), body: body)
                        let from = clock.now
                        try await bus.publish(message, to: .queue("q"))
                        latencies.append((clock.now - from) / .seconds(1))
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = (clock.now - start) / .seconds(1)
        let transactions = bus.transactionCount - before
        await bus.shutdown()
        return Turn(
            seconds: seconds, latencies: latencies,
            messagesPerTransaction: Double(latencies.count) / Double(max(1, transactions)))
    }

    private static func straight(_ directory: String) async throws -> Turn {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        let journal = try StraightSQLite(path: directory + "/straight.sqlite")
                        let clock = ContinuousClock()
                        let start = clock.now
                        try journal.insert(publishers * messagesEach, batch: 64)
                        return Turn(seconds: (clock.now - start) / .seconds(1))
                    })
            }
        }
    }

    private static func median(_ values: [Double]) -> Double {
        percentile(values, 0.5)
    }

    private static func percentile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private static func text(_ value: Double) -> String {
        String(format: value < 100 ? "%.2f" : "%.0f", value)
    }
}
