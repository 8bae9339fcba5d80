// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A failure of the bus.
package struct BusError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// No connection, or the store cannot be written.
        case unavailable
        /// The broker asked publishers to wait (memory or disk alarm).
        case blocked
        /// The connection ended, or the deadline passed, before the confirm: the message may be there or not.
        case unknownOutcome = "unknown-outcome"
        /// No queue is bound for the routing key.
        case unroutable
        /// The bus said no: nack, or a full queue.
        case refused
        /// Larger than the bus takes.
        case tooLarge = "too-large"
        /// The delivery's connection is gone; it will come again.
        case stale
        /// A queue or exchange of that name exists with other arguments.
        case topologyConflict = "topology-conflict"
        /// Wrong user, password, certificate or virtual host.
        case accessRefused = "access-refused"
        /// No such queue or exchange.
        case notFound = "not-found"
        /// The bus was shut down.
        case closed
    }

    package let code: Code
    /// Names the place (host, queue, exchange) and the remedy.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var disposition: Disposition {
        switch code {
        case .unavailable, .blocked, .unknownOutcome, .refused, .stale, .closed: .retry(after: nil)
        case .unroutable, .tooLarge: .reject
        case .topologyConflict, .accessRefused, .notFound: .fatal
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
