// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Waiting times between attempts to connect: 0.2 s doubling to a ceiling, each with jitter.
struct Backoff {
    /// Milliseconds. A broker that comes back is used again within this time and one login.
    static let ceiling = 4000.0
    /// Milliseconds. What only an operator can mend is tried more rarely.
    static let refusedCeiling = 10_000.0

    private var attempts = 0

    /// Milliseconds before the next attempt.
    ///
    /// - Parameters:
    ///   - isRefused: the broker refused us, rather than being away.
    ///   - random: from 0 to 1.
    mutating func next(isRefused: Bool = false, random: Double = .random(in: 0...1)) -> Int32 {
        let ceiling = min(
            isRefused ? Self.refusedCeiling : Self.ceiling, 200.0 * Double(UInt64(1) << UInt64(min(attempts, 16))))
        attempts += 1
        return Int32(ceiling * (0.5 + 0.5 * min(1, max(0, random))))
    }

    /// A connection that lived this long was a good one, though nothing was confirmed or delivered.
    static func isStable(since began: Int64) -> Bool {
        MonotonicTime.now() - began > 30_000_000_000
    }

    mutating func reset() {
        attempts = 0
    }
}
