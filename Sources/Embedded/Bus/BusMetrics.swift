// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics

/// What the embedded bus counts.
struct BusMetrics: Sendable {
    private static let dimensions = [("bus", "embedded")]

    private let published = Counter(label: "ocean_bridge_bus_published_total", dimensions: dimensions)
    private let delivered = Counter(label: "ocean_bridge_bus_delivered_total", dimensions: dimensions)
    private let publishing = Timer(label: "ocean_bridge_bus_publish_seconds", dimensions: dimensions)

    func published(nanoseconds: UInt64) {
        published.increment()
        publishing.recordNanoseconds(nanoseconds)
    }

    func delivered(_ count: Int) {
        delivered.increment(by: count)
    }

    func settled(_ outcome: String) {
        Counter(label: "ocean_bridge_bus_settled_total", dimensions: Self.dimensions + [("outcome", outcome)])
            .increment()
    }

    func failed(_ reason: String) {
        Counter(label: "ocean_bridge_bus_publish_failed_total", dimensions: Self.dimensions + [("reason", reason)])
            .increment()
    }
}
