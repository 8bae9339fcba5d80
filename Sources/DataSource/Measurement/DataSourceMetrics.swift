// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Metrics

/// What the sources count; the label `source` takes names of the settings only.
struct DataSourceMetrics: Sendable {
    let source: String

    /// - Parameter outcome: `replaced`, `unchanged`, or the code of the error.
    func countLoad(_ outcome: String) {
        Counter(
            label: "ocean_bridge_data_source_loads_total", dimensions: [("source", source), ("outcome", outcome)]
        ).increment()
    }

    func note(_ document: DataDocument) {
        Gauge(label: "ocean_bridge_data_source_bytes", dimensions: [("source", source)]).record(document.body.count)
        Gauge(label: "ocean_bridge_data_source_loaded_timestamp_seconds", dimensions: [("source", source)])
            .record(Double(document.loadedAt.milliseconds) / 1000)
    }
}
