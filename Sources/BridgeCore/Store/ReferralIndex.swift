// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What to look for among the known referrals; nil leaves a side open.
package struct ReferralQuery: Sendable, Hashable {
    package var site: String?
    /// External Service ID or listing.
    package var service: String?
    /// Words of `ReferralStatus`; empty for any.
    package var statuses: Set<String>
    /// `ReferralRecord.patientKey`.
    package var patientKey: String?
    /// One of `ReferralRecord.matchKeys`, whatever its rule.
    package var matchKey: String?
    package var changedSince: Timestamp?

    package init(
        site: String? = nil, service: String? = nil, statuses: Set<String> = [], patientKey: String? = nil,
        matchKey: String? = nil, changedSince: Timestamp? = nil
    ) {
        self.site = site
        self.service = service
        self.statuses = statuses
        self.patientKey = patientKey
        self.matchKey = matchKey
        self.changedSince = changedSince
    }
}

/// Finds referrals by what is known of them.
package protocol ReferralIndex: Sendable {
    /// Matching referrals, last changed (by `sourceTime`) first.
    func referrals(matching query: ReferralQuery, limit: Int) async throws(StoreError) -> [ReferralRecord]

    /// Removes referrals that are declined, cancelled or completed and have not changed since `before`; returns how
    /// many.
    @discardableResult
    func pruneReferrals(endedBefore before: Timestamp) async throws(StoreError) -> Int
}
