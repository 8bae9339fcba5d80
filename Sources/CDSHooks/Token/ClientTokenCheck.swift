// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto

/// A CDS client whose tokens are trusted.
package struct HookClient: Sendable, Hashable {
    /// Its key in the settings.
    package let name: String
    /// `iss` of its tokens, exactly.
    package var issuer: String
    /// Where its key set is: an `https` URL or a file; nil when only `keySets` may be used.
    package var keys: String?
    /// Addresses that a token's `jku` may name; any other `jku` counts as not there.
    package var keySets: Set<String>
    /// Longest time from `iat` to `exp`.
    package var maximumLifetime: Duration

    package init(
        name: String, issuer: String, keys: String?, keySets: Set<String> = [],
        maximumLifetime: Duration = .seconds(600)
    ) {
        self.name = name
        self.issuer = issuer
        self.keys = keys
        self.keySets = keySets
        self.maximumLifetime = maximumLifetime
    }
}

/// Checks the JWT that a CDS client sends with each call (CDS Hooks 2.0, "Trusting CDS Clients").
package struct ClientTokenCheck: Sendable {
    /// How far the clocks of client and bridge may differ.
    package static let leeway = Duration.seconds(30)

    private let clients: [HookClient]
    private let keys: KeySetCache
    private let replays: any ReplayMemory
    private let clock: any WallClock

    package init(
        clients: [HookClient], keys: KeySetCache, replays: any ReplayMemory, clock: any WallClock = SystemClock()
    ) {
        self.clients = clients
        self.keys = keys
        self.replays = replays
        self.clock = clock
    }

    /// - Parameters:
    ///   - audiences: the addresses of what is called, as the client knows them; one must be in `aud`, exactly.
    ///   - names: the clients that the called service trusts.
    /// - Returns: whose token it is; it cannot be used a second time.
    /// - Throws: `ClientTokenError`; a good token is needed to learn more than that it was refused.
    package func check(
        _ text: String, audiences: Set<String>, among names: Set<String>
    ) async throws(ClientTokenError) -> HookClient {
        let token = try CompactToken(text)
        guard let client = clients.first(where: { $0.issuer == token.issuer && names.contains($0.name) }) else {
            throw ClientTokenError(.issuer, "iss is no client that this service trusts; see cds.clients")
        }
        guard !audiences.isDisjoint(with: token.audiences) else {
            throw ClientTokenError(.audience, "\(client.name): aud must be the service's address, see http.public.url")
        }
        try checkTimes(token, of: client)
        try await key(of: token, client).verify(token)
        // Last: only a token that would have opened the service is remembered.
        let now = clock.now()
        let until = Timestamp(milliseconds: Int64(token.expiry * 1000)).advanced(by: Self.leeway + .seconds(1))
        let isFirst: Bool
        do throws(StoreError) {
            isFirst = try await replays.isFirst(Self.digest(token), now: now, until: until)
        } catch {
            throw ClientTokenError(.memoryUnavailable, error.message)
        }
        guard isFirst else { throw ClientTokenError(.replayed, "\(client.name): the token's jti was used before") }
        return client
    }

    private func checkTimes(_ token: CompactToken, of client: HookClient) throws(ClientTokenError) {
        let now = Double(clock.now().milliseconds) / 1000
        let leeway = Double(Self.leeway.components.seconds)
        guard token.expiry > now - leeway else {
            throw ClientTokenError(.expired, "\(client.name): exp has passed; are the clocks right?")
        }
        guard token.issuedAt <= now + leeway else {
            throw ClientTokenError(.lifetime, "\(client.name): iat is in the future; are the clocks right?")
        }
        let longest = Double(client.maximumLifetime.components.seconds)
        guard token.expiry > token.issuedAt, token.expiry - token.issuedAt <= longest else {
            throw ClientTokenError(
                .lifetime, "\(client.name): exp is more than \(Int(longest)) s after iat, see maximumLifetime")
        }
    }

    private func key(of token: CompactToken, _ client: HookClient) async throws(ClientTokenError) -> SigningKey {
        let named = token.keySetAddress.flatMap { client.keySets.contains($0) ? $0 : nil }
        guard let address = named ?? client.keys else {
            throw ClientTokenError(
                .unknownKey, "\(client.name): neither keys nor an allowed jku say where its keys are")
        }
        return try await keys.key(token.keyID, at: address)
    }

    /// One key for issuer and `jti`, of bounded length.
    private static func digest(_ token: CompactToken) -> String {
        var hash = SHA256()
        hash.update(data: Array(token.issuer.utf8))
        hash.update(data: [0])
        hash.update(data: Array(token.tokenID.utf8))
        return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
