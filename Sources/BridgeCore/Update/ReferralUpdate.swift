// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a hospital system asks to be told to Ocean about one referral: the data of a canonical update.
package struct ReferralUpdate: JSONRecord {
    /// Ocean's referral reference.
    package var referral = ""
    /// Site number of the receiver, whose credentials are used.
    package var site = ""
    package var action: UpdateAction = .message
    /// Decline reason, reason of a cancellation or correction.
    package var reason: String?
    /// Free text: message to the referrer, booking comments, description of a status report.
    package var text: String?
    package var appointment: Appointment?
    /// Name shown as the sender of a message.
    package var senderName: String?
    /// Forward and assign: the listing that takes over.
    package var targetListing: String?
    /// Forward and correct category: one SNOMED CT coding.
    package var category: Coding?
    /// Third-party redirect.
    package var redirectURL: String?
    /// Demographic update.
    package var patient: Patient?
    package var documents: [Document] = []
    /// The hospital's own key: the same key twice is the same update.
    package var idempotencyKey: String?
    /// When it happened in the hospital.
    package var occurredAt: String?
    /// Who did it, as text for Ocean; not the patient.
    package var actor: String?
    /// Listing and External Service ID when the hospital knows them: the routing key of the result.
    package var listing: String?
    package var service: String?

    package init() {}

    package init(referral: String, site: String, action: UpdateAction) {
        self.referral = referral
        self.site = site
        self.action = action
    }

    package static let fields: [Field<ReferralUpdate>] = [
        .required("referral", \.referral, "Ocean's referral reference"),
        .required("site", \.site, "Ocean site number of the receiver"), .required("action", \.action),
        .optional("reason", \.reason), .optional("text", \.text), .optional("appointment", \.appointment),
        .optional("senderName", \.senderName), .optional("targetListing", \.targetListing),
        .optional("category", \.category), .optional("redirectUrl", \.redirectURL), .optional("patient", \.patient),
        .list("documents", \.documents), .optional("idempotencyKey", \.idempotencyKey),
        .optional("occurredAt", \.occurredAt, "RFC 3339 date-time with offset"), .optional("actor", \.actor),
        .optional("listing", \.listing), .optional("service", \.service),
    ]

    /// Parses and checks the canonical form.
    ///
    /// - Throws: `RecordError` with the JSON pointer.
    package static func read(_ json: JSONValue, unknown: inout [JSONPointer]) throws(RecordError) -> ReferralUpdate {
        let update = try ReferralUpdate(json: json, at: .root, unknown: &unknown)
        guard !update.referral.isEmpty else {
            throw RecordError(at: JSONPointer(tokens: ["referral"]), message: "must not be empty")
        }
        guard !update.site.isEmpty else {
            throw RecordError(at: JSONPointer(tokens: ["site"]), message: "must not be empty")
        }
        return update
    }
}

/// The actions of a canonical update.
package enum UpdateAction: String, JSONWord, CaseIterable {
    case accept, decline, complete, reopen, book, confirmBooking, reschedule, cancelBooking, bookingComments, message
    case requestInformation, convertToConsult, convertToReferral, forward, assign, correctCategory, needsReview
    case redirect, updateDemographics
}

/// What became of an update: the data of a message on `ocean.results`.
package struct UpdateResult: JSONRecord {
    package var referral = ""
    package var site = ""
    package var action: UpdateAction = .message
    package var outcome: UpdateOutcome = .delivered
    /// Id of the update message that this answers.
    package var updateID = ""
    /// Which of the changes in that message, where it can hold several.
    package var part: String?
    package var idempotencyKey: String?
    /// Why an update was refused: a stable word, such as `not-current-receiver`.
    package var reason: String?
    /// In words a clerk understands; never patient data.
    package var explanation: String?
    /// What to do about it, and who.
    package var remedy: String?
    /// HTTP status that Ocean answered, where it did.
    package var status: Int?
    /// The issues of Ocean's OperationOutcome. Ocean's text may speak of the patient: it stays in the body.
    package var issues: [AnswerIssue] = []
    /// Ocean's answer: JSON as it came, other text as a string.
    package var answer: JSONValue?
    /// Of a dry run: the bundle that would have been posted.
    package var bundle: JSONValue?
    package var attempts = 0
    package var finishedAt: Timestamp?

    package init() {}

    package static let fields: [Field<UpdateResult>] = [
        .required("referral", \.referral), .required("site", \.site), .required("action", \.action),
        .required("outcome", \.outcome), .required("updateId", \.updateID), .optional("part", \.part),
        .optional("idempotencyKey", \.idempotencyKey),
        .optional("reason", \.reason, "why it was refused: a stable word"),
        .optional("explanation", \.explanation, "in words a clerk understands"),
        .optional("remedy", \.remedy, "what to do about it, and who"),
        .optional("status", \.status, "HTTP status that Ocean answered"),
        .list("issues", \.issues, "the issues of Ocean's OperationOutcome"),
        .optional("answer", \.answer, "Ocean's answer: JSON as it came, other text as a string"),
        .optional("bundle", \.bundle, "of a dry run: the bundle that would have been posted"),
        .required("attempts", \.attempts), .optional("finishedAt", \.finishedAt),
    ]
}

/// The last part of a result's routing key.
package enum UpdateOutcome: String, JSONWord, CaseIterable {
    case delivered, refused, parked, stale
    /// Rendered and not sent, because the site is set to a dry run.
    case dryRun = "dry-run"

    package var messageType: MessageType {
        switch self {
        case .delivered: .updateDelivered
        case .refused: .updateRefused
        case .parked: .updateParked
        case .stale: .updateStale
        case .dryRun: .updateDryRun
        }
    }
}
