// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One way to do the job that is compared.
struct Contender {
    let name: String
    /// Does the job once, and gives a number that depends on the result, so that no work can be left out.
    let job: () throws -> Int
}

/// Runs contenders in turn within each round, so that a noisy machine slows them alike.
struct Comparison {
    let title: String
    /// The bytes that one job handles.
    let size: Int
    /// The first is what the others are compared with.
    let contenders: [Contender]
    var rounds = 9
    var secondsPerTurn = 0.15

    /// Prints for each contender the median speed, and the median of its ratios to the first within the same round.
    func run() throws {
        var seconds = contenders.map { _ in [Double]() }
        for contender in contenders { _ = try measure(contender) }
        for _ in 0..<rounds {
            for (place, contender) in contenders.enumerated() { seconds[place].append(try measure(contender)) }
        }
        print(
            "\n\(title): \(size) bytes, \(rounds) interleaved rounds, medians; \(ProcessInfo.processInfo.activeProcessorCount) cores"
        )
        for (place, contender) in contenders.enumerated() {
            let time = median(seconds[place])
            let ratio = median(zip(seconds[0], seconds[place]).map { $0 / $1 })
            let columns = [
                contender.name.padding(toLength: 34, withPad: " ", startingAt: 0),
                format(time * 1e6, "us"), format(Double(size) / time / 1e6, "MB/s"), format(ratio, "x"),
            ]
            print("  " + columns.joined(separator: "  "))
        }
    }

    /// Seconds for one job, over as many jobs as fill a turn.
    private func measure(_ contender: Contender) throws -> Double {
        let clock = ContinuousClock()
        var jobs = 0
        var check = 0
        let start = clock.now
        var elapsed = Duration.zero
        while elapsed < .seconds(secondsPerTurn) {
            for _ in 0..<8 { check &+= try contender.job() }
            jobs += 8
            elapsed = clock.now - start
        }
        blackHole = check
        return elapsed / .seconds(1) / Double(jobs)
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    private func format(_ value: Double, _ unit: String) -> String {
        let digits = String(format: value < 100 ? "%.2f" : "%.0f", value)
        return String(repeating: " ", count: max(0, 8 - digits.count)) + digits + " " + unit
    }
}

/// Written so that results count as used. The benchmarks measure on one thread.
nonisolated(unsafe) private var blackHole = 0
