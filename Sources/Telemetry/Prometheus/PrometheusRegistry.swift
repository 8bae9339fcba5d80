// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import CoreMetrics
import Synchronization

/// A swift-metrics backend that is read in the Prometheus text format 0.0.4.
///
/// Counters end in `_total`; timers are histograms in seconds and end in `_seconds`; recorders that aggregate are
/// histograms, others gauges. A name has one kind: what comes later under another kind is counted and discarded. So is
/// every series beyond `maximumSeries` of a name, so that hostile label values cost bounded memory.
package final class PrometheusRegistry: MetricsFactory {
    /// Media type of `text()`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge, histogram
    }

    private struct Family {
        let kind: Kind
        var series: [String: any MetricSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var help: [String: String] = [:]
        var discarded: [String: UInt64] = [:]
        var hooks: [@Sendable () async -> [GaugeSample]] = []
    }

    private static let discardedName = "ocean_bridge_metrics_discarded_total"

    private let state = Mutex(State())
    private let maximumSeries: Int
    private let discard = DiscardedSeries()

    /// - Parameter maximumSeries: label sets per name, at least 1.
    package init(maximumSeries: Int = 500) {
        self.maximumSeries = max(1, maximumSeries)
    }

    /// Sets the `# HELP` text of a metric, under the name that it is exposed by.
    package func describe(_ name: String, _ help: String) {
        state.withLock { $0.help[name] = help }
    }

    /// Adds gauges that are read at every scrape, such as the depth of a queue.
    package func onScrape(_ collect: @escaping @Sendable () async -> [GaugeSample]) {
        state.withLock { $0.hooks.append(collect) }
    }

    /// The exposition: families by name, series by label, hooks read one after the other.
    package func text() async -> String {
        var samples: [GaugeSample] = []
        for hook in state.withLock({ $0.hooks }) { samples += await hook() }
        let (families, help, discarded) = state.withLock { ($0.families, $0.help, $0.discarded) }
        var rows: [String: (kind: Kind, lines: [String])] = [:]
        for (name, family) in families {
            var lines: [String] = []
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, to: &lines)
            }
            rows[name] = (family.kind, lines)
        }
        var seen: Set<String> = []
        for sample in samples {
            let name = MetricName.sanitized(sample.name)
            let labels = MetricName.labels(sample.labels)
            guard rows[name, default: (.gauge, [])].kind == .gauge, seen.insert("\(name){\(labels)}").inserted else {
                continue
            }
            rows[name, default: (.gauge, [])].lines.append(row(name, labels, sample.value))
        }
        if !discarded.isEmpty {
            let lines = discarded.sorted { $0.key < $1.key }
                .map { row(Self.discardedName, MetricName.labels([("name", $0.key)]), Double($0.value)) }
            rows[Self.discardedName] = (.counter, lines)
        }
        var output = ""
        for (name, entry) in rows.sorted(by: { $0.key < $1.key }) where !entry.lines.isEmpty {
            let text = help[name] ?? name.split(separator: "_").joined(separator: " ")
            output += "# HELP \(name) \(MetricName.escapedHelp(text))\n# TYPE \(name) \(entry.kind.rawValue)\n"
            for line in entry.lines { output += line + "\n" }
        }
        return output
    }

    private func series<Series: MetricSeries>(
        _ name: String, _ dimensions: [(String, String)], _ kind: Kind, _ make: () -> Series
    ) -> Series? {
        let labels = MetricName.labels(dimensions)
        return state.withLock { state -> Series? in
            var family = state.families[name] ?? Family(kind: kind)
            if let known = family.series[labels] as? Series, family.kind == kind { return known }
            guard family.kind == kind, family.series[labels] == nil, family.series.count < maximumSeries else {
                state.discarded[name, default: 0] += 1
                return nil
            }
            let new = make()
            family.series[labels] = new
            state.families[name] = family
            return new
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                for (labels, series) in family.series where series === handler {
                    state.families[name]?.series[labels] = nil
                }
            }
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? discard
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? discard
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions) ?? discard
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) ?? discard }
        let bounds = HistogramSeries.valueBounds
        return histogram(MetricName.sanitized(label), dimensions, bounds) ?? discard
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.sanitized(label, suffix: "_seconds")
        return histogram(name, dimensions, HistogramSeries.durationBounds) ?? discard
    }

    private typealias AnyCounter = any CounterHandler & FloatingPointCounterHandler
    private typealias AnyGauge = any MeterHandler & RecorderHandler
    private typealias AnyHistogram = any TimerHandler & RecorderHandler

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> AnyCounter? {
        series(MetricName.sanitized(label, suffix: "_total"), dimensions, .counter) { CounterSeries() }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> AnyGauge? {
        series(MetricName.sanitized(label), dimensions, .gauge) { GaugeSeries() }
    }

    private func histogram(_ name: String, _ dimensions: [(String, String)], _ bounds: [Double]) -> AnyHistogram? {
        series(name, dimensions, .histogram) { HistogramSeries(bounds: bounds) }
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}

/// A gauge's value at the moment of a scrape.
package struct GaugeSample: Sendable {
    package let name: String
    package let labels: [(String, String)]
    package let value: Double

    package init(_ name: String, labels: [(String, String)] = [], value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}
