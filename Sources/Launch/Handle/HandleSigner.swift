// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto

/// Makes and reads launch handles: a random number and an end, signed for one application.
///
/// A handle says nothing by itself; what it stands for is in the `LaunchBook`. The signature keeps made-up handles away
/// from the store, and one application's handles from another.
package struct HandleSigner: Sendable {
    /// A handle that this installation made and that has not ended.
    package struct Reading: Sendable, Hashable {
        package let application: String
        /// `LaunchTicket.key`.
        package let key: String
    }

    /// What is wrong with a handle, for our own metrics only.
    package enum Fault: String, Error, Sendable, Hashable {
        case forged, expired
    }

    private static let version: UInt8 = 1
    private static let idBytes = 32
    private static let claimBytes = 1 + idBytes + 8

    private let key: SymmetricKey

    /// - Parameter secret: the same for all processes that take each other's handles; 16 bytes or more of chance.
    package init(secret: [UInt8]) {
        let code = HMAC<SHA256>.authenticationCode(
            for: secret, using: SymmetricKey(data: Array("ocean-bridge launch-handle".utf8)))
        key = SymmetricKey(data: Array(code))
    }

    /// A new handle, 98 characters that are safe in any part of an address, and its key.
    package func issue(for application: String, until end: Timestamp) -> (handle: String, key: String) {
        var generator = SystemRandomNumberGenerator()
        let id = (0..<Self.idBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        var claims = [Self.version] + id
        let time = UInt64(max(0, end.milliseconds))
        for shift in stride(from: UInt64(56), through: 0, by: -8) { claims.append(UInt8(time >> shift & 0xFF)) }
        return (Base64URL.text(claims + code(claims, application)), Self.key(id))
    }

    /// - Throws: `forged` for whatever none of these applications was given, `expired` after its end.
    package func read(
        _ handle: some StringProtocol, for applications: some Sequence<String>, now: Timestamp
    ) throws(Fault) -> Reading {
        guard handle.utf8.count <= 128, let bytes = Base64URL.bytes(handle),
            bytes.count == Self.claimBytes + SHA256.byteCount, bytes[0] == Self.version
        else { throw .forged }
        let claims = Array(bytes.prefix(Self.claimBytes))
        let shown = Array(bytes.dropFirst(Self.claimBytes))
        // Every application is tried: the time does not tell whose the handle is.
        var owner: String?
        for application in applications
        where HMAC<SHA256>.isValidAuthenticationCode(
            shown, authenticating: claims + Array(application.utf8), using: key)
        {
            owner = application
        }
        guard let owner else { throw .forged }
        let end = claims.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let end = Int64(exactly: end), now.milliseconds < end else { throw .expired }
        return Reading(application: owner, key: Self.key(claims[1...Self.idBytes]))
    }

    private func code(_ claims: [UInt8], _ application: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: claims + Array(application.utf8), using: key))
    }

    private static func key(_ id: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        hash.update(data: Array("launch".utf8))
        hash.update(data: Array(id))
        return Base64URL.text(hash.finalize())
    }
}
