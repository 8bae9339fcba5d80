// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Why the desk could not do what it was asked.
package struct DeadLetterError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// Another operation is at the lanes, and others wait already.
        case busy
        /// Bus or store cannot be reached now. What was begun is carried on by itself.
        case unavailable
        /// No letter fits.
        case notFound = "not-found"
        /// The request lacks something, such as a reason.
        case invalid
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: BusError) {
        self.init(.unavailable, "bus: \(error.description)")
    }

    init(_ error: StoreError) {
        self.init(.unavailable, "store: \(error.description)")
    }

    package var disposition: Disposition {
        switch code {
        case .busy, .unavailable: .retry(after: nil)
        case .notFound, .invalid: .reject
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
