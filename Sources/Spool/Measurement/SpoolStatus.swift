// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The spool at one moment, for readiness, metrics and the console.
package struct SpoolStatus: Sendable, Hashable {
    /// Whether publishes go straight to the bus.
    package var isPrimaryUp: Bool
    package var messages: Int
    package var bytes: Int
    /// Age of the oldest message; nil when there is none.
    package var oldestAge: Duration?
    /// Messages that cannot be read with the keys of the settings, and those of their lanes behind them.
    package var locked: Int
    /// The next message would be, or the last one was, refused.
    package var isFull: Bool
}
