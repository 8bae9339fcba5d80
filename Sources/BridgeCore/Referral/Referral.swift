// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A referral as the bridge understands it, whatever format it came in: the hub between Ocean FHIR, Ocean JSON and
/// normalised FHIR.
///
/// Dates keep the spelling of the source (FHIR `dateTime`, `date`, `instant`). What no field here can hold stands in
/// `unmapped` with its place, so that nothing is dropped in silence. Everything in it may be patient data.
package struct Referral: JSONRecord {
    /// Ocean's referral reference (FHIR naming system `id-ereferral-reference`, Ocean JSON `referralRef`).
    package var ref = ""
    package var kind: ReferralKind?
    package var status: ReferralStatus?
    /// The source's own word for the status (Task.status, Ocean JSON `status`).
    package var statusText: String?
    /// Reason of a decline or cancellation.
    package var statusReason: String?
    /// FHIR request priority: `routine`, `urgent`, `asap`, `stat`.
    package var priority: String?
    /// Test data (security label HTEST).
    package var test = false
    /// Health service categories; Ocean's display is an enumerator, not human text.
    package var category: [Coding] = []
    /// ServiceRequest.code: what is asked for, where Ocean sends it.
    package var code: [Coding] = []
    /// Health service offerings in words (`orderDetail` display, Ocean JSON `services`).
    package var services: [String] = []
    package var description: String?
    /// `description` without markup; absent where it holds none.
    package var plainDescription: String?
    package var created: String?
    /// When the referral was sent (`authoredOn`, Ocean JSON `sentDate`).
    package var sent: String?
    package var modified: String?
    package var patient: Patient?
    /// Who asks: `MessageHeader.author`, `ServiceRequest.requester`, Ocean JSON `referrer`.
    package var requester: Participant?
    /// Who pressed the button, when another person: `MessageHeader.sender`, Ocean JSON `assistant`.
    package var submitter: Participant?
    /// The listing that receives.
    package var receiver: Listing?
    /// The sending site, where the source names it.
    package var source: SourceSite?
    package var notes: [Note] = []
    package var forms: [Form] = []
    package var documents: [Document] = []
    package var appointments: [Appointment] = []
    package var communications: [Communication] = []
    /// Task resources as received: the history of status reports.
    package var tasks: [ProcessTask] = []
    package var links: ReferralLinks?
    /// What Ocean says about booking as text for patient and referrer.
    package var bookingComments: String?
    package var bookingURL: String?
    /// FHIR resources of types that no field above holds (Consent, Condition, Coverage, …), whole.
    package var resources: [OtherResource] = []
    /// What the source said and no field above holds.
    package var unmapped: [Unmapped] = []

    package init() {}

    package static let fields: [Field<Referral>] = [
        .required("ref", \.ref, "Ocean's referral reference"),
        .optional("kind", \.kind), .optional("status", \.status), .optional("statusText", \.statusText),
        .optional("statusReason", \.statusReason), .optional("priority", \.priority), .flag("test", \.test),
        .list("category", \.category), .list("code", \.code), .list("services", \.services),
        .optional("description", \.description), .optional("plainDescription", \.plainDescription),
        .optional("created", \.created), .optional("sent", \.sent),
        .optional("modified", \.modified), .optional("patient", \.patient), .optional("requester", \.requester),
        .optional("submitter", \.submitter), .optional("receiver", \.receiver), .optional("source", \.source),
        .list("notes", \.notes), .list("forms", \.forms), .list("documents", \.documents),
        .list("appointments", \.appointments), .list("communications", \.communications), .list("tasks", \.tasks),
        .optional("links", \.links), .optional("bookingComments", \.bookingComments),
        .optional("bookingUrl", \.bookingURL), .list("resources", \.resources), .list("unmapped", \.unmapped),
    ]
}

/// What kind of exchange this is (Ocean JSON `communicationType`).
package enum ReferralKind: String, JSONWord, CaseIterable {
    case referral, consult, message
}

/// The state of a referral in the bridge's words; `statusText` keeps the source's.
package enum ReferralStatus: String, JSONWord, CaseIterable {
    case draft, received, accepted, booked
    case awaitingInformation = "awaiting-information"
    case forwarded, declined, cancelled, completed, external, unknown
}

/// A FHIR resource that came with the referral and is passed on as a whole.
package struct OtherResource: JSONRecord {
    /// FHIR resource type.
    package var type = ""
    /// The resource as received, but for its references into the message: those read `#` and the pointer of their
    /// target in the canonical message (`#/referral/patient`), since a message written anew has addresses of its own.
    package var value: JSONValue = .null

    package init() {}

    package init(type: String, value: JSONValue) {
        self.type = type
        self.value = value
    }

    package static let fields: [Field<OtherResource>] = [
        .required("type", \.type, "FHIR resource type"),
        .required("value", \.value, "the resource; references into the message are pointers into this document"),
    ]
}

/// A value that no field of the canonical model holds, with its place in the original.
package struct Unmapped: JSONRecord {
    /// More than a message ever leaves over. Of hostile input the rest stands in the original only, and the ledger says
    /// so.
    package static let limit = 2_000

    /// FHIRPath-like place (`Bundle.entry[3].resource.foo`) or JSON pointer.
    package var path = ""
    package var value: JSONValue = .null

    package init() {}

    package init(path: String, value: JSONValue) {
        self.path = path
        self.value = value
    }

    package static let fields: [Field<Unmapped>] = [.required("path", \.path), .required("value", \.value)]
}

/// How a referral hangs together with others.
package struct ReferralLinks: JSONRecord {
    /// The referral that this one replaces (forwarding).
    package var replaces: [String] = []
    /// The referral that took this one's place (this one was forwarded).
    package var replacedBy: [String] = []
    /// The source referral of a split (`ServiceRequest.basedOn`, Ocean JSON `masterReferralRef`).
    package var basedOn: [String] = []
    /// Ocean JSON `master`.
    package var isMaster: Bool?
    /// The receiver's own id (Ocean JSON `externalRef`).
    package var receiverRef: String?
    /// The sender's own id (Ocean JSON `sourceExternalRef`).
    package var senderRef: String?

    package init() {}

    package static let fields: [Field<ReferralLinks>] = [
        .list("replaces", \.replaces), .list("replacedBy", \.replacedBy), .list("basedOn", \.basedOn),
        .optional("isMaster", \.isMaster),
        .optional("receiverRef", \.receiverRef), .optional("senderRef", \.senderRef),
    ]
}

/// The site that sent the referral.
package struct SourceSite: JSONRecord {
    package var number: String?
    package var name: String?

    package init() {}

    package static let fields: [Field<SourceSite>] = [.optional("number", \.number), .optional("name", \.name)]
}
