// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Metrics

/// What the spool counts.
struct SpoolMetrics: Sendable {
    private let messages = Gauge(label: "ocean_bridge_spool_messages")
    private let bytes = Gauge(label: "ocean_bridge_spool_bytes")
    private let oldest = Gauge(label: "ocean_bridge_spool_oldest_seconds")
    private let locked = Gauge(label: "ocean_bridge_spool_locked_messages")
    private let full = Gauge(label: "ocean_bridge_spool_full")
    private let drained = Counter(label: "ocean_bridge_spool_drained_total")

    func countSpooled(cause: String) {
        Counter(label: "ocean_bridge_spool_spooled_total", dimensions: [("cause", cause)]).increment()
    }

    func countDrained() {
        drained.increment()
    }

    func countRefused(reason: String) {
        Counter(label: "ocean_bridge_spool_refused_total", dimensions: [("reason", reason)]).increment()
    }

    func show(_ status: SpoolStatus) {
        messages.record(status.messages)
        bytes.record(status.bytes)
        oldest.record(Double(status.oldestAge?.components.seconds ?? 0))
        locked.record(status.locked)
        full.record(status.isFull ? 1 : 0)
    }
}
