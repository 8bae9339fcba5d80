// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// One line of the journal: a change that the pretend Ocean accepted, with all that it takes to make it again.
package struct JournalEntry: JSONRecord {
    /// Rises by one from line to line, over restarts too.
    package var sequence = 0
    package var time = Timestamp(milliseconds: 0)
    package var kind: Kind = .processed
    /// Referral or patient reference.
    package var reference: String?
    /// Site number of the caller of `$process-messages`, or of the patient.
    package var site: String?
    package var listing: String?
    /// Which referral of the catalogue.
    package var synthetic: String?
    /// Listing and referral of the catalogue for each part of a split.
    package var parts: [ReferralPart] = []
    /// Ocean's event code.
    package var event: String?
    /// What a processed message did, a word for each change.
    package var changes: [String] = []
    /// `Bundle.id` and `MessageHeader.id` of a processed message: a message that came twice has the same pair.
    package var bundleID: String?
    package var headerID: String?
    /// The processed bundle, or the text of the sender's message.
    package var text: String?
    package var senderName: String?
    /// Id of a webhook delivery, and what became of it.
    package var delivery: String?
    package var webhook: String?
    package var state: DeliveryState?
    package var attempts: Int?
    /// Ids given out by the change, in order.
    package var ids: [String] = []
    /// Encryption keys made by the change, hexadecimal, in order.
    package var keys: [String] = []

    package init() {}

    init(_ kind: Kind) {
        self.kind = kind
    }

    package static let fields: [Field<JournalEntry>] = [
        .required("seq", \.sequence), .required("time", \.time), .required("kind", \.kind),
        .optional("ref", \.reference), .optional("site", \.site), .optional("listing", \.listing),
        .optional("synthetic", \.synthetic), .list("parts", \.parts), .optional("event", \.event),
        .list("changes", \.changes),
        .optional("bundleId", \.bundleID), .optional("headerId", \.headerID), .optional("text", \.text),
        .optional("senderName", \.senderName), .optional("delivery", \.delivery), .optional("webhook", \.webhook),
        .optional("state", \.state), .optional("attempts", \.attempts), .list("ids", \.ids), .list("keys", \.keys),
    ]

    /// What happened.
    package enum Kind: String, JSONWord, CaseIterable {
        /// A referral was sent to a listing.
        case sent
        /// A bundle was accepted by `$process-messages`.
        case processed
        /// A message, or a file of one, was accepted by the Open eReferral API; `text` is what was posted.
        case replied, uploaded
        /// The sender cancelled, or wrote a message.
        case cancelled, messaged
        /// A referral was split: its parts were sent to several listings.
        case split
        /// A known referral was sent again by hand, with all that happened since; `event` tells as what.
        case resent
        /// The receiver forwarded by hand.
        case forwarded
        /// A patient completed a form.
        case formCompleted = "form-completed"
        /// A hospital asked for a form; `text` is the request, with the patient.
        case formCreated = "form-created"
        /// Its patient completed it.
        case requestedFormCompleted = "requested-form-completed"
        /// A webhook delivery ended.
        case delivered
    }
}
