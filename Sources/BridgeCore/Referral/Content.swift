// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A completed Ocean eForm.
package struct Form: JSONRecord {
    /// Form reference (`id-form-reference`).
    package var ref: String?
    package var status: String?
    package var authored: String?
    package var items: [FormItem] = []

    package init() {}

    package static let fields: [Field<Form>] = [
        .optional("ref", \.ref), .optional("status", \.status), .optional("authored", \.authored),
        .list("items", \.items),
    ]
}

/// One item of a form, answered or not. Ocean's forms are flat; items of other sources may nest.
package struct FormItem: JSONRecord {
    package var linkID = ""
    /// Caption, may hold HTML.
    package var text: String?
    /// The caption without markup; absent where the caption holds none.
    package var plainText: String?
    /// Answers as FHIR `answer` values without the `value[x]` wrapper: strings from Ocean.
    package var answers: [JSONValue] = []
    package var hidden = false
    package var items: [FormItem] = []

    package init() {}

    package static let fields: [Field<FormItem>] = [
        .required("linkId", \.linkID), .optional("text", \.text), .optional("plainText", \.plainText),
        .list("answers", \.answers), .flag("hidden", \.hidden), .list("items", \.items),
    ]
}

/// A file of the referral: by reference, never its bytes.
package struct Document: JSONRecord {
    /// Referral reference for the letter, attachment reference for attachments.
    package var ref: String?
    package var kind: DocumentKind = .attachment
    /// Where Ocean serves it, with a bearer token of the same site.
    package var url: String?
    package var contentType: String?
    /// File name: holds the patient's name.
    package var title: String?
    package var size: Int?
    package var hash: String?
    package var created: String?
    package var status: String?
    package var date: String?
    /// Base64, when the source carried the bytes inline (small notes).
    package var data: String?
    /// Ocean JSON: the file's own key, encrypted with the referral's one-time key.
    package var encryptedKey: JSONValue?

    package init() {}

    package static let fields: [Field<Document>] = [
        .optional("ref", \.ref), .required("kind", \.kind), .optional("url", \.url),
        .optional("contentType", \.contentType), .optional("title", \.title), .optional("size", \.size),
        .optional("hash", \.hash), .optional("created", \.created), .optional("status", \.status),
        .optional("date", \.date), .optional("data", \.data), .optional("encryptedKey", \.encryptedKey),
    ]
}

/// What a document is.
package enum DocumentKind: String, JSONWord, CaseIterable {
    case letter, attachment, note
    /// Sent by the receiver with the booking (Ocean JSON `bookingFileRefs`).
    case booking
}

/// A booked, proposed or removed appointment.
package struct Appointment: JSONRecord {
    /// FHIR id: an update must reuse it.
    package var id: String?
    /// FHIR Appointment.status.
    package var status: String?
    /// Instant with offset; a date alone where the source has no time.
    package var start: String?
    package var end: String?
    package var minutes: Int?
    /// Label shown in Ocean (`appointmentType.text`, Ocean JSON `apptType`).
    package var label: String?
    package var type: [Coding] = []
    package var description: String?
    /// Booking comments for patient and referrer.
    package var patientInstruction: String?
    /// `accepted` (confirmed), `tentative` (unconfirmed), `declined`, `needs-action`.
    package var patientStatus: String?
    /// Ontario wait-time milestone: `wait-1`, `wait-1a`, `wait-1b`, `wait-2`.
    package var waitTimeMilestone: String?
    /// Ocean JSON `waitTime`.
    package var waitTime: String?
    /// FHIR Appointment.comment.
    package var comment: String?
    /// Why it was cancelled (Appointment.cancelationReason, text or display or code).
    package var cancellationReason: String?
    /// FHIR Appointment.created.
    package var created: String?
    /// Where it takes place, when a participant of the appointment is a Location.
    package var location: Place?
    /// Who is to be seen, when a participant of the appointment is a person of the receiving side.
    package var practitioner: Participant?
    /// Ocean JSON `hasTime`: false when `start` is a date only.
    package var hasTime: Bool?

    package init() {}

    package static let fields: [Field<Appointment>] = [
        .optional("id", \.id), .optional("status", \.status), .optional("start", \.start), .optional("end", \.end),
        .optional("minutes", \.minutes), .optional("label", \.label), .list("type", \.type),
        .optional("description", \.description), .optional("patientInstruction", \.patientInstruction),
        .optional("patientStatus", \.patientStatus), .optional("waitTimeMilestone", \.waitTimeMilestone),
        .optional("waitTime", \.waitTime), .optional("hasTime", \.hasTime), .optional("comment", \.comment),
        .optional("cancellationReason", \.cancellationReason), .optional("created", \.created),
        .optional("location", \.location), .optional("practitioner", \.practitioner),
    ]
}

/// A message between referrer and receiver.
package struct Communication: JSONRecord {
    package var id: String?
    package var status: String?
    package var text: String?
    package var sent: String?
    package var direction: CommunicationDirection?
    package var senderName: String?
    package var senderSite: String?
    package var recipientSite: String?
    /// Within one site only (Ocean JSON internal conversation).
    package var internalOnly = false
    package var documents: [Document] = []
    /// Minutes and reason of an eConsult answer (Ocean JSON `eConsultData`).
    package var consultMinutes: Int?
    package var consultMinutesReason: String?
    package var tags: [String] = []

    package init() {}

    package static let fields: [Field<Communication>] = [
        .optional("id", \.id), .optional("status", \.status), .optional("text", \.text), .optional("sent", \.sent),
        .optional("direction", \.direction), .optional("senderName", \.senderName),
        .optional("senderSite", \.senderSite), .optional("recipientSite", \.recipientSite),
        .flag("internalOnly", \.internalOnly), .list("documents", \.documents),
        .optional("consultMinutes", \.consultMinutes), .optional("consultMinutesReason", \.consultMinutesReason),
        .list("tags", \.tags),
    ]
}

/// Who speaks.
package enum CommunicationDirection: String, JSONWord, CaseIterable {
    case fromRequester = "from-requester"
    case fromProvider = "from-provider"
}

/// A Task of the referral's life cycle, as received.
package struct ProcessTask: JSONRecord {
    package var id: String?
    package var status: String?
    package var reason: String?
    package var description: String?
    package var code: [Coding] = []
    package var businessStatus: [Coding] = []
    package var modified: String?
    /// Ontario's needs-to-be-seen flag: false makes an eConsult of the referral.
    package var patientNeedsToBeSeen: Bool?
    package var redirectURL: String?
    /// Ocean's extension on acceptance: also import the referral into the site's EMR.
    package var importToEMR: Bool?
    package var authored: String?
    package var identifiers: [Identifier] = []

    package init() {}

    package static let fields: [Field<ProcessTask>] = [
        .optional("id", \.id), .optional("status", \.status), .optional("reason", \.reason),
        .optional("description", \.description), .list("code", \.code), .list("businessStatus", \.businessStatus),
        .optional("modified", \.modified), .optional("patientNeedsToBeSeen", \.patientNeedsToBeSeen),
        .optional("redirectUrl", \.redirectURL), .optional("importToEmr", \.importToEMR),
        .optional("authored", \.authored), .list("identifiers", \.identifiers),
    ]
}
