// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Why an update was not carried out: for the operator (reason, detail) and for the clerk (explanation).
struct Refusal: Sendable {
    /// A stable word.
    let reason: String
    /// Place and remedy; never a value from the payload.
    let detail: String
    /// HTTP status of Ocean's.
    let status: Int?
    /// In words a clerk understands.
    let explanation: String
    /// Ocean's own answer: JSON, or text.
    let answer: JSONValue?

    /// The stable word for results; nil for `reason`.
    var word: String?
    /// What to do about it, and who.
    var remedy: String?
    /// Of Ocean's OperationOutcome.
    var issues: [AnswerIssue] = []

    /// - Parameter record: what is known of the referral: it tells a forwarded referral from a wrong site.
    init(service error: OceanServiceError, of update: ReferralUpdate, _ record: ReferralRecord?) {
        let reading = AnswerReading(error.body)
        let known = KnownRefusal(error, reading, update, record)
        reason = error.reason
        detail = error.message
        status = error.status
        explanation =
            known == .other && error.status != nil
            ? "HTTP \(error.status ?? 0): \(known.explanation)" : known.explanation
        answer = reading.kept
        word = known.rawValue
        remedy = known.remedy
        issues = reading.issues
    }

    init(translation error: TranslationError) {
        reason = error.reason
        detail = error.description
        status = nil
        answer = nil
        explanation =
            switch error.code {
            case .notJSON, .unknownFormat:
                "The bridge cannot read this update: it is in none of the forms that it knows. "
                    + "Nothing was sent to Ocean."
            case .noReference:
                "The update does not say which referral it belongs to. Nothing was sent to Ocean."
            case .unsupported:
                "Ocean has no way to take this change for this referral. Nothing was sent; make the "
                    + "change in Ocean itself."
            case .invalid, .undecipherable, .noKey:
                "The update is incomplete or contradicts itself"
                    + (error.place.isEmpty ? "" : " (at \(error.place))") + ". Nothing was sent to Ocean."
            }
        remedy =
            error.code == .unsupported
            ? "Make the change in Ocean itself."
            : "Correct the update and send it again; docs/messages.md and docs/schemas describe its form."
    }

    init(stale: StaleGuard.Staleness) {
        reason = UpdateOutcome.stale.rawValue
        detail = "older than the last change of \(stale.aspect) at \(stale.changedAt)"
        status = nil
        answer = nil
        let what =
            switch stale.aspect {
            case ReferralAspect.status: "the state of the referral"
            case ReferralAspect.listing: "the receiver of the referral"
            case ReferralAspect.kind: "the kind of the referral"
            case ReferralAspect.category: "the category of the referral"
            case ReferralAspect.patient: "the patient's data"
            case ReferralAspect.redirect: "the booking address"
            case ReferralAspect.comments: "the booking comments"
            default: "the appointment"
            }
        explanation =
            "After this had happened, \(what) was changed, at \(stale.changedAt). Carried out now, the update would undo "
            + "that. Nothing was sent to Ocean; look at the referral and, if the change is still wanted, make it anew."
        remedy = "Look at the referral; if the change is still wanted, make it anew."
    }

    /// - Parameter hasOwnKey: the hospital gave the update a key; else the id of the message is the key.
    static func reusedKey(hasOwnKey: Bool) -> Refusal {
        let name = hasOwnKey ? "idempotency key" : "message id"
        return Refusal(
            reason: "key-reused", detail: "the \(name) was used before for another update of this referral",
            explanation: "Another update of this referral, with another content, came before under the same \(name). "
                + "Nothing was sent to Ocean.",
            remedy: "Send the update again under a key of its own.")
    }

    private init(reason: String, detail: String, explanation: String, remedy: String) {
        self.reason = reason
        self.detail = detail
        self.explanation = explanation
        self.remedy = remedy
        status = nil
        answer = nil
    }
}
