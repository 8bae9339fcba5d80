// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// What the store knows of a message of Ocean's. Written on the message's key together with the record, so that asked
/// again after a crash, when the record says already what the message says, the answer is the same.
struct Judgement: Sendable, Hashable {
    var isEcho = false
    var isLate = false
    /// Of the content that was judged: that of a thin event may be another one when it is fetched again.
    var digest: String
    /// The record to save; nil when the message says nothing of a referral or is late.
    var record: ReferralRecord?

    init(isEcho: Bool = false, isLate: Bool = false, digest: String, record: ReferralRecord? = nil) {
        self.isEcho = isEcho
        self.isLate = isLate
        self.digest = digest
        self.record = record
    }

    private static let mark = "judged"

    /// The form in which it stands on the key; without the record.
    var note: String { "\(Self.mark) \(isEcho ? "echo" : "-") \(isLate ? "late" : "-") \(digest)" }

    /// Nil for a note of another kind or version.
    init?(note: String) {
        let parts = note.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.mark else { return nil }
        self.init(isEcho: parts[1] == "echo", isLate: parts[2] == "late", digest: String(parts[3]))
    }
}
