// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The data of a canonical message: what Ocean said, normalised, and Ocean's own bytes.
package struct CanonicalMessage: JSONRecord {
    package var event = SourceEvent()
    /// Absent while a thin event is not yet enriched, and for what is not understood.
    package var referral: Referral?
    /// A form completion or note of the patient-engagement API.
    package var engagement: Engagement?
    package var original = Original()

    package init() {}

    package static let fields: [Field<CanonicalMessage>] = [
        .required("event", \.event), .optional("referral", \.referral), .optional("engagement", \.engagement),
        .required("original", \.original),
    ]
}

/// What happened, in the source's words.
package struct SourceEvent: JSONRecord {
    /// Event code (`add-service-request`, `notify-patient-message-forms-completion`), as received.
    package var code = ""
    /// `MessageHeader.reason` text.
    package var reason: String?
    /// Bundle.id and MessageHeader.id: the duplicate rule of FHIR messaging works on the pair.
    package var bundleID: String?
    package var headerID: String?
    /// Resource types in focus, in order.
    package var focus: [String] = []
    /// Bundle.timestamp, as spelled.
    package var timestamp: String?
    /// A thin event carries only references; the translator fetches the content.
    package var thin = false

    package init() {}

    package static let fields: [Field<SourceEvent>] = [
        .required("code", \.code), .optional("reason", \.reason), .optional("bundleId", \.bundleID),
        .optional("headerId", \.headerID), .list("focus", \.focus), .optional("timestamp", \.timestamp),
        .flag("thin", \.thin),
    ]
}

/// Ocean's own bytes, unchanged.
package struct Original: JSONRecord {
    package var mediaType = "application/json"
    /// `0.10.0`, `0.11.1`, `ocean-json`, `patient-engagement`, `unknown`.
    package var dialect = ""
    /// Lower-case hexadecimal SHA-256 of the bytes.
    package var sha256 = ""
    /// The text when the bytes are UTF-8, else base64.
    package var body = ""
    package var isBase64 = false

    package init() {}

    package static let fields: [Field<Original>] = [
        .required("mediaType", \.mediaType), .required("dialect", \.dialect), .required("sha256", \.sha256),
        .required("body", \.body), .flag("base64", \.isBase64),
    ]
}
