// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Ocean

enum CryptoFuzzing {
    /// The first byte chooses what the others are.
    static func flaws(in input: [UInt8]) -> [String] {
        guard let choice = input.first else { return [] }
        let rest = Array(input.dropFirst())
        return switch choice % 4 {
        case 0: block(rest)
        case 1: body(rest)
        case 2: plaintext(rest)
        default: key(rest)
        }
    }

    /// A block as it stands in a referral.
    private static func block(_ bytes: [UInt8]) -> [String] {
        guard let json = try? JSONValue(parsing: bytes) else { return [] }
        if let key = SitePrivateKey(json: json), SitePrivateKey(json: key.json) != key {
            return ["a private key changes when it is read"]
        }
        guard let block = EncryptedBlock(json: json) else { return [] }
        _ = try? InboundFuzzing.keys.unwrap(block, at: "/x")
        _ = try? InboundFuzzing.keys.current.decrypt(block, at: "/x")
        return EncryptedBlock(json: block.json) == block ? [] : ["a block changes when it is read"]
    }

    /// An answer of the Open API: text, JSON text or signed bytes; its IV is the first line.
    private static func body(_ bytes: [UInt8]) -> [String] {
        let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let iv = String(decoding: parts.first ?? [], as: UTF8.self)
        let body = Array(parts.count > 1 ? parts[1] : [])
        if let key = OneTimeKey(bytes: Array("0123456789abcdef".utf8)) {
            _ = try? key.decryptJSON(body: body, iv: iv, at: "/x")
        }
        if let keys = try? SitePrivateKeys(opening: body, iv: iv, keys: InboundFuzzing.keys, at: "/x") {
            _ = try? keys.unwrap(iv, at: "/x")
        }
        guard let ciphertext = EncryptedBody.ciphertext(body) else { return [] }
        let again = EncryptedBody.ciphertext(EncryptedBody.signedBytes(of: ciphertext))
        return again == ciphertext ? [] : ["signed bytes change when they are read"]
    }

    /// What was encrypted comes back, whatever it is, and only JSON passes as JSON.
    private static func plaintext(_ bytes: [UInt8]) -> [String] {
        guard let key = OneTimeKey(bytes: Array("0123456789abcdef".utf8)) else {
            return ["a key of 16 bytes is refused"]
        }
        let iv = [UInt8](repeating: 7, count: 16)
        guard let block = try? key.encrypt(bytes, iv: iv) else { return ["nothing can be encrypted"] }
        var flaws: [String] = []
        if (try? key.decrypt(block, at: "/x")) != bytes { flaws.append("the plaintext does not come back") }
        if (try? key.decryptJSON(block, at: "/x")) != (try? JSONValue(parsing: bytes)) {
            flaws.append("the plaintext is read differently")
        }
        return flaws
    }

    /// A key as text and as bytes.
    private static func key(_ bytes: [UInt8]) -> [String] {
        let shared = SharedEncryptionKey(text: String(decoding: bytes, as: UTF8.self))
        guard let key = OneTimeKey(bytes: bytes) else { return [] }
        guard let wrapped = try? shared.wrap(key, iv: [UInt8](repeating: 7, count: 16)),
            let opened = try? shared.unwrap(wrapped, at: "/x")
        else { return ["a wrapped key does not open"] }
        return opened == key ? [] : ["another key comes out"]
    }
}
