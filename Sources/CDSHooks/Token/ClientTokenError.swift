// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Why a CDS client's token does not open a service. The caller is told nothing but the status.
package struct ClientTokenError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// No compact JWS of a JWT, or a claim of a wrong kind.
        case malformed
        /// Not ES384 or RS384, or not what the key is for.
        case algorithm
        /// No client of the settings that this service trusts.
        case issuer
        case audience
        case expired
        /// Issued in the future, or good for longer than allowed.
        case lifetime
        case unknownKey = "unknown-key"
        case signature
        case replayed
        /// The client's keys cannot be had now: HTTP 503.
        case keysUnavailable = "keys-unavailable"
        /// Whether the token was used before cannot be told now: HTTP 503.
        case memoryUnavailable = "memory-unavailable"
    }

    package let code: Code
    /// For the log: names the client's setting, never a part of the token.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var disposition: Disposition {
        switch code {
        case .keysUnavailable, .memoryUnavailable: .retry(after: nil)
        default: .reject
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
