// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Synchronization

/// A wall clock that moves only when the test says so.
package final class ManualClock: WallClock {
    private let current: Mutex<Timestamp>

    /// - Parameter start: the first reading; 2026-01-01T00:00:00Z unless told.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
        current = Mutex(start)
    }

    package func now() -> Timestamp {
        current.withLock { $0 }
    }

    package func advance(by duration: Duration) {
        current.withLock { $0 = $0.advanced(by: duration) }
    }
}
