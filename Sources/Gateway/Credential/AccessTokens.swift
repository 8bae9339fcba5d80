// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
import FoundationEssentials

/// Makes and checks the tokens of our own token endpoint: signed, not stored, so that every instance with the same key
/// accepts them.
///
/// A token is bound to the client's id and secret: changing the secret ends its tokens.
package struct AccessTokens: Sendable {
    private static let version: UInt8 = 1
    private static let bindingBytes = 32
    private static let claimBytes = 1 + 8 + bindingBytes

    /// How long a token is good.
    package let lifetime: Duration
    private let key: SymmetricKey

    /// - Parameter secret: shared by the instances of one installation; without it tokens die with the process.
    package init(secret: Secret? = nil, lifetime: Duration = .seconds(3600)) {
        self.lifetime = lifetime
        key = secret?.derivedKey(for: "access-token") ?? SymmetricKey(size: .bits256)
    }

    package func issue(clientID: String, secret: Secret, now: Timestamp) -> String {
        let expiry = UInt64(max(0, now.advanced(by: lifetime).milliseconds))
        var claims: [UInt8] = [Self.version]
        for shift in stride(from: UInt64(56), through: 0, by: -8) { claims.append(UInt8(expiry >> shift & 0xFF)) }
        claims += secret.digest(clientID, key: key)
        let code = HMAC<SHA256>.authenticationCode(for: claims, using: key)
        return Hexadecimal.text(claims + Array(code))
    }

    package func isValid(_ token: some StringProtocol, clientID: String, secret: Secret, now: Timestamp) -> Bool {
        guard token.utf8.count == 2 * (Self.claimBytes + SHA256.byteCount), let bytes = Hexadecimal.bytes(token)
        else { return false }
        let claims = Array(bytes.prefix(Self.claimBytes))
        let code = Array(bytes.dropFirst(Self.claimBytes))
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: claims, using: key),
            claims.first == Self.version
        else { return false }
        let expiry = claims[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let expiry = Int64(exactly: expiry), now.milliseconds < expiry else { return false }
        // The signature is checked above: how long this comparison takes tells a forger nothing.
        return Array(claims.dropFirst(9)) == secret.digest(clientID, key: key)
    }
}
