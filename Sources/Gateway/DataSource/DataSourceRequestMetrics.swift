// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics

/// What the data sources' route counts; `source` takes names of the settings only.
struct DataSourceRequestMetrics: Sendable {
    static let unknownSource = "unknown"

    let factory: any MetricsFactory

    func request(source: String, status: String, outcome: String, duration: Duration) {
        Counter(
            label: "ocean_bridge_data_source_requests_total",
            dimensions: [("source", source), ("status", status), ("outcome", outcome)], factory: factory
        ).increment()
        Timer(label: "ocean_bridge_data_source_seconds", dimensions: [("source", source)], factory: factory)
            .recordNanoseconds(duration.nanoseconds)
    }
}
