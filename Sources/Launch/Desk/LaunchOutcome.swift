// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A launch that is written down, to be published and then let through.
package struct LaunchPassage: Sendable, Hashable {
    package let message: Message
    package let destination: Destination
    /// Where the browser goes once the message is durable.
    package let url: String
    /// Whether a referral that the bridge knows was named.
    package let isCorrelated: Bool
    /// Parameters whose value was not usable.
    package let unusable: Int
}

/// Why a launch is not let through; the word goes into metrics.
package enum LaunchRefusal: Error, Sendable, Hashable {
    case queryTooLong
    /// `code_challenge` or `state` is not what OAuth makes it, or a challenge is needed and missing.
    case badProof
    /// Too many launches; seconds to wait.
    case tooMany(wait: Int)
    /// The store takes nothing now.
    case unavailable(StoreError)

    package var word: String {
        switch self {
        case .queryTooLong: "query-too-long"
        case .badProof: "bad-proof"
        case .tooMany: "too-many"
        case .unavailable(let error): "store-\(error.reason)"
        }
    }
}

/// Why a handle is not exchanged. The caller is told one thing for all of them but `unavailable`.
package enum ExchangeRefusal: Error, Sendable, Hashable {
    case forged, expired, unknown, used
    /// Of an application that the caller is not.
    case foreign
    /// PKCE: the verifier is missing or wrong. The handle is spent.
    case wrongVerifier
    case unavailable(StoreError)

    package var word: String {
        switch self {
        case .forged: "forged"
        case .expired: "expired"
        case .unknown: "unknown"
        case .used: "used"
        case .foreign: "foreign"
        case .wrongVerifier: "wrong-verifier"
        case .unavailable(let error): "store-\(error.reason)"
        }
    }
}
