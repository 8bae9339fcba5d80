// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// A password, token or key that cannot be printed, only compared.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Compares in a time that tells neither place nor length of a difference.
    package func matches(_ candidate: some StringProtocol) -> Bool {
        let key = SymmetricKey(size: .bits256)
        let code = HMAC<SHA256>.authenticationCode(for: bytes, using: key)
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(candidate.utf8), using: key)
    }

    /// A keyed digest of the secret with `context`, so that what is derived from a secret dies with it.
    func digest(_ context: String, key: SymmetricKey) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array(context.utf8))
        code.update(data: [0])
        code.update(data: bytes)
        return Array(code.finalize())
    }

    /// A key for signing that several instances derive alike.
    func derivedKey(for purpose: String) -> SymmetricKey {
        SymmetricKey(data: digest(purpose, key: SymmetricKey(data: Array("ocean-bridge".utf8))))
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
