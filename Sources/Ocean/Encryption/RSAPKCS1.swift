// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CryptoExtras
import FoundationEssentials

/// RSA with PKCS#1 v1.5 padding (RFC 8017 §7.2), the older of the two ways in which Ocean's Open API wraps a key. The
/// padding is weak by today's measure; it is what Ocean's own client uses, and nobody gets to ask this side twice: a
/// failure ends in a dead letter, never in an answer to Ocean.
///
/// The only file that touches the library's underscored interface to RSA.
enum RSAPKCS1 {
    /// Smallest key that is taken: what Ocean's JavaScript library makes where nobody says otherwise.
    static let leastBits = 1024

    /// Whether the library takes the key.
    static func isKey(_ der: [UInt8]) -> Bool { key(der) != nil }

    /// Nil for every failure alike: which check failed would tell about the padding.
    static func decrypt(_ ciphertext: [UInt8], der: [UInt8]) -> [UInt8]? {
        guard let key = key(der),
            let plaintext = try? key.decrypt(ciphertext, padding: ._WEAK_AND_INSECURE_PKCS_V1_5)
        else { return nil }
        return Array(plaintext)
    }

    /// Nil when the text is too long for the key.
    static func encrypt(_ plaintext: [UInt8], der: [UInt8]) -> [UInt8]? {
        guard let key = key(der)?.publicKey,
            plaintext.count <= key.maximumEncryptSize(with: ._WEAK_AND_INSECURE_PKCS_V1_5),
            let ciphertext = try? key.encrypt(plaintext, padding: ._WEAK_AND_INSECURE_PKCS_V1_5)
        else { return nil }
        return Array(ciphertext)
    }

    /// A new key of 2048 bits; nil when the library has no randomness.
    static func random() -> [UInt8]? {
        guard let key = try? _RSA.Encryption.PrivateKey(keySize: .bits2048) else { return nil }
        return Array(key.derRepresentation)
    }

    /// The initializer from DER, because the one from numbers takes no key of fewer than 2048 bits.
    private static func key(_ der: [UInt8]) -> _RSA.Encryption.PrivateKey? {
        try? _RSA.Encryption.PrivateKey(unsafeDERRepresentation: der)
    }
}
