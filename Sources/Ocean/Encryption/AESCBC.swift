// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import FoundationEssentials

/// AES in CBC mode with PKCS#7 padding: the one cipher of Ocean's Open API. It has no integrity check, so a wrong key
/// shows as bad padding or as text that is not JSON.
///
/// The only file that touches the library's underscored interface.
enum AESCBC {
    static let blockSize = 16

    /// Whether AES has a variant for a key of so many bytes.
    static func takesKey(of count: Int) -> Bool { count == 16 || count == 24 || count == 32 }

    /// Nil when the key or the IV has another length than AES takes.
    static func encrypt(_ plaintext: [UInt8], key: SymmetricKey, iv: [UInt8]) -> [UInt8]? {
        guard let vector = try? AES._CBC.IV(ivBytes: iv),
            let sealed = try? AES._CBC.encrypt(plaintext, using: key, iv: vector)
        else { return nil }
        return Array(sealed)
    }

    /// Nil for every failure alike: which check failed would tell an attacker about the padding.
    static func decrypt(_ ciphertext: [UInt8], key: SymmetricKey, iv: [UInt8]) -> [UInt8]? {
        guard !ciphertext.isEmpty, ciphertext.count.isMultiple(of: blockSize),
            let vector = try? AES._CBC.IV(ivBytes: iv),
            let opened = try? AES._CBC.decrypt(ciphertext, using: key, iv: vector)
        else { return nil }
        return Array(opened)
    }

    /// Random bytes of the system's generator, which is a cryptographic one.
    static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
