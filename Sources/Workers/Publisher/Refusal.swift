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
    /// Ocean's own answer, when it was JSON.
    let answer: JSONValue?

    init(service error: OceanServiceError) {
        reason = error.reason
        detail = error.message
        status = error.status
        explanation = Self.explanation(error)
        // Something other than JSON tells a hospital system nothing.
        answer = error.body.isEmpty ? nil : try? JSONValue(parsing: error.body)
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
    }

    /// - Parameter hasOwnKey: the hospital gave the update a key; else the id of the message is the key.
    static func reusedKey(hasOwnKey: Bool) -> Refusal {
        let name = hasOwnKey ? "idempotency key" : "message id"
        return Refusal(
            reason: "key-reused", detail: "the \(name) was used before for another update of this referral",
            explanation: "Another update of this referral, with another content, came before under the same \(name). "
                + "Nothing was sent to Ocean; send this one again under one of its own.")
    }

    private init(reason: String, detail: String, explanation: String) {
        self.reason = reason
        self.detail = detail
        self.explanation = explanation
        status = nil
        answer = nil
    }

    private static func explanation(_ error: OceanServiceError) -> String {
        switch (error.code, error.status) {
        case (.notConfigured, _):
            "The bridge has no access to Ocean for this site. Nothing was sent; ask the bridge's "
                + "administrator to set up the site."
        case (_, 403?), (_, 409?):
            "Ocean did not allow the change. The referral may have been forwarded to another "
                + "receiver: only its current receiver may update it. Nothing was changed."
        case (.unauthorized, _):
            "Ocean does not accept the bridge's credentials for this site. Nothing was changed; ask "
                + "the bridge's administrator to check them."
        case (_, 404?), (_, 410?):
            "Ocean does not know this referral: the reference may be wrong, or the referral was "
                + "deleted. Nothing was changed."
        case (_, 400?), (_, 422?):
            "Ocean did not accept the content of the update. Nothing was changed; what Ocean answered is attached."
        case (_, 413?):
            "The update is larger than Ocean takes. Nothing was changed; send fewer or smaller documents."
        default:
            "Ocean refused the update" + (error.status.map { " (HTTP \($0))" } ?? "")
                + ". Nothing was changed; what Ocean answered is attached where there was an answer."
        }
    }
}
