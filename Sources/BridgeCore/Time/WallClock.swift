// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The time of day, as a port, so that translation and order are tested without waiting.
package protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// The machine's own clock.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
