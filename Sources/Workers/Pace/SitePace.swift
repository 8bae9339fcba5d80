// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// When the next call to a site may begin: a least time between the beginnings of two calls, and nothing at all while
/// Ocean has asked the site to wait (429 with Retry-After).
final class SitePace: Sendable {
    private struct Entry {
        var next: Timestamp
        /// When `next` was set: a clock that goes back must not hold calls for as long.
        var setAt: Timestamp
    }

    /// A Retry-After beyond this is cut.
    static let longestHold: Duration = .seconds(600)

    private let intervals: [String: Duration]
    private let state = Mutex<[String: Entry]>([:])

    /// - Parameter intervals: by site number; a site without one is not paced.
    init(intervals: [String: Duration] = [:]) {
        self.intervals = intervals.filter { $0.value > .zero }
    }

    /// Takes the turn.
    ///
    /// - Returns: nil when the call may begin now, else how long to wait before asking again.
    func turn(of site: String, now: Timestamp) -> Duration? {
        state.withLock { entries in
            if let entry = entries[site], now < entry.next, now >= entry.setAt {
                return max(entry.next.duration(since: now), .milliseconds(1))
            }
            if let interval = intervals[site] {
                entries[site] = Entry(next: now.advanced(by: interval), setAt: now)
            } else {
                entries[site] = nil
            }
            return nil
        }
    }

    /// No call to the site begins before.
    func hold(_ site: String, for duration: Duration, now: Timestamp) {
        let until = now.advanced(by: min(duration, Self.longestHold))
        state.withLock { entries in
            if let entry = entries[site], entry.next > until, now >= entry.setAt { return }
            entries[site] = Entry(next: until, setAt: now)
        }
    }
}
