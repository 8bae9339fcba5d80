// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Slows down guessing: so many failures a minute for each key.
///
/// The key holds the client id beside the address, so that behind a proxy one caller's failures do not shut out another.
final class FailureLimit: Sendable {
    private struct Window {
        var start: Timestamp
        var count: Int
    }

    private static let length = Duration.seconds(60)
    private static let maximumKeys = 4096

    private let maximum: Int
    private let windows = Mutex<[String: Window]>([:])

    init(maximum: Int = 10) {
        self.maximum = maximum
    }

    /// Seconds to wait, or nil when the key may try.
    func wait(_ key: String, now: Timestamp) -> Int? {
        windows.withLock { windows in
            guard let window = windows[key], window.count >= maximum else { return nil }
            let left = Self.length - now.duration(since: window.start)
            guard left > .zero else { return nil }
            return max(1, Int(left.components.seconds) + 1)
        }
    }

    func add(_ key: String, now: Timestamp) {
        windows.withLock { windows in
            if windows.count >= Self.maximumKeys {
                windows = windows.filter { now.duration(since: $0.value.start) < Self.length }
                // Still full: a flood of made-up ids. Forgetting favours the honest.
                if windows.count >= Self.maximumKeys { windows.removeAll() }
            }
            var window = windows[key] ?? Window(start: now, count: 0)
            if now.duration(since: window.start) >= Self.length { window = Window(start: now, count: 0) }
            window.count += 1
            windows[key] = window
        }
    }
}
