// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Ocean

/// A bearer token of one site.
struct AccessToken: Sendable, Hashable {
    let value: Secret
    /// From here on a new one is fetched.
    let refreshAt: ContinuousClock.Instant
    /// From here on it must not be used.
    let expiresAt: ContinuousClock.Instant

    /// Where Ocean names no lifetime, a short one is assumed.
    static let fallbackLifetime: Duration = .seconds(300)
    static let longestLifetime: Duration = .seconds(86_400)

    /// - Parameters:
    ///   - received: when the request for it was sent, so that transit shortens the life, never lengthens it.
    ///   - jitter: 0 to 1: how much earlier than at four fifths of its life it is renewed, at most by a tenth of its
    ///     life. Many sites and processes that began together do not all ask again in the same second.
    init(value: String, lifetime: Duration?, received: ContinuousClock.Instant, jitter: Double = 0) {
        self.value = Secret(value)
        let life = min(lifetime ?? Self.fallbackLifetime, Self.longestLifetime)
        refreshAt = received.advanced(by: life * (0.8 - 0.1 * min(max(jitter, 0), 1)))
        expiresAt = received.advanced(by: life)
    }

    /// Reads the token endpoint's answer (RFC 6749 §5.1).
    init(
        answer body: [UInt8], received: ContinuousClock.Instant, host: String, jitter: Double = 0
    ) throws(OceanServiceError) {
        guard let json = try? JSONValue(parsing: body) else {
            throw OceanServiceError(
                .invalidAnswer, "\(host)/svc/oauth2/token answered something other than JSON; is ocean.host right?",
                body: [])
        }
        guard let value = json["access_token"]?.stringValue, !value.isEmpty,
            value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw OceanServiceError(.invalidAnswer, "\(host)/svc/oauth2/token answered JSON without access_token")
        }
        let seconds = json["expires_in"].flatMap { $0.intValue ?? $0.stringValue.flatMap { Int($0) } }
        let lifetime: Duration? = seconds.flatMap { (1...86_400_000).contains($0) ? .seconds($0) : nil }
        self.init(value: value, lifetime: lifetime, received: received, jitter: jitter)
    }
}
