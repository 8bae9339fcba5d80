// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The RSA keys of a site, with which Ocean's Open API wraps one-time keys where the site had no Shared Encryption Key
/// (`oneTimeKeyEncryptedWithTargetPublicKey`). Ocean serves them encrypted with the Shared Encryption Key.
///
/// Assumed in part: Ocean's published client shows the call, the separator and the padding, but not how the padded text
/// encodes the 16 bytes of the key.
package struct SitePrivateKeys: Sendable, Equatable {
    /// More would be no list of keys.
    private static let most = 32

    private let keys: [SitePrivateKey]

    package init(_ keys: [SitePrivateKey]) { self.keys = keys }

    /// Opens the answer to `GET /svc/v1/site/privateKey`: keys as JSON, one after the other with `|` between them. Parts
    /// that are no key are passed over, as long as one is.
    ///
    /// - Parameters:
    ///   - body: in one of the wire forms of `EncryptedBody`.
    ///   - iv: the header `iv`, base64.
    /// - Throws: `TranslationError` `.undecipherable` at `place`, whatever the failure is.
    package init(
        opening body: [UInt8], iv: String, keys: SharedEncryptionKeys, at place: String
    ) throws(TranslationError) {
        guard let ciphertext = EncryptedBody.ciphertext(body), let vector = Base64Text.bytes(iv) else {
            throw .undecipherable(at: place)
        }
        let block = EncryptedBlock(ciphertext: ciphertext, iv: vector)
        for key in [keys.current, keys.previous].compactMap(\.self) {
            guard let text = try? key.decrypt(block, at: place) else { continue }
            let found = Self.keys(in: text)
            // A wrong key passes the padding by chance once in 256 times; then what it gives is no key.
            guard !found.isEmpty else { continue }
            self.keys = found
            return
        }
        throw .undecipherable(at: place)
    }

    /// Tries every key, each time to the end, so that the time does not tell which of them fitted, or whether one did.
    ///
    /// - Parameter wrapped: base64.
    /// - Throws: `TranslationError` `.undecipherable` at `place`, whatever the failure is.
    package func unwrap(_ wrapped: String, at place: String) throws(TranslationError) -> OneTimeKey {
        let ciphertext = Base64Text.bytes(wrapped) ?? []
        var found: OneTimeKey?
        for key in keys {
            let opened = RSAPKCS1.decrypt(ciphertext, der: key.der).flatMap(Self.oneTimeKey)
            found = found ?? opened
        }
        guard let found else { throw .undecipherable(at: place) }
        return found
    }

    private static func keys(in text: [UInt8]) -> [SitePrivateKey] {
        text.split(separator: 0x7C, maxSplits: most).prefix(most).compactMap { part in
            (try? JSONValue(parsing: Array(part))).flatMap { SitePrivateKey(json: $0) }
        }
    }

    /// The key in a padded text: base64 or hexadecimal of 16, 24 or 32 bytes, else the bytes themselves.
    static func oneTimeKey(_ plaintext: [UInt8]) -> OneTimeKey? {
        let text = String(decoding: plaintext, as: UTF8.self)
        let decoded: [UInt8]? =
            switch plaintext.count {
            case 32, 48, 64: Hexadecimal.bytes(text) ?? Base64Text.bytes(text)
            case 24, 44: Base64Text.bytes(text)
            default: nil
            }
        if let decoded, let key = OneTimeKey(bytes: decoded) { return key }
        return OneTimeKey(bytes: plaintext)
    }
}

/// One RSA key of a site, whole. Never written to a log.
package struct SitePrivateKey: Sendable, Equatable {
    /// RSAPrivateKey (RFC 8017 §A.1.2).
    let der: [UInt8]

    /// Reads Ocean's form: `n`, `e`, `d`, `p`, `q`, `dmp1`, `dmq1` and `coeff` as hexadecimal texts. Nil for anything
    /// that makes no RSA key of 1024 bits at least.
    package init?(json: JSONValue) {
        guard let der = RSAKeyForm(json: json)?.der, RSAPKCS1.isKey(der) else { return nil }
        self.der = der
    }

    private init(der: [UInt8]) { self.der = der }

    /// A new key of 2048 bits, for the pretend Ocean; nil when the library has no randomness.
    package static func random() -> SitePrivateKey? { RSAPKCS1.random().map { SitePrivateKey(der: $0) } }

    /// Ocean's form; null for a key that the library wrote otherwise than RFC 8017 has it.
    package var json: JSONValue { RSAKeyForm(der: der)?.json ?? .null }

    /// Wraps with the public half, as the sender does: base64.
    ///
    /// - Parameter plaintext: the key's bytes, or a text that encodes them.
    /// - Returns: nil when the text is too long for the key.
    package func wrap(_ plaintext: [UInt8]) -> String? {
        RSAPKCS1.encrypt(plaintext, der: der).map { Base64Text.text($0) }
    }
}

extension SitePrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SitePrivateKey(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SitePrivateKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SitePrivateKeys(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
