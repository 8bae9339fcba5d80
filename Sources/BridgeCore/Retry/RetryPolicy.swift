// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next attempt: exponential back-off with full jitter, so that many that failed together
/// do not come back together.
package struct RetryPolicy: Sendable, Hashable {
    /// The longest wait after the first attempt.
    package var base: Duration
    /// The longest wait after any attempt.
    package var cap: Duration
    /// The least wait: no attempt follows another at once.
    package var floor: Duration
    /// A Retry-After beyond this is cut: nothing is held for hours because of one header.
    package var longestRetryAfter: Duration

    package init(
        base: Duration = .seconds(1), cap: Duration = .seconds(60), floor: Duration = .milliseconds(100),
        longestRetryAfter: Duration = .seconds(600)
    ) {
        self.base = max(base, .milliseconds(1))
        self.cap = max(cap, self.base)
        self.floor = min(max(floor, .zero), self.cap)
        self.longestRetryAfter = longestRetryAfter
    }

    /// - Parameters:
    ///   - attempt: the attempt that failed, numbered from 1.
    ///   - retryAfter: what the other side asked for; never undercut (up to `longestRetryAfter`).
    package func delay(
        afterAttempt attempt: Int, retryAfter: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let ceiling = ceiling(afterAttempt: attempt)
        let jittered = max(floor, ceiling * Double.random(in: 0...1, using: &generator))
        guard let retryAfter else { return jittered }
        // Those who were told the same date are spread behind it.
        return max(jittered, min(retryAfter, longestRetryAfter) + min(jittered, base))
    }

    /// The longest wait after this attempt, without Retry-After.
    package func ceiling(afterAttempt attempt: Int) -> Duration {
        // 2^30 bases are beyond any cap that makes sense; the bound keeps the product from overflowing.
        let exponent = min(max(attempt, 1) - 1, 30)
        return min(cap, base * (1 << exponent))
    }
}
