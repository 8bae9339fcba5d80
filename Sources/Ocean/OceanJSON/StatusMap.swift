// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What Ocean's words for a referral's status mean, in both directions.
package struct StatusMap: Sendable, Hashable {
    /// Where the table comes from, for the documentation of an installation.
    package let name: String
    private let states: [String: ReferralStatus]
    private let words: [ReferralStatus: String]

    /// - Parameters:
    ///   - rows: word of Ocean and its meaning. The first word of a meaning is the one that is written.
    package init(name: String, rows: [(word: String, status: ReferralStatus)]) {
        self.name = name
        var states: [String: ReferralStatus] = [:]
        var words: [ReferralStatus: String] = [:]
        for row in rows {
            states[OceanWord.key(row.word)] = row.status
            if words[row.status] == nil { words[row.status] = row.word }
        }
        self.states = states
        self.words = words
    }

    /// The meaning of a word, whatever its case, spaces and underscores; `.unknown` for words outside the table.
    package func status(of word: String) -> ReferralStatus { states[OceanWord.key(word)] ?? .unknown }

    /// Ocean's word for a status; nil when the table has none.
    package func word(for status: ReferralStatus) -> String? { words[status] }

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
