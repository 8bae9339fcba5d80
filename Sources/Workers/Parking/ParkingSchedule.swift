// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// When a parked referral is tried again.
package struct ParkingSchedule: Sendable, Hashable {
    /// Until the first attempt out of the lot.
    package var first: Duration
    /// The longest wait, after many rounds.
    package var longest: Duration

    package init(first: Duration = .seconds(60), longest: Duration = .seconds(900)) {
        self.first = max(first, .milliseconds(1))
        self.longest = max(longest, self.first)
    }

    /// The wait after so many rounds out of the lot (0: just parked): doubling, spread by a quarter so that lanes
    /// parked together do not come back together.
    ///
    /// - Parameter retryAfter: what the other side asked for; never undercut.
    func delay(afterRound round: Int, retryAfter: Duration?) -> Duration {
        let policy = RetryPolicy(base: first, cap: longest)
        let spread = policy.ceiling(afterAttempt: round + 1) * Double.random(in: 0.75...1)
        return max(spread, min(retryAfter ?? .zero, policy.longestRetryAfter))
    }
}
