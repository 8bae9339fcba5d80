// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import Synchronization

/// Opaque access tokens, each for one site.
final class TokenIssuer: Sendable {
    private struct Grant {
        let site: String
        let expiry: Timestamp
    }

    private let grants = Mutex<[String: Grant]>([:])
    private let clock: any WallClock
    let lifetime: Int

    init(lifetime: Int, clock: any WallClock) {
        self.lifetime = lifetime
        self.clock = clock
    }

    func issue(site: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let token = Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            .base64EncodedString().filter { $0 != "+" && $0 != "/" && $0 != "=" }
        let now = clock.now()
        grants.withLock { grants in
            if grants.count >= 1000 { grants = grants.filter { $0.value.expiry > now } }
            grants[token] = Grant(site: site, expiry: now.advanced(by: .seconds(lifetime)))
        }
        return token
    }

    /// The site of a token that still holds.
    func site(of token: String) -> String? {
        let now = clock.now()
        guard let grant = grants.withLock({ $0[token] }), grant.expiry > now else { return nil }
        return grant.site
    }

    /// Makes every token worthless, as a restart of Ocean would.
    func revokeAll() { grants.withLock { $0 = [:] } }
}
