// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// When an unanswered webhook call is made again: several times in the first hour, then hourly, for 96 hours (Ocean
/// help centre, API retry logic).
package struct RetrySchedule: JSONRecord {
    /// Seconds before the second and the following attempts.
    package var first = [60, 300, 600, 900, 1500]
    /// Seconds between all later attempts.
    package var then = 3600
    /// Seconds after the first attempt beyond which there is no further one.
    package var limit = 96 * 3600
    /// How many times faster than in Ocean the clock runs: 3600 makes an hour of waiting a second.
    package var compression = 1

    package init() {}

    package init(compression: Int) {
        self.compression = compression
    }

    package static let fields: [Field<RetrySchedule>] = [
        .defaulted("firstSeconds", \.first), .defaulted("thenSeconds", \.then), .defaulted("limitSeconds", \.limit),
        .defaulted("compression", \.compression),
    ]

    /// The wait after a failed attempt, counted from 1; nil when the delivery is given up.
    package func wait(afterAttempt attempt: Int) -> Duration? {
        guard attempt > 0 else { return nil }
        let next = attempt <= first.count ? first[attempt - 1] : then
        let hourly = max(0, attempt - 1 - first.count)
        let waited = first.prefix(attempt - 1).reduce(0, +) + hourly * then
        guard waited + next <= limit else { return nil }
        return .seconds(next) / max(1, compression)
    }

    func check() throws(SandboxConfigurationError) {
        guard compression > 0 else { throw .init("retries.compression", "must be above 0") }
        let year = 366 * 86_400
        guard (1...year).contains(then), (0...year).contains(limit),
            first.count <= 100, first.allSatisfy({ (0...year).contains($0) })
        else { throw .init("retries", "times must be seconds, at most a year") }
    }
}
