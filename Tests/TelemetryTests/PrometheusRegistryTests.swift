// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Telemetry
import Testing

@Suite("Prometheus registry", .timeLimit(.minutes(15)))
struct PrometheusRegistryTests {
    @Test("the exposition is as the text format 0.0.4 has it")
    func golden() async {
        let registry = PrometheusRegistry()
        registry.describe("jobs_total", "Jobs\nwith a \\ in it")
        Counter(label: "jobs", dimensions: [("state", "do\"ne\n\\")], factory: registry).increment(by: 3)
        Counter(label: "jobs_total", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        Counter(label: "jobs_total", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Meter(label: "queue.depth", factory: registry).set(2.5)
        FloatingPointCounter(label: "9lives", factory: registry).increment(by: 0.25)
        let timer = CoreMetrics.Timer(label: "call", dimensions: [("le", "x")], factory: registry)
        timer.recordMilliseconds(1)
        timer.recordMilliseconds(30)
        timer.recordSeconds(90)
        let expected = """
            # HELP _9lives_total 9lives total
            # TYPE _9lives_total counter
            _9lives_total 0.25
            # HELP call_seconds call seconds
            # TYPE call_seconds histogram
            call_seconds_bucket{exported_le="x",le="0.001"} 1
            call_seconds_bucket{exported_le="x",le="0.0025"} 1
            call_seconds_bucket{exported_le="x",le="0.005"} 1
            call_seconds_bucket{exported_le="x",le="0.01"} 1
            call_seconds_bucket{exported_le="x",le="0.025"} 1
            call_seconds_bucket{exported_le="x",le="0.05"} 2
            call_seconds_bucket{exported_le="x",le="0.1"} 2
            call_seconds_bucket{exported_le="x",le="0.25"} 2
            call_seconds_bucket{exported_le="x",le="0.5"} 2
            call_seconds_bucket{exported_le="x",le="1"} 2
            call_seconds_bucket{exported_le="x",le="2.5"} 2
            call_seconds_bucket{exported_le="x",le="5"} 2
            call_seconds_bucket{exported_le="x",le="10"} 2
            call_seconds_bucket{exported_le="x",le="30"} 2
            call_seconds_bucket{exported_le="x",le="60"} 2
            call_seconds_bucket{exported_le="x",le="+Inf"} 3
            call_seconds_sum{exported_le="x"} 90.031
            call_seconds_count{exported_le="x"} 3
            # HELP jobs_total Jobs\\nwith a \\\\ in it
            # TYPE jobs_total counter
            jobs_total{a="1",b="2"} 2
            jobs_total{state="do\\"ne\\n\\\\"} 3
            # HELP queue_depth queue depth
            # TYPE queue_depth gauge
            queue_depth 2.5

            """
        #expect(await registry.text() == expected)
    }

    @Test("an empty registry has an empty exposition")
    func empty() async {
        #expect(await PrometheusRegistry().text().isEmpty)
    }

    @Test("recorders are histograms when they aggregate and gauges when they do not")
    func recorders() async {
        let registry = PrometheusRegistry()
        let sizes = Recorder(label: "bytes", factory: registry)
        sizes.record(5)
        sizes.record(5_000_000_000)
        Gauge(label: "now", factory: registry).record(-3)
        let text = await registry.text()
        #expect(text.contains("bytes_bucket{le=\"10\"} 1\n"))
        #expect(text.contains("bytes_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("# TYPE now gauge\nnow -3\n"))
    }

    @Test("gauges read at the scrape stand beside the others, twice the same row only once")
    func hooks() async {
        let registry = PrometheusRegistry()
        registry.onScrape {
            [
                GaugeSample("queue_depth", labels: [("queue", "a")], value: 7),
                GaugeSample("queue_depth", labels: [("queue", "a")], value: 8),
                GaugeSample("jobs_total", value: 1),
            ]
        }
        Counter(label: "jobs", factory: registry).increment()
        Meter(label: "queue_depth", dimensions: [("queue", "b")], factory: registry).set(1)
        let text = await registry.text()
        #expect(text.contains("# TYPE queue_depth gauge\nqueue_depth{queue=\"b\"} 1\nqueue_depth{queue=\"a\"} 7\n"))
        #expect(!text.contains("} 8"))
        #expect(text.contains("jobs_total 1\n"))
    }

    @Test("series over the limit are discarded and counted, the first ones go on")
    func limit() async {
        let registry = PrometheusRegistry(maximumSeries: 3)
        for number in 0..<10 {
            Counter(label: "seen", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        Counter(label: "seen", dimensions: [("n", "0")], factory: registry).increment()
        let text = await registry.text()
        #expect(text.contains("seen_total{n=\"0\"} 2\n"))
        #expect(!text.contains("n=\"3\""))
        #expect(text.contains("ocean_bridge_metrics_discarded_total{name=\"seen_total\"} 7\n"))
    }

    @Test("a name keeps its first kind")
    func kinds() async {
        let registry = PrometheusRegistry()
        Meter(label: "x_total", factory: registry).set(1)
        Counter(label: "x", factory: registry).increment()
        let text = await registry.text()
        #expect(text.contains("# TYPE x_total gauge\nx_total 1\n"))
        #expect(text.contains("discarded_total{name=\"x_total\"} 1\n"))
    }

    @Test("a destroyed metric is gone, a counter never falls")
    func destroy() async {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "gone", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -3)
        #expect(await registry.text().contains("gone_total 5\n"))
        counter.destroy()
        #expect(await registry.text().isEmpty)
    }

    @Test("many writers at once lose nothing")
    func concurrency() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for number in 0..<500 {
                        Counter(label: "c", dimensions: [("n", "\(number % 3)")], factory: registry).increment()
                        CoreMetrics.Timer(label: "t", factory: registry).recordNanoseconds(1_000_000)
                        if number % 100 == 0 { _ = await registry.text() }
                    }
                }
            }
        }
        let text = await registry.text()
        #expect(text.contains("c_total{n=\"0\"} 2672\n"))
        #expect(text.contains("t_seconds_count 8000\n"))
        let sum = text.split(separator: "\n").first { $0.hasPrefix("t_seconds_sum ") }?.split(separator: " ").last
        #expect(abs((sum.flatMap { Double($0) } ?? 0) - 8) < 1e-6)
    }
}
