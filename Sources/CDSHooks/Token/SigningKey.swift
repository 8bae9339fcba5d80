// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import FoundationEssentials
import JSON

/// A public key of a client (RFC 7517), for one algorithm.
enum SigningKey: Sendable {
    case es384(P384.Signing.PublicKey)
    case rs384(_RSA.Signing.PublicKey)

    /// Nil for keys of other kinds, other uses, and RSA below 2048 bits.
    init?(_ key: JSONValue) {
        if let use = key["use"], use != "sig" { return nil }
        if let operations = key["key_ops"], operations.arrayValue?.contains("verify") != true { return nil }
        let algorithm = key["alg"]?.stringValue
        switch key["kty"]?.stringValue {
        case "EC":
            guard key["crv"] == "P-384", algorithm == nil || algorithm == "ES384", let x = Self.number(key["x"], 48),
                let y = Self.number(key["y"], 48),
                let point = try? P384.Signing.PublicKey(x963Representation: [4] + x + y)
            else { return nil }
            self = .es384(point)
        case "RSA":
            guard algorithm == nil || algorithm == "RS384", let modulus = Self.number(key["n"]),
                let exponent = Self.number(key["e"]), (256...1024).contains(modulus.drop { $0 == 0 }.count),
                (1...8).contains(exponent.count), let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
            else { return nil }
            self = .rs384(key)
        default: return nil
        }
    }

    /// - Throws: `algorithm` when the key is for another, `signature`.
    func verify(_ token: CompactToken) throws(ClientTokenError) {
        let isValid: Bool
        switch (self, token.algorithm) {
        case (.es384(let key), .es384):
            // RFC 7518 §3.4: both numbers side by side.
            guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: token.signature) else {
                throw Self.wrong
            }
            isValid = key.isValidSignature(signature, for: SHA384.hash(data: token.signedBytes))
        case (.rs384(let key), .rs384):
            isValid = key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: token.signature),
                for: SHA384.hash(data: token.signedBytes), padding: .insecurePKCS1v1_5)
        case (.es384, .rs384), (.rs384, .es384):
            throw ClientTokenError(.algorithm, "the token's alg is not that of its key")
        }
        guard isValid else { throw Self.wrong }
    }

    private static let wrong = ClientTokenError(.signature, "the signature is not that of the key")

    private static func number(_ value: JSONValue?, _ count: Int? = nil) -> [UInt8]? {
        guard let bytes = value?.stringValue.flatMap({ Base64URL.bytes($0) }), !bytes.isEmpty else { return nil }
        return count == nil || bytes.count == count ? bytes : nil
    }
}

/// The keys of a JWK Set by their ids; keys that cannot be used are left out.
struct KeySet: Sendable {
    private var keys: [String: SigningKey] = [:]

    private static let mostKeys = 64
    private static let limits = JSONLimits(maximumBytes: KeySetCache.longestSet, maximumDepth: 16)

    /// Nil when this is no JWK Set with at least one key that can be used.
    init?(_ bytes: [UInt8]) {
        guard let list = (try? JSONValue(parsing: bytes, limits: Self.limits))?["keys"]?.arrayValue else { return nil }
        for value in list.prefix(Self.mostKeys) {
            guard let id = value["kid"]?.stringValue, keys[id] == nil, let key = SigningKey(value) else { continue }
            keys[id] = key
        }
        if keys.isEmpty { return nil }
    }

    subscript(id: String) -> SigningKey? { keys[id] }
}
