// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a hospital system asks of Ocean: eForms for one patient, and a link to them. The data of a message on
/// `ocean.forms`.
package struct FormRequest: JSONRecord {
    /// Ocean site number.
    package var site = ""
    /// Form references, in the order in which the patient is to see them.
    package var forms: [String] = []
    /// The patient, where Ocean does not know them by `patientRef`.
    package var patient: Patient?
    /// Ocean's reference of a patient whom it knows.
    package var patientRef: String?
    /// The hospital's own patient id; comes back with the completed form.
    package var externalPatientRef: String?
    package var reasonForVisit: String?
    /// The same request again has the same key; without one the message's id is the key.
    package var idempotencyKey: String?

    package init() {}

    package static let fields: [Field<FormRequest>] = [
        .required("site", \.site, "Ocean site number"),
        .required("forms", \.forms, "form references"),
        .optional("patient", \.patient), .optional("patientRef", \.patientRef),
        .optional("externalPatientRef", \.externalPatientRef), .optional("reasonForVisit", \.reasonForVisit),
        .optional("idempotencyKey", \.idempotencyKey),
    ]

    /// Where a lane key is made of the body: the patient as far as the request names one. Patient data.
    package var patientName: String? { patientRef ?? externalPatientRef ?? patient?.chartNumber }
}

/// What became of a form request: the data of a message on `ocean.results`.
package struct FormResult: JSONRecord {
    package var site = ""
    package var outcome: FormOutcome = .created
    /// Id of the request message that this answers.
    package var requestID = ""
    package var idempotencyKey: String?
    package var forms: [String] = []
    /// Ocean's reference of the patient: the subject of the completed form's event.
    package var patientRef: String?
    package var externalPatientRef: String?
    /// Where the patient fills the forms: for the patient alone.
    package var link: String?
    /// Why it was refused: a stable word.
    package var reason: String?
    /// In words a clerk understands; never patient data.
    package var explanation: String?
    /// What to do about it, and who.
    package var remedy: String?
    /// HTTP status that Ocean answered, where it did.
    package var status: Int?
    /// Ocean's answer to a refused request: JSON as it came, other text as a string.
    package var answer: JSONValue?
    /// Parts of the request for which Ocean's patient has no member, as JSON pointers: they were not sent.
    package var leftOut: [String] = []
    package var attempts = 0
    package var finishedAt: Timestamp?

    package init() {}

    package static let fields: [Field<FormResult>] = [
        .required("site", \.site), .required("outcome", \.outcome), .required("requestId", \.requestID),
        .optional("idempotencyKey", \.idempotencyKey), .list("forms", \.forms), .optional("patientRef", \.patientRef),
        .optional("externalPatientRef", \.externalPatientRef),
        .optional("link", \.link, "where the patient fills the forms"),
        .optional("reason", \.reason, "why it was refused: a stable word"),
        .optional("explanation", \.explanation, "in words a clerk understands"),
        .optional("remedy", \.remedy, "what to do about it, and who"),
        .optional("status", \.status, "HTTP status that Ocean answered"),
        .optional("answer", \.answer, "Ocean's answer: JSON as it came, other text as a string"),
        .list("leftOut", \.leftOut, "parts of the request that Ocean's patient has no member for"),
        .required("attempts", \.attempts), .optional("finishedAt", \.finishedAt),
    ]
}

/// The last part of a result's routing key.
package enum FormOutcome: String, JSONWord, CaseIterable {
    case created, refused
    /// Not yet: it is tried again by itself.
    case parked

    package var messageType: MessageType {
        switch self {
        case .created: .formCreated
        case .refused: .formRefused
        case .parked: .formParked
        }
    }
}
