// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What a launch handle stands for, until it is exchanged or its short life is over.
package struct LaunchTicket: Sendable, Hashable {
    /// A digest of the handle: the handle itself is not kept.
    package var key: String
    /// Key of the application in the settings.
    package var application: String
    /// PKCE: whoever exchanges the handle must show what this was made of (RFC 7636 §4.2, S256).
    package var challenge: String?
    /// Referral references that were named and not known then; looked up again at the exchange.
    package var claims: [String]
    package var launch: LaunchRequested
    package var expiresAt: Timestamp

    package init(
        key: String, application: String, challenge: String?, claims: [String], launch: LaunchRequested,
        expiresAt: Timestamp
    ) {
        self.key = key
        self.application = application
        self.challenge = challenge
        self.claims = claims
        self.launch = launch
        self.expiresAt = expiresAt
    }
}

/// What a handle gives.
package enum LaunchRedemption: Sendable, Hashable {
    case granted(LaunchTicket)
    /// It was exchanged before; somebody shows it again.
    case used
    /// There is no such ticket, or it is kept no longer.
    case unknown
}

/// The open launches.
package protocol LaunchBook: Sendable {
    /// Keeps a ticket; those that ran out before `now` make room first.
    ///
    /// - Parameter limit: how many may be kept at once, of all applications.
    /// - Throws: `full` at that limit.
    func keep(_ ticket: LaunchTicket, limit: Int, now: Timestamp) async throws(StoreError)

    /// Gives out a ticket of the application once; of two calls at the same time one gets it. What it held is removed in
    /// the same step, and that it was used stays known until it runs out.
    func redeem(_ key: String, application: String, now: Timestamp) async throws(StoreError) -> LaunchRedemption
}
