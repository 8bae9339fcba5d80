// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Glibc

/// A line on standard error: overwritten on a terminal, every half minute elsewhere.
final class Progress: Sendable {
    private let bench: FaultBench
    private let name: String
    private let total: Int

    init(_ bench: FaultBench, _ name: String, total: Int) {
        self.bench = bench
        self.name = name
        self.total = total
    }

    func run() async throws {
        guard bench.options.showsProgress else { return }
        let isTerminal = isatty(2) == 1
        let start = ContinuousClock.now
        while true {
            try await Task.sleep(for: isTerminal ? .milliseconds(500) : .seconds(30))
            let taken = bench.producer.webhooks + bench.producer.updates
            let seconds = Int((ContinuousClock.now - start) / .seconds(1))
            let line =
                "\(name) \(seconds) s: \(taken) of \(total) taken, \(bench.backlog) on their way,"
                + " \(bench.faults.all.count) faults, \(taken / max(1, seconds))/s"
            let text = isTerminal ? "\r\(line)\u{1B}[K" : line + "\n"
            let bytes = Array(text.utf8)
            _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        }
    }
}
