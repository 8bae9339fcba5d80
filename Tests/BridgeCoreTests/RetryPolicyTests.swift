// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@Suite("How long to wait before the next attempt")
struct RetryPolicyTests {
    static let policy = RetryPolicy(base: .seconds(1), cap: .seconds(20), floor: .milliseconds(50))

    @Test(
        "the longest wait doubles up to the cap",
        arguments: zip([1, 2, 3, 5, 6, 1000, .max], [1, 2, 4, 16, 20, 20, 20]))
    func doubling(_ attempt: Int, _ seconds: Int) {
        #expect(Self.policy.ceiling(afterAttempt: attempt) == .seconds(seconds))
    }

    @Test("jitter fills the whole range between floor and ceiling")
    func jitter() {
        var random = SplitMix(seed: 7)
        let delays = (0..<1000).map { _ in Self.policy.delay(afterAttempt: 4, using: &random) }
        #expect(delays.allSatisfy { $0 >= .milliseconds(50) && $0 <= .seconds(8) })
        #expect(delays.contains { $0 < .seconds(1) })
        #expect(delays.contains { $0 > .seconds(7) })
    }

    @Test("Retry-After is never undercut, and spread a little behind")
    func retryAfter() {
        var random = SplitMix(seed: 8)
        for _ in 0..<100 {
            let delay = Self.policy.delay(afterAttempt: 1, retryAfter: .seconds(30), using: &random)
            #expect(delay >= .seconds(30) && delay <= .seconds(31))
        }
    }

    @Test("a Retry-After of days is cut")
    func longRetryAfter() {
        var random = SplitMix(seed: 9)
        let delay = Self.policy.delay(afterAttempt: 1, retryAfter: .seconds(86_400), using: &random)
        #expect(delay >= .seconds(600) && delay <= .seconds(601))
    }
}
