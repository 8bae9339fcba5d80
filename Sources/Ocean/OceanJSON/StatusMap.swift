// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What Ocean's words for a referral's status mean, in both directions.
package struct StatusMap: Sendable, Hashable {
    /// Where the table comes from, for the documentation of an installation.
    package let name: String
    private let states: [String: ReferralStatus]
    private let spellings: [ReferralStatus: [String]]

    /// - Parameters:
    ///   - rows: word of Ocean and its meaning. The first word of a meaning is the one that is written.
    package init(name: String, rows: [(word: String, status: ReferralStatus)]) {
        self.name = name
        var states: [String: ReferralStatus] = [:]
        var spellings: [ReferralStatus: [String]] = [:]
        for row in rows {
            states[OceanWord.key(row.word)] = row.status
            spellings[row.status, default: []].append(row.word)
        }
        self.states = states
        self.spellings = spellings
    }

    /// The meaning of a word, whatever its case, spaces and underscores; `.unknown` for words outside the table.
    package func status(of word: String) -> ReferralStatus { states[OceanWord.key(word)] ?? .unknown }

    /// Ocean's word for a status; nil when the table has none.
    package func word(for status: ReferralStatus) -> String? { spellings[status]?.first }

    /// All words of a status, the one that is written first.
    package func words(for status: ReferralStatus) -> [String] { spellings[status] ?? [] }

    /// The table with other words for some statuses.
    ///
    /// - Returns: nil when a word would then have two meanings.
    package func replacing(_ words: [ReferralStatus: [String]], name: String) -> StatusMap? {
        var rows: [(word: String, status: ReferralStatus)] = []
        for status in ReferralStatus.allCases {
            rows += (words[status] ?? self.words(for: status)).map { ($0, status) }
        }
        var meanings: [String: ReferralStatus] = [:]
        for row in rows {
            guard meanings.updateValue(row.status, forKey: OceanWord.key(row.word)) ?? row.status == row.status else {
                return nil
            }
        }
        return StatusMap(name: name, rows: rows)
    }

    /// The word of the shipped table that means the same, as a key for comparisons; for words of two tables the
    /// shipped one's own. A word that this table does not know is never one of the shipped table's.
    func commonKey(of word: String) -> String {
        let key = OceanWord.key(word)
        let status = status(of: word)
        let shipped = Self.assumedDefault.states[key]
        if status == .unknown { return shipped == nil ? key : "?" + key }
        if shipped == status { return key }
        return Self.assumedDefault.word(for: status).map(OceanWord.key) ?? key
    }

    /// Assumed, not documented: Ocean publishes no list of status words. The rows are names of portal folders and of
    /// the analytics export; check them against the first real referrals of a site.
    package static let assumedDefault = StatusMap(
        name: "assumed-open-ereferral-v1",
        rows: [
            ("SENT", .received), ("NEW", .received), ("RECEIVED", .received),
            ("ACCEPTED", .accepted), ("PENDING_BOOKING", .accepted),
            ("BOOKED", .booked), ("BOOKED_UNCONFIRMED", .booked), ("BOOKED_CONFIRMED", .booked),
            ("AWAITING_REPLY", .awaitingInformation),
            ("FORWARDED", .forwarded),
            ("DECLINED", .declined),
            ("CANCELLED", .cancelled), ("CANCELED", .cancelled),
            ("COMPLETE", .completed), ("COMPLETED", .completed),
            ("INCOMPLETE", .draft), ("SAVED_FOR_LATER", .draft),
            ("EXTERNALLY_MANAGED", .external),
        ])
}

/// The status tables of an installation: one for all sites, and those of sites that have their own.
package struct StatusMaps: Sendable, Hashable {
    package var standard: StatusMap
    /// By Ocean's site number.
    package var sites: [String: StatusMap]

    package init(_ standard: StatusMap = .assumedDefault, sites: [String: StatusMap] = [:]) {
        self.standard = standard
        self.sites = sites
    }

    /// The table of a site; the common one where the site is not known or has none.
    package func map(site: String?) -> StatusMap { site.flatMap { sites[$0] } ?? standard }
}
