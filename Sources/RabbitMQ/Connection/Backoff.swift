// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Waiting times between attempts to connect: 0.2 s doubling to 10 s, each with jitter.
struct Backoff {
    private var attempts = 0

    /// Milliseconds before the next attempt.
    ///
    /// - Parameter random: from 0 to 1.
    mutating func next(random: Double = .random(in: 0...1)) -> Int32 {
        let ceiling = min(10_000.0, 200.0 * Double(UInt64(1) << UInt64(min(attempts, 16))))
        attempts += 1
        return Int32(ceiling * (0.5 + 0.5 * min(1, max(0, random))))
    }

    mutating func reset() {
        attempts = 0
    }
}
