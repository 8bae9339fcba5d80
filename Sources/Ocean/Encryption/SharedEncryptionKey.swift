// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A site's Shared Encryption Key (Ocean admin, Encryption): wraps the one-time keys of referrals and patients.
package struct SharedEncryptionKey: Sendable, Equatable {
    private let key: SymmetricKey

    /// The AES key is the UTF-8 of the text, as in Ocean's own clients: padded on the right with the character `0` to
    /// 16 characters, and cut to 32, 24 or 16 bytes when it is longer than one of these.
    package init(text: String) {
        // JavaScript counts characters in UTF-16 units.
        let padding = String(repeating: "0", count: max(0, 16 - text.utf16.count))
        let bytes = Array((text + padding).utf8)
        let length = bytes.count >= 32 ? 32 : bytes.count >= 24 ? 24 : 16
        key = SymmetricKey(data: bytes.prefix(length))
    }

    /// - Throws: `TranslationError` `.invalid` when the IV is not 16 bytes long.
    package func wrap(
        _ oneTimeKey: OneTimeKey, iv: [UInt8] = InitializationVector.random()
    ) throws(TranslationError) -> EncryptedBlock {
        try encrypt(oneTimeKey.bytes, iv: iv)
    }

    /// - Throws: `TranslationError` `.undecipherable` at `place`, whatever the failure is.
    package func unwrap(_ block: EncryptedBlock, at place: String) throws(TranslationError) -> OneTimeKey {
        guard let oneTimeKey = OneTimeKey(bytes: try decrypt(block, at: place)) else {
            throw .undecipherable(at: place)
        }
        return oneTimeKey
    }

    /// - Throws: `TranslationError` `.invalid` when the IV is not 16 bytes long.
    package func encrypt(
        _ plaintext: [UInt8], iv: [UInt8] = InitializationVector.random()
    ) throws(TranslationError) -> EncryptedBlock {
        try CipherKey(key).encrypt(plaintext, iv: iv)
    }

    /// - Throws: `TranslationError` `.undecipherable` at `place`, whatever the failure is.
    package func decrypt(_ block: EncryptedBlock, at place: String) throws(TranslationError) -> [UInt8] {
        try CipherKey(key).decrypt(block, at: place)
    }
}

extension SharedEncryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SharedEncryptionKey(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The keys of one site: after a change in Ocean, referrals in flight are still under the previous one.
package struct SharedEncryptionKeys: Sendable, Equatable {
    package let current: SharedEncryptionKey
    package let previous: SharedEncryptionKey?

    package init(current: SharedEncryptionKey, previous: SharedEncryptionKey? = nil) {
        self.current = current
        self.previous = previous
    }

    /// Tries the current key, then the previous one. A wrong key cannot pass: it would have to produce a whole block of
    /// padding by chance.
    ///
    /// - Throws: `TranslationError` `.undecipherable` at `place`, whatever the failure is.
    package func unwrap(_ block: EncryptedBlock, at place: String) throws(TranslationError) -> OneTimeKey {
        guard let previous else { return try current.unwrap(block, at: place) }
        if let key = try? current.unwrap(block, at: place) { return key }
        return try previous.unwrap(block, at: place)
    }
}
