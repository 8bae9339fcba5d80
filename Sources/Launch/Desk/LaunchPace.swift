// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Synchronization

/// So many launches a minute: the address can be called by anybody, and each launch is a message for the hospital.
package final class LaunchPace: Sendable {
    private struct Window {
        var start: Timestamp
        var count: Int
    }

    private static let length = Duration.seconds(60)

    private let windows = Mutex<[String: Window]>([:])

    package init() {}

    /// Seconds to wait, or nil when one more is allowed, which then counts. Keys come from the settings, so that there
    /// are few.
    package func wait(_ key: String, limit: Int, now: Timestamp) -> Int? {
        windows.withLock { windows in
            var window = windows[key] ?? Window(start: now, count: 0)
            let age = now.duration(since: window.start)
            // A clock that was set back begins anew.
            if age >= Self.length || age < .zero { window = Window(start: now, count: 0) }
            guard window.count < limit else {
                return max(1, Int((Self.length - now.duration(since: window.start)).components.seconds) + 1)
            }
            window.count += 1
            windows[key] = window
            return nil
        }
    }
}
