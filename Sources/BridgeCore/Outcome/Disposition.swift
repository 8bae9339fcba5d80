// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What a caller does with a failure. Every error of the bridge answers this one question.
package enum Disposition: Sendable, Hashable {
    /// The same call may succeed later; `after` is the least time to wait, when the other side named one.
    case retry(after: Duration?)
    /// The same input will fail again: dead letter or invalid lane, never a loop.
    case reject
    /// The installation is at fault (settings, topology, credentials): stop and tell the operator.
    case fatal
}

/// An error that says what to do next.
package protocol DisposedError: Error, Sendable {
    var disposition: Disposition { get }
    /// A stable word for metrics and headers, never free text.
    var reason: String { get }
}
