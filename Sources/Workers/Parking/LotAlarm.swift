// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics
import Synchronization

/// Says once that the parking lot is full, and once that it has room again.
final class LotAlarm: Sendable {
    private let isFull = Mutex(false)
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
        Self.gauge(0)
    }

    func full() {
        guard turn(to: true) else { return }
        Self.gauge(1)
        logger.error(
            """
            the parking lot is full; failing referrals stay on their queues and hold them up: see what keeps them \
            failing (GET /api/v1/parked) or give the lot more room
            """)
    }

    func taken() {
        guard turn(to: false) else { return }
        Self.gauge(0)
        logger.notice("the parking lot has room again")
    }

    private func turn(to state: Bool) -> Bool {
        isFull.withLock { isFull in
            defer { isFull = state }
            return isFull != state
        }
    }

    private static func gauge(_ value: Int) {
        Gauge(label: "ocean_bridge_parking_full").record(value)
    }
}
