// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Tells when a delivery has been held too long, by counting looks instead of reading a clock: a clock that is set
/// changes nothing.
struct HoldWatch: Sendable {
    /// Between two looks: a twentieth of the limit, one second at least and half a minute at most.
    let interval: Duration
    private let limit: Duration
    private var looks = 0
    /// Unsettled deliveries by number, with the look that came before them.
    private var held: [Int: Int] = [:]

    init(limit: Duration) {
        self.limit = limit
        interval = min(max(limit / 20, .seconds(1)), .seconds(30))
    }

    mutating func received(_ number: Int) { held[number] = looks }
    mutating func settled(_ number: Int) { held[number] = nil }

    /// - Returns: whether the oldest has been held for the limit.
    mutating func look() -> Bool {
        looks += 1
        // The time before the first look after the delivery is not counted: it may have been short.
        guard let oldest = held.values.min() else { return false }
        return interval * (looks - oldest - 1) >= limit
    }
}
