// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// A referral that a clinician is about to send: it has its reference, and nobody has it yet.
struct DraftReferral: Sendable {
    let kind: SyntheticReferral.Kind
    let file: ReferralFile
    let site: PretendSite
    let listing: PretendListing
    let host: String
    let isTest: Bool
    /// Of the message bundle: Bundle.id and MessageHeader.id.
    let bundleIDs: (bundle: String, message: String)

    var reference: String { file.state.reference }

    /// The message bundle as in the webhook of the sent referral, always 0.11.1, to the CDS service's address.
    func bundle(to service: String) -> JSONValue { message(to: service).json }

    private func message(to service: String) -> MessageBundle {
        MessageBundle(
            file: file, event: .add,
            context: BundleContext(
                dialect: .fhir0111, host: host, documentHost: host, site: site, listing: listing, formerListing: nil,
                webhookURL: service, isTest: isTest, bundleID: bundleIDs.bundle, messageID: bundleIDs.message,
                time: file.created))
    }

    private func resource(_ type: String, _ id: String, _ members: JSONValue) -> JSONValue {
        var resource: JSONObject = ["resourceType": .string(type), "id": .string(id)]
        for member in members.objectValue ?? [:] { resource[member.name] = member.value }
        return .object(resource)
    }

    /// What Ocean's prefetch templates ask for; nil for a template that it does not know.
    func prefetched(_ template: String, for service: String) -> JSONValue? {
        let message = message(to: service)
        switch template {
        case "Patient/{{context.patientId}}": return resource("Patient", file.ids.patient, message.patientResource)
        case "QuestionnaireResponse?encounter={{context.encounterId}}":
            return resource("QuestionnaireResponse", file.ids.form, message.questionnaireResponse)
        case "{{context.userId}}":
            return resource("Practitioner", file.ids.requester, message.practitioner(message.referrer))
        case "PractitionerRole?practitioner={{context.userId}}":
            return resource("PractitionerRole", file.ids.requesterRole, message.role(of: message.referrer))
        case "Bundle?_query=on-v11-add-service-request": return message.json
        default: return nil
        }
    }

    /// The context of `order-sign` (CDS Hooks library, order-sign 1.1).
    var context: JSONValue {
        let order = resource("ServiceRequest", reference, message(to: "").draftOrder)
        return [
            "userId": .string("Practitioner/\(file.ids.requester)"), "patientId": .string(file.ids.patient),
            "encounterId": .string(reference),
            "draftOrders": ["resourceType": "Bundle", "type": "collection", "entry": [["resource": order]]],
        ]
    }
}

extension MessageBundle {
    /// The request before it is sent.
    fileprivate var draftOrder: JSONValue {
        var order = serviceRequest
        order["status"] = "draft"
        return order
    }
}
