// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// One row (or, for a histogram, one set of rows) of the exposition.
protocol MetricSeries: AnyObject, Sendable {
    /// Appends `name{labels} value` lines.
    func write(name: String, labels: String, to output: inout [String])
}

/// A number that only rises.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(name: String, labels: String, to output: inout [String]) {
        output.append(row(name, labels, value.withLock { $0 }))
    }
}

/// A number that goes up and down.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }

    func write(name: String, labels: String, to output: inout [String]) {
        output.append(row(name, labels, value.withLock { $0 }))
    }
}

/// Counts of values at or below fixed bounds.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    /// Seconds: from a parsed message to a long poll.
    static let durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    /// Sizes and counts.
    static let valueBounds = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000.0]

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        // One more for everything above the last bound.
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[place] += 1
            $0.sum += value
        }
    }

    func write(name: String, labels: String, to output: inout [String]) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total += count
            output.append(row(name + "_bucket", prefix + "le=\"\(MetricName.number(bound))\"", Double(total)))
        }
        output.append(row(name + "_sum", labels, sum))
        output.append(row(name + "_count", labels, Double(total)))
    }
}

/// Takes the values of series that are over the limit, and shows them to nobody.
final class DiscardedSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    func increment(by: Int64) {}
    func increment(by: Double) {}
    func decrement(by: Double) {}
    func reset() {}
    func set(_ value: Int64) {}
    func set(_ value: Double) {}
    func record(_ value: Int64) {}
    func record(_ value: Double) {}
    func recordNanoseconds(_ duration: Int64) {}
}

func row(_ name: String, _ labels: String, _ value: Double) -> String {
    labels.isEmpty ? "\(name) \(MetricName.number(value))" : "\(name){\(labels)} \(MetricName.number(value))"
}
