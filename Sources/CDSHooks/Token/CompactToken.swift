// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A JWT in compact form (RFC 7515 §3.1, RFC 7519), taken apart and not yet believed.
struct CompactToken: Sendable {
    enum Algorithm: String, Sendable {
        case es384 = "ES384"
        case rs384 = "RS384"
    }

    let algorithm: Algorithm
    let keyID: String
    /// Where the token says that its keys are.
    let keySetAddress: String?
    let issuer: String
    let audiences: [String]
    /// Seconds since 1970.
    let expiry: Double
    let issuedAt: Double
    /// What makes the token different from every other of its issuer.
    let tokenID: String
    let signedBytes: [UInt8]
    let signature: [UInt8]

    private static let longest = 8 << 10
    private static let limits = JSONLimits(maximumBytes: 8 << 10, maximumDepth: 16)

    /// - Throws: `malformed`, `algorithm`.
    init(_ text: String) throws(ClientTokenError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, parts.count == 3, let header = Self.object(parts[0]),
            let claims = Self.object(parts[1]), let signature = Base64URL.bytes(parts[2])
        else { throw Self.malformed("three parts of base64url, the first two JSON objects") }
        guard let algorithm = header["alg"]?.stringValue.flatMap({ Algorithm(rawValue: $0) }) else {
            throw ClientTokenError(.algorithm, "only ES384 and RS384 are taken")
        }
        // RFC 7515 §4.1.11: what must be understood and is not.
        guard header["crit"] == nil else { throw Self.malformed("no crit header") }
        if let type = header["typ"], type.stringValue?.lowercased() != "jwt" { throw Self.malformed("typ JWT") }
        guard let keyID = Self.text(header["kid"]) else { throw Self.malformed("kid") }
        let jku = header["jku"]
        guard jku == nil || Self.text(jku) != nil else { throw Self.malformed("jku as a text") }
        guard let issuer = Self.text(claims["iss"]) else { throw Self.malformed("iss") }
        guard let audiences = Self.audiences(claims["aud"]) else { throw Self.malformed("aud") }
        guard let expiry = Self.seconds(claims["exp"]), let issuedAt = Self.seconds(claims["iat"]) else {
            throw Self.malformed("exp and iat as numbers")
        }
        guard let tokenID = Self.text(claims["jti"]) else { throw Self.malformed("jti") }
        if let notBefore = claims["nbf"], Self.seconds(notBefore) == nil { throw Self.malformed("nbf as a number") }
        self.algorithm = algorithm
        self.keyID = keyID
        self.issuer = issuer
        self.audiences = audiences
        self.expiry = expiry
        // A token that begins later counts as issued later.
        self.issuedAt = max(issuedAt, Self.seconds(claims["nbf"]) ?? issuedAt)
        self.tokenID = tokenID
        self.signature = signature
        keySetAddress = Self.text(jku)
        signedBytes = Array(parts[0].utf8) + [0x2E] + Array(parts[1].utf8)
    }

    private static func malformed(_ expected: String) -> ClientTokenError {
        ClientTokenError(.malformed, "a JWT needs \(expected)")
    }

    private static func object(_ part: Substring) -> JSONObject? {
        guard let bytes = Base64URL.bytes(part) else { return nil }
        return (try? JSONValue(parsing: bytes, limits: limits))?.objectValue
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue, (1...1024).contains(text.utf8.count) else { return nil }
        return text
    }

    private static func audiences(_ value: JSONValue?) -> [String]? {
        if let one = text(value) { return [one] }
        guard let list = value?.arrayValue, (1...16).contains(list.count) else { return nil }
        let texts = list.compactMap { text($0) }
        return texts.count == list.count ? texts : nil
    }

    private static func seconds(_ value: JSONValue?) -> Double? {
        guard let number = value?.numberValue?.doubleValue, (0...1e11).contains(number) else { return nil }
        return number
    }
}
