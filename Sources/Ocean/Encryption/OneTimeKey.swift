// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto
package import JSON

/// The AES key of one referral, patient or file: raw bytes, never written to a log.
package struct OneTimeKey: Sendable, Equatable {
    let key: SymmetricKey

    /// Nil unless there are 16, 24 or 32 bytes.
    package init?(bytes: [UInt8]) {
        guard AESCBC.takesKey(of: bytes.count) else { return nil }
        key = SymmetricKey(data: bytes)
    }

    private init(_ key: SymmetricKey) { self.key = key }

    /// A new key of 128 bits, the size that Ocean uses.
    package static func random() -> OneTimeKey { OneTimeKey(SymmetricKey(size: .bits128)) }

    /// The raw bytes, to be wrapped.
    package var bytes: [UInt8] { key.withUnsafeBytes { Array($0) } }

    /// Encrypts under `iv`, which must never be used twice with one key.
    ///
    /// - Throws: `TranslationError` `.invalid` when the IV is not 16 bytes long.
    package func encrypt(
        _ plaintext: [UInt8], iv: [UInt8] = InitializationVector.random()
    ) throws(TranslationError) -> EncryptedBlock {
        try CipherKey(key).encrypt(plaintext, iv: iv)
    }

    /// Encrypts a JSON value in its compact form.
    ///
    /// - Throws: `TranslationError` `.invalid` when the IV is not 16 bytes long.
    package func encrypt(
        json: JSONValue, iv: [UInt8] = InitializationVector.random()
    ) throws(TranslationError) -> EncryptedBlock {
        try encrypt(json.bytes(), iv: iv)
    }

    /// - Throws: `TranslationError` `.undecipherable` at `place`, whatever the failure is.
    package func decrypt(_ block: EncryptedBlock, at place: String) throws(TranslationError) -> [UInt8] {
        try CipherKey(key).decrypt(block, at: place)
    }

    /// The key of a file, which stands encrypted with the referral's.
    ///
    /// - Throws: `TranslationError` `.undecipherable` at `place`, whatever the failure is.
    package func unwrap(_ block: EncryptedBlock, at place: String) throws(TranslationError) -> OneTimeKey {
        guard let key = OneTimeKey(bytes: try decrypt(block, at: place)) else { throw .undecipherable(at: place) }
        return key
    }

    /// - Throws: `TranslationError` `.undecipherable` at `place`, also when the plaintext is not JSON.
    package func decryptJSON(_ block: EncryptedBlock, at place: String) throws(TranslationError) -> JSONValue {
        try Self.json(decrypt(block, at: place), at: place)
    }

    /// Decrypts a body in one of the wire forms of `EncryptedBody`.
    ///
    /// - Throws: `TranslationError` `.undecipherable` at `place`, also when the plaintext is not JSON.
    package func decryptJSON(body: [UInt8], iv: String, at place: String) throws(TranslationError) -> JSONValue {
        guard let ciphertext = EncryptedBody.ciphertext(body), let vector = Base64Text.bytes(iv),
            let plaintext = AESCBC.decrypt(ciphertext, key: key, iv: vector)
        else { throw .undecipherable(at: place) }
        return try Self.json(plaintext, at: place)
    }

    private static func json(_ plaintext: [UInt8], at place: String) throws(TranslationError) -> JSONValue {
        do {
            return try JSONValue(parsing: plaintext)
        } catch {
            // The parser's words would tell bytes of the plaintext.
            throw .undecipherable(at: place)
        }
    }
}

extension OneTimeKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "OneTimeKey(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Initialization vectors of AES-CBC.
package enum InitializationVector {
    /// 16 fresh random bytes.
    package static func random() -> [UInt8] { AESCBC.randomBytes(AESCBC.blockSize) }
}

/// What both kinds of key do with a block.
struct CipherKey {
    private let key: SymmetricKey

    init(_ key: SymmetricKey) { self.key = key }

    func encrypt(_ plaintext: [UInt8], iv: [UInt8]) throws(TranslationError) -> EncryptedBlock {
        guard let ciphertext = AESCBC.encrypt(plaintext, key: key, iv: iv) else {
            throw TranslationError(.invalid, "cannot encrypt: the initialization vector must be 16 bytes long")
        }
        return EncryptedBlock(ciphertext: ciphertext, iv: iv)
    }

    func decrypt(_ block: EncryptedBlock, at place: String) throws(TranslationError) -> [UInt8] {
        guard let ciphertext = Base64Text.bytes(block.data), let iv = Base64Text.bytes(block.iv),
            let plaintext = AESCBC.decrypt(ciphertext, key: key, iv: iv)
        else { throw .undecipherable(at: place) }
        return plaintext
    }
}

extension TranslationError {
    /// One answer for a wrong key, damaged ciphertext and plaintext of the wrong form.
    static func undecipherable(at place: String) -> TranslationError {
        TranslationError(
            .undecipherable, at: place,
            "cannot be decrypted; check that \(anySite).openApi.sharedEncryptionKey is the key set in Ocean (or was, "
                + "then as \(anySite).openApi.previousSharedEncryptionKey)")
    }

    private static let anySite = "sites.*"

    /// The error with the site's own settings in its words.
    package func naming(site: String) -> TranslationError {
        guard code == .undecipherable else { return self }
        let parts = message.split(separator: Self.anySite, omittingEmptySubsequences: false)
        return TranslationError(code, at: place, parts.joined(separator: "sites.\(site)"))
    }
}
