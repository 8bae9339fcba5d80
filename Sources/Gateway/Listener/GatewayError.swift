// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Why a listener cannot be set up.
package struct GatewayError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// A certificate or key file cannot be read or does not fit.
        case badCertificate = "bad-certificate"
        /// An integration's settings cannot work.
        case badIntegration = "bad-integration"
    }

    package let code: Code
    /// Names the file or setting and the remedy; never a secret.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var disposition: Disposition { .fatal }
    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
