// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Whether the bus is worth trying. A pure state machine.
///
/// While it is away nobody waits for it: publishes go into the spool, and one trial at a time, with growing pauses
/// between, finds out when it is back.
package struct PrimaryHealth: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        case up
        /// `failures` in a row, at least 1.
        case away(failures: Int)
        /// Somebody may try; nobody does yet.
        case trialOpen(failures: Int)
        /// One publish or probe is on its way to find out.
        case trying(failures: Int)
    }

    package private(set) var phase: Phase = .up
    private let policy: RetryPolicy

    /// - Parameter policy: pauses between trials; never below half a second, however short it says.
    package init(policy: RetryPolicy = RetryPolicy(base: .seconds(1), cap: .seconds(5), floor: .milliseconds(500))) {
        var policy = policy
        policy.floor = max(policy.floor, .milliseconds(500))
        policy.cap = max(policy.cap, policy.floor)
        self.policy = policy
    }

    package var isUp: Bool { phase == .up }

    /// True when the bus was away until now.
    package mutating func succeeded() -> Bool {
        defer { phase = .up }
        return phase != .up
    }

    /// True when the bus was up until now.
    ///
    /// - Parameter isTrial: the failure is that of the trial; failures of publishes that began before change nothing.
    package mutating func failed(isTrial: Bool) -> Bool {
        switch phase {
        case .up:
            phase = .away(failures: 1)
            return true
        case .trying(let failures) where isTrial:
            phase = .away(failures: failures + 1)
            return false
        case .away, .trialOpen, .trying:
            return false
        }
    }

    /// The pause is over: the next who asks may try.
    package mutating func openTrial() {
        if case .away(let failures) = phase { phase = .trialOpen(failures: failures) }
    }

    /// True for the one who is to try.
    package mutating func takeTrial() -> Bool {
        guard case .trialOpen(let failures) = phase else { return false }
        phase = .trying(failures: failures)
        return true
    }

    /// The pause before the next trial; nil while there is none to wait for.
    package func pause(using generator: inout some RandomNumberGenerator) -> Duration? {
        guard case .away(let failures) = phase else { return nil }
        return policy.delay(afterAttempt: failures, using: &generator)
    }
}
