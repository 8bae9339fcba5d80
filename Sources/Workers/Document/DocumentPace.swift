// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// A rest between one document of a site and the next.
final class DocumentPace: Sendable {
    private let rest: Duration
    private let clock: any WallClock
    private let next = Mutex<[String: Timestamp]>([:])

    init(rest: Duration, clock: any WallClock) {
        self.rest = rest
        self.clock = clock
    }

    /// How long to wait before the site is asked again; never more than the rest, whatever the clock does.
    func wait(for site: String) -> Duration {
        let now = clock.now()
        return next.withLock { next in
            guard let due = next[site] else { return .zero }
            return min(max(.zero, due.duration(since: now)), rest)
        }
    }

    /// A document of the site was fetched, or failed to be.
    func ended(_ site: String) {
        let due = clock.now().advanced(by: rest)
        next.withLock { $0[site] = due }
    }
}
