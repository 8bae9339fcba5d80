// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import Logging
import Metrics
import Synchronization

/// Whether the bridge's own side lanes (dead letters, invalid, unrouted) take messages: one log line and one gauge per
/// change. Workers of one process share it.
package final class SideLanes: Sendable {
    private let closed = Mutex<Set<String>>([])
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
        for queue in [BusNames.deadLetters, BusNames.invalid, BusNames.unrouted] { Self.gauge(queue, 1) }
    }

    /// Whether the queue itself is at fault: gone or full. A bus that is away says nothing of it.
    static func isClosed(_ failure: BusError) -> Bool {
        switch failure.code {
        case .unroutable, .refused, .notFound: true
        case .unavailable, .blocked, .unknownOutcome, .tooLarge, .stale, .topologyConflict, .accessRefused, .closed:
            false
        }
    }

    func failed(_ queue: String, _ failure: BusError) {
        guard closed.withLock({ $0.insert(queue).inserted }) else { return }
        Self.gauge(queue, 0)
        logger.error(
            """
            a side lane takes no messages: declare it again or make room in it; referrals that need it are parked and \
            tried again by themselves
            """,
            metadata: ["queue": "\(queue)", "reason": "\(failure.reason)"])
    }

    func worked(_ queue: String) {
        guard closed.withLock({ $0.remove(queue) }) != nil else { return }
        Self.gauge(queue, 1)
        logger.notice("the side lane takes messages again", metadata: ["queue": "\(queue)"])
    }

    private static func gauge(_ queue: String, _ value: Int) {
        Gauge(label: "ocean_bridge_side_lane_available", dimensions: [("queue", queue)]).record(value)
    }
}
