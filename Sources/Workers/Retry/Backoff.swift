// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A retry policy with its source of chance.
package struct Backoff: Sendable {
    private let compute: @Sendable (Int, Duration?) -> Duration

    package init(_ policy: RetryPolicy = RetryPolicy()) {
        compute = { attempt, retryAfter in
            var generator = SystemRandomNumberGenerator()
            return policy.delay(afterAttempt: attempt, retryAfter: retryAfter, using: &generator)
        }
    }

    /// For tests: any rule.
    package init(_ compute: @escaping @Sendable (Int, Duration?) -> Duration) {
        self.compute = compute
    }

    func delay(afterAttempt attempt: Int, retryAfter: Duration? = nil) -> Duration { compute(attempt, retryAfter) }
}
