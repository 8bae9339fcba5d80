// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Content of Ocean's patient-engagement API.
package struct Engagement: JSONRecord {
    /// Ocean patient reference.
    package var patientRef = ""
    package var site: String?
    package var sessionID: String?
    package var noteID: String?
    /// `PORTAL`, `PATIENT`, `TABLET`.
    package var completionSource: String?
    /// The caller's own patient id.
    package var externalPatientRef: String?
    /// Ocean's `reasonForVisit`, `apptReason` and `visitType`.
    package var reasonForVisit: String?
    package var appointmentReason: String?
    package var visitType: String?
    package var patient: Patient?
    package var note: ProgressNote?
    package var forms: [Form] = []
    /// Fields that the patient changed, for the EMR.
    package var fieldUpdates: JSONValue?
    /// The cumulative patient profile (Ocean's `cpp`) and results.
    package var profile: PatientProfile?
    /// The known referral to which the form belongs, and what told so; absent where none fits or matching is off.
    package var matched: ReferralMatch?
    /// What Ocean had no longer when it was asked: `patient`, `note`.
    package var unavailable: [String] = []
    /// Only in dead letters: what was fetched and could not be opened, as Ocean sent it, still encrypted.
    package var sealed: SealedContent?
    package var unmapped: [Unmapped] = []

    package init() {}

    package static let fields: [Field<Engagement>] = [
        .required("patientRef", \.patientRef), .optional("site", \.site), .optional("sessionId", \.sessionID),
        .optional("noteId", \.noteID), .optional("completionSource", \.completionSource),
        .optional("externalPatientRef", \.externalPatientRef), .optional("reasonForVisit", \.reasonForVisit),
        .optional("appointmentReason", \.appointmentReason), .optional("visitType", \.visitType),
        .optional("patient", \.patient), .optional("note", \.note), .list("forms", \.forms),
        .optional("fieldUpdates", \.fieldUpdates), .optional("profile", \.profile), .optional("matched", \.matched),
        .list("unavailable", \.unavailable), .optional("sealed", \.sealed), .list("unmapped", \.unmapped),
    ]
}

/// The human-readable note of a form completion.
package struct ProgressNote: JSONRecord {
    package var title: String?
    package var text: String?
    package var type: String?

    package init() {}

    package static let fields: [Field<ProgressNote>] = [
        .optional("title", \.title), .optional("text", \.text), .optional("type", \.type),
    ]
}

/// What is known of a patient's health: Ocean's cumulative patient profile.
package struct PatientProfile: JSONRecord {
    /// Ocean's `prob`.
    package var problems: [ProfileItem] = []
    /// Past medical history, Ocean's `pmhx`.
    package var pastHistory: [ProfileItem] = []
    /// Ocean's `fhx`.
    package var familyHistory: [ProfileItem] = []
    /// Ocean's `allg`.
    package var allergies: [ProfileItem] = []
    /// Ocean's `tx`.
    package var treatments: [ProfileItem] = []
    /// Ocean's `rx`.
    package var medications: [ProfileItem] = []
    /// Ocean's `immu`.
    package var immunizations: [ProfileItem] = []
    /// Ocean's `soc`.
    package var socialHistory: [ProfileItem] = []
    package var results: [ProfileResult] = []

    package init() {}

    package static let fields: [Field<PatientProfile>] = [
        .list("problems", \.problems), .list("pastHistory", \.pastHistory), .list("familyHistory", \.familyHistory),
        .list("allergies", \.allergies), .list("treatments", \.treatments), .list("medications", \.medications),
        .list("immunizations", \.immunizations), .list("socialHistory", \.socialHistory), .list("results", \.results),
    ]
}

/// One entry of a section of the profile.
package struct ProfileItem: JSONRecord {
    /// Ocean's key of the entry.
    package var key: String?
    /// The entry in words (Ocean's `desc`).
    package var text: String?
    /// Further members, of which Ocean publishes no list.
    package var data: JSONValue?

    package init() {}

    package init(key: String? = nil, text: String?, data: JSONValue? = nil) {
        self.key = key
        self.text = text
        self.data = data
    }

    package static let fields: [Field<ProfileItem>] = [
        .optional("key", \.key), .optional("text", \.text), .optional("data", \.data),
    ]
}

/// A result in the profile.
package struct ProfileResult: JSONRecord {
    /// What was measured or found.
    package var key: String?
    /// As Ocean gives it: a text or a number.
    package var value: JSONValue?
    /// As spelled.
    package var date: String?

    package init() {}

    package static let fields: [Field<ProfileResult>] = [
        .optional("key", \.key), .optional("value", \.value), .optional("date", \.date),
    ]
}

/// The known referral to which a form belongs.
package struct ReferralMatch: JSONRecord {
    /// Referral reference.
    package var referral = ""
    package var by: MatchRule = .mrn
    /// How many referrals the same rule fits; the one that changed last is named.
    package var candidates = 1

    package init() {}

    package init(referral: String, by rule: MatchRule, candidates: Int) {
        self.referral = referral
        by = rule
        self.candidates = candidates
    }

    package static let fields: [Field<ReferralMatch>] = [
        .required("referral", \.referral, "referral reference"),
        .required("by", \.by, "what is equal besides the birth date"),
        .required("candidates", \.candidates, "how many referrals the same rule fits; the last changed is named"),
    ]
}

/// What tells that a form and a referral are one patient's; the birth date must be equal too.
package enum MatchRule: String, JSONWord, CaseIterable {
    /// Chart number in the EMR (Ocean's external patient reference).
    case mrn
    case healthNumber = "health-number"
    /// Family name and first given name.
    case name
}

/// Answers of Ocean's Open API as they came, for a later try with another key.
package struct SealedContent: JSONRecord {
    package var patient: SealedPart?
    package var note: SealedPart?

    package init() {}

    package static let fields: [Field<SealedContent>] = [.optional("patient", \.patient), .optional("note", \.note)]
}

/// One encrypted answer.
package struct SealedPart: JSONRecord {
    package var oneTimeKey = ""
    package var oneTimeKeyIV = ""
    package var iv = ""
    /// The body's bytes, base64.
    package var body = ""
    package var noteID: String?
    package var externalPatientRef: String?

    package init() {}

    package static let fields: [Field<SealedPart>] = [
        .required("oneTimeKey", \.oneTimeKey), .required("oneTimeKeyIv", \.oneTimeKeyIV), .required("iv", \.iv),
        .required("body", \.body), .optional("noteId", \.noteID), .optional("externalPatientRef", \.externalPatientRef),
    ]
}
