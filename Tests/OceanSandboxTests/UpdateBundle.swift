// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Builds the bundles that receiving systems post, as Ocean's own clients of each dialect do.
struct UpdateBundle {
    let dialect: ListingDialectName
    let reference: String

    enum ListingDialectName: String, CaseIterable, Sendable {
        case fhir0100 = "0.10.0"
        case fhir0111 = "0.11.1"
    }

    private var isCurrent: Bool { dialect == .fhir0111 }

    func task(_ status: String, reason: String? = nil, extensions: JSONValue = []) -> [UInt8] {
        var task: JSONValue = [
            "resourceType": "Task", "id": "task-1", "status": .string(status), "intent": "order",
            "extension": extensions,
            "code": ["coding": [["code": "process-request"]]],
            "basedOn": [["reference": .string("ServiceRequest/\(reference)")]],
        ]
        if let reason { task["statusReason"] = ["text": .string(reason)] }
        return bundle(isCurrent ? "notify-update-process-request" : "notify-update-status", focus: [task])
    }

    func appointment(
        id: String = "11111111-aaaa-4bbb-8ccc-000000000001", start: String? = "2026-03-01T10:00:00-05:00",
        status: String = "booked", participant: String? = "tentative", comments: String? = nil
    ) -> [UInt8] {
        var resource: JSONValue = [
            "resourceType": "Appointment", "id": .string(id), "status": .string(status), "participant": [],
            "basedOn": [["reference": .string("ServiceRequest/\(reference)")]],
        ]
        if let start { resource["start"] = .string(start) }
        if let comments { resource["patientInstruction"] = .string(comments) }
        if let participant { resource["participant"] = [["status": .string(participant)]] }
        return bundle(isCurrent ? "notify-add-appointment" : "notify-update-appointment", focus: [resource])
    }

    func communication(_ text: String, code: String? = nil) -> [UInt8] {
        let resource: JSONValue = [
            "resourceType": "Communication", "id": "22222222-aaaa-4bbb-8ccc-000000000001", "status": "completed",
            "basedOn": [["reference": .string("ServiceRequest/\(reference)")]],
            "payload": [["contentString": .string(text)]],
        ]
        return bundle(
            code ?? (isCurrent ? "send-communication" : "send-communication-from-provider"), focus: [resource])
    }

    func forward(to listing: String, newReference: String) -> [UInt8] {
        let task: JSONValue = [
            "resourceType": "Task", "id": "task-2", "status": "requested",
            "basedOn": [["reference": .string("ServiceRequest/\(newReference)")]],
        ]
        let request: JSONValue = [
            "resourceType": "ServiceRequest", "id": .string(newReference),
            "replaces": [["reference": .string("ServiceRequest/\(reference)")]],
            "performer": [["reference": "PractitionerRole/target"]],
        ]
        let role: JSONValue = [
            "resourceType": "PractitionerRole", "id": "target",
            "identifier": [["system": "id-referral-target-reference", "value": .string(listing)]],
        ]
        return bundle("notify-update-process-request", focus: [task], others: [request, role])
    }

    func correction(_ resource: JSONValue) -> [UInt8] {
        bundle(isCurrent ? "notify-data-correction" : "update-patient-data", focus: [resource])
    }

    func bundle(_ event: String, focus: [JSONValue], others: [JSONValue] = []) -> [UInt8] {
        let references = focus.map { resource -> JSONValue in
            let id = resource["id"]?.stringValue ?? ""
            let type = resource["resourceType"]?.stringValue ?? ""
            return ["reference": .string(isCurrent ? "urn:uuid:\(id)" : "\(type)/\(id)")]
        }
        let mark: JSONValue =
            isCurrent
            ? [
                "url": .string(ExtensionURL.referralIdentifier),
                "valueIdentifier": ["system": "id-ereferral-reference", "value": .string(reference)],
            ] : ["url": .string(ExtensionURL.headerReference), "valueString": .string(reference)]
        let header: JSONValue = [
            "resourceType": "MessageHeader", "id": "header",
            "eventCoding": ["system": .string(NamingSystem.eventCode), "code": .string(event)],
            "extension": [mark], "focus": .array(references),
        ]
        let entries = ([header] + focus + others).map { resource -> JSONValue in
            guard isCurrent, let id = resource["id"]?.stringValue else { return ["resource": resource] }
            return ["fullUrl": .string("urn:uuid:\(id)"), "resource": resource]
        }
        let value: JSONValue = ["resourceType": "Bundle", "type": "message", "entry": .array(entries)]
        return value.bytes()
    }
}
