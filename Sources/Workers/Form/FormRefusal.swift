// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Why a form request was not carried out: for the operator (reason, detail) and for the clerk (explanation).
struct FormRefusal: Sendable {
    /// A stable word.
    let reason: String
    /// Place and remedy; never a value from the payload.
    let detail: String
    /// HTTP status of Ocean's.
    var status: Int?
    /// In words a clerk understands.
    var explanation = "The bridge could not carry this request out."
    /// What to do about it, and who.
    var remedy = "Tell the bridge's administrator; the request stands in ocean.dead-letters."
    /// Ocean's own answer: JSON, or text.
    var answer: JSONValue?

    init(reason: String, detail: String) {
        self.reason = reason
        self.detail = detail
    }

    init(translation error: TranslationError) {
        self.init(reason: error.reason, detail: error.description)
        switch error.code {
        case .noKey:
            explanation =
                "The bridge has no encryption key for this site, so it cannot send the patient. Nothing was sent to Ocean."
            remedy = "The bridge's administrator sets \(error.place) to the key of the site in Ocean."
        case .invalid where error.place.hasPrefix("forms.create"):
            explanation = "The bridge's settings do not fit this request. Nothing was sent to Ocean."
            remedy = "The bridge's administrator corrects \(error.place)."
        case .notJSON, .unknownFormat, .noReference, .invalid, .unsupported, .undecipherable:
            explanation =
                "The request is incomplete or not of the form that the bridge reads"
                + (error.place.isEmpty ? "" : " (at \(error.place))") + ". Nothing was sent to Ocean."
            remedy = "Correct it and send it again; docs/schemas/form-request.schema.json describes its form."
        }
    }

    init(service error: OceanServiceError) {
        self.init(reason: error.reason, detail: error.message)
        status = error.status
        answer = AnswerReading(error.body).kept
        switch (error.code, error.status) {
        case (.notConfigured, _):
            explanation = "The bridge has no Open API credentials for this site. Nothing was sent to Ocean."
            remedy = "The bridge's administrator sets openApi.siteKey and openApi.siteCredential of the site."
        case (.unauthorized, _):
            explanation = "Ocean does not accept the bridge's Open API credentials for this site."
            remedy =
                "The bridge's administrator compares openApi.siteKey and openApi.siteCredential with Ocean's portal."
        case (_, 404?), (_, 405?):
            explanation = "Ocean knows no such patient, or no such call."
            remedy =
                "Check patientRef. Ocean does not publish this call: the bridge's administrator asks Ocean for it and "
                + "sets forms.create."
        default:
            explanation = "Ocean refused to create the form."
            remedy = "Ocean's own answer says why; check the form references and the patient."
        }
    }

    /// Ocean said yes, and did not say where.
    init(answer: FormAnswer, _ error: TranslationError) {
        let reading = AnswerReading(answer.body)
        if reading.isFailure {
            self.init(
                reason: OceanServiceError.Code.refused.rawValue,
                detail: "HTTP \(answer.status), but the answer says that it was not done")
            explanation = "Ocean refused to create the form."
            remedy = "Ocean's own answer says why; check the form references and the patient."
        } else {
            self.init(reason: OceanServiceError.Code.invalidAnswer.rawValue, detail: error.description)
            explanation =
                "Ocean took the request, but its answer holds no link. The form may have been created; it is not asked "
                + "for again by itself, lest the patient gets two."
            remedy =
                "Look in Ocean whether the form is there. The bridge's administrator sets forms.create.link to where "
                + "Ocean's answer has the link."
        }
        status = answer.status
        self.answer = reading.kept
    }

    static let reusedKey: FormRefusal = {
        var refusal = FormRefusal(
            reason: "key-reused", detail: "the idempotency key, or message id, was used before for another request")
        refusal.explanation =
            "Another request, with another content, came before under the same key. Nothing was sent to Ocean."
        refusal.remedy = "Send the request again under a key of its own."
        return refusal
    }()

    static func dryRun(site: String) -> FormRefusal {
        var refusal = FormRefusal(reason: UpdateOutcome.dryRun.rawValue, detail: "the site is set to a dry run")
        refusal.explanation = "The bridge is set to a dry run for this site. Nothing was sent to Ocean."
        refusal.remedy = "The bridge's administrator ends the dry run with sites.\(site).dryRun: false."
        return refusal
    }
}
