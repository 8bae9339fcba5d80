// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import FoundationEssentials
package import JSON

/// Makes JWTs as a CDS client does, with keys of its own, right and wrong ones.
package struct TokenMint: Sendable {
    package enum Algorithm: String, Sendable, CaseIterable {
        case es384 = "ES384"
        case rs384 = "RS384"
    }

    /// Made once: an RSA key takes its time.
    package static let shared = Result { try TokenMint() }
    /// Somebody else's keys.
    package static let foreign = Result { try TokenMint() }

    private let point = P384.Signing.PrivateKey()
    private let number: _RSA.Signing.PrivateKey

    private init() throws {
        number = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    /// The public keys under the ids `es384` and `rs384`, both followed by `suffix`.
    ///
    /// - Throws: what the library throws when a key cannot be taken apart.
    package func keySet(suffix: String = "") throws -> JSONValue {
        let raw = Array(point.publicKey.rawRepresentation)
        let primitives = try number.publicKey.getKeyPrimitives()
        return [
            "keys": [
                ["kty": "oct", "kid": "useless", "k": "AAAA"],
                [
                    "kty": "EC", "crv": "P-384", "alg": "ES384", "use": "sig", "kid": .string("es384" + suffix),
                    "x": .string(Self.text(raw.prefix(48))), "y": .string(Self.text(raw.suffix(48))),
                ],
                [
                    "kty": "RSA", "alg": "RS384", "kid": .string("rs384" + suffix),
                    "n": .string(Self.text(primitives.modulus)), "e": .string(Self.text(primitives.publicExponent)),
                ],
            ]
        ]
    }

    /// A signed token.
    ///
    /// - Parameters:
    ///   - algorithm: what it is signed with.
    ///   - claims: the payload.
    ///   - header: members in place of, or besides, `alg`, `typ` and `kid`; nil takes one away.
    /// - Throws: what the library throws when it cannot sign.
    package func token(
        _ algorithm: Algorithm = .es384, claims: JSONObject, header: [(String, JSONValue?)] = []
    ) throws -> String {
        var head: JSONObject = [
            "alg": .string(algorithm.rawValue), "typ": "JWT", "kid": .string(algorithm.rawValue.lowercased()),
        ]
        for (name, value) in header { head[name] = value }
        let text =
            Self.text(JSONValue.object(head).bytes()) + "." + Self.text(JSONValue.object(claims).bytes())
        let digest = SHA384.hash(data: Array(text.utf8))
        let signature: [UInt8] =
            switch algorithm {
            case .es384: Array(try point.signature(for: digest).rawRepresentation)
            case .rs384: try number.signature(for: digest, padding: .insecurePKCS1v1_5).withUnsafeBytes { Array($0) }
            }
        return text + "." + Self.text(signature)
    }

    /// Base64 with the URL alphabet and without padding.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
