// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// What a message bundle of the pretend Ocean is about.
enum BundleEvent: Sendable, Hashable {
    case add
    /// `removed` holds the appointments that the change took away.
    case update(focus: [FocusResource], removed: [String])
    case revoke
    case communication(String)

    var code: EventCode {
        switch self {
        case .add: .addServiceRequest
        case .update: .updateServiceRequest
        case .revoke: .revokeServiceRequest
        case .communication: .communicationFromRequester
        }
    }
}

/// A resource that an update is about, besides the ServiceRequest.
enum FocusResource: Sendable, Hashable {
    case task
    case appointment(String)
    case communication(String)
    case patient
}

/// Where and when a bundle is written.
struct BundleContext: Sendable {
    let dialect: ListingDialect
    /// Base address of Ocean, without a trailing slash.
    let host: String
    /// Begins the addresses of documents: Ocean's own, unless a fault is armed.
    let documentHost: String
    let site: PretendSite
    let listing: PretendListing
    let formerListing: PretendListing?
    let webhookURL: String
    let isTest: Bool
    let bundleID: String
    let messageID: String
    let time: Timestamp
}

/// Writes a bundle in the shape of captured ones: 0.10.0 with ids and relative references, 0.11.1 with `fullUrl` and
/// `urn:uuid:` references. Resources accumulate, as Ocean's do.
struct MessageBundle: Sendable {
    let file: ReferralFile
    let event: BundleEvent
    let context: BundleContext

    var isCurrent: Bool { context.dialect == .fhir0111 }

    var bytes: [UInt8] { json.bytes() }

    var json: JSONValue {
        let time: JSONValue = .string(context.time.inToronto)
        return object(
            ("resourceType", "Bundle"), ("id", .string(context.bundleID)),
            ("meta", object(("lastUpdated", time), ("security", security))), ("type", "message"), ("timestamp", time),
            ("entry", .array([entry("MessageHeader", context.messageID, header)] + resources)))
    }

    private var resources: [JSONValue] {
        let people = [
            entry("PractitionerRole", file.ids.requesterRole, role(of: referrer)),
            entry("Practitioner", file.ids.requester, practitioner(referrer)),
            entry("Location", file.ids.requesterLocation, clinicLocation(referrer)),
        ]
        let listing = entry("PractitionerRole", file.ids.listingRole, listingRole)
        let place = entry("Location", file.ids.listingLocation, listingLocation)
        let requests =
            [entry("ServiceRequest", file.state.reference, serviceRequest)] + formerRequest
            + sourceRequest
        let patient = entry("Patient", file.ids.patient, patientResource)
        let form = entry("QuestionnaireResponse", file.ids.form, questionnaireResponse)
        let base =
            isCurrent
            ? [patient, listing] + people + [place] + submitter + documents + requests + [form]
            : requests + [patient] + people + [listing, place] + documents + [form]
        return base + progress
    }

    private var submitter: [JSONValue] {
        guard let person = file.content.submitter else { return [] }
        return [
            entry("PractitionerRole", file.ids.senderRole, role(of: Person(person, file.ids, isSender: true))),
            entry("Practitioner", file.ids.sender, practitioner(Person(person, file.ids, isSender: true))),
            entry("Location", file.ids.senderLocation, clinicLocation(Person(person, file.ids, isSender: true))),
        ]
    }

    var referrer: Person { Person(file.content.referrer, file.ids, isSender: false) }

    /// 0.10.0 writes `%7C` for the bar, as captured.
    func profile(_ type: String) -> JSONValue {
        let version = isCurrent && ["MessageHeader", "Patient", "Location", "ServiceRequest"].contains(type)
        let suffix = isCurrent ? (version ? "|1.0.1" : "|1.0.0") : "%7C1.0.0"
        return .string("http://ehealthontario.ca/fhir/StructureDefinition/ca-on-eReferral-profile-\(type)\(suffix)")
    }

    var security: JSONValue? {
        guard isCurrent, context.isTest else { return nil }
        return [coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data")]
    }

    func reference(_ type: String, _ id: String) -> JSONValue {
        object(("reference", .string(isCurrent ? "urn:uuid:\(id)" : "\(type)/\(id)")))
    }

    func identifier(_ system: NamingSystem, _ value: String) -> JSONValue {
        object(("system", .string(system.url(host: context.host))), ("value", .string(value)))
    }

    /// Puts type, id and meta before the members, as each dialect wants them.
    func entry(_ type: String, _ id: String, _ members: JSONValue) -> JSONValue {
        var resource: JSONObject = ["resourceType": .string(type)]
        let isHeader = type == "MessageHeader"
        if !isCurrent || isHeader { resource["id"] = .string(id) }
        resource["meta"] = object(("profile", [profile(type)]), ("security", security))
        for member in members.objectValue ?? [:] { resource[member.name] = member.value }
        guard isCurrent else { return ["resource": .object(resource)] }
        return ["fullUrl": .string(isHeader ? id : "urn:uuid:\(id)"), "resource": .object(resource)]
    }
}

/// A clinician in the part of referrer or of submitter.
struct Person: Sendable {
    let clinician: SyntheticClinician
    let roleID: String
    let id: String
    let locationID: String

    init(_ clinician: SyntheticClinician, _ ids: ResourceIDs, isSender: Bool) {
        self.clinician = clinician
        roleID = isSender ? ids.senderRole : ids.requesterRole
        id = isSender ? ids.sender : ids.requester
        locationID = isSender ? ids.senderLocation : ids.requesterLocation
    }
}
