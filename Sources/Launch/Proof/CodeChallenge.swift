// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Proof Key for Code Exchange (RFC 7636), method S256 only: `plain` protects nothing.
package struct CodeChallenge: Sendable, Hashable {
    package static let method = "S256"

    /// 43 characters of base 64, URL alphabet.
    package let text: String
    private let digest: [UInt8]

    /// Nil unless it is the form of a SHA-256 digest.
    package init?(_ text: String) {
        guard let digest = Base64URL.bytes(text), digest.count == SHA256.byteCount else { return nil }
        self.text = text
        self.digest = digest
    }

    /// What the holder of `verifier` announces (RFC 7636 §4.2).
    package init(verifier: String) {
        digest = Array(SHA256.hash(data: Array(verifier.utf8)))
        text = Base64URL.text(digest)
    }

    /// Whether this was made of `verifier`, which must have the form of RFC 7636 §4.1.
    package func matches(_ verifier: String?) -> Bool {
        guard let verifier, (43...128).contains(verifier.utf8.count),
            verifier.utf8.allSatisfy({ LaunchAddress.isUnreserved($0) })
        else { return false }
        return zip(CodeChallenge(verifier: verifier).digest, digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
