// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Reads the changes that the resources in focus ask for.
struct FocusReader: Sendable {
    let resources: BundleResources
    let reference: String

    func changes(event: String, focus: [JSONValue]) throws(RefusedChange) -> [ReferralChange] {
        guard let code = EventCode(code: event) else {
            throw RefusedChange(.unsupported, "Ocean does not take this event code.")
        }
        var output: [ReferralChange] = []
        for resource in focus {
            if let change = try change(code, resource) { output.append(change) }
        }
        guard !output.isEmpty else {
            throw RefusedChange(.invalid, "No resource in focus is of the type that the event code asks for.")
        }
        return output
    }

    private func change(_ code: EventCode, _ resource: JSONValue) throws(RefusedChange) -> ReferralChange? {
        switch (code, resource["resourceType"]?.stringValue ?? "") {
        case (.updateProcessRequest, "Task"), (.addProcessRequest, "Task"), (.updateStatus, "Task"):
            try task(resource)
        case (.updateProcessRequest, "Appointment"), (.addAppointment, "Appointment"),
            (.updateAppointment, "Appointment"):
            try AppointmentReader(resource).change()
        case (.updateProcessRequest, "Communication"), (.sendCommunication, "Communication"),
            (.communicationFromProvider, "Communication"):
            .messageFromProvider(try message(resource))
        case (.communicationFromRequester, "Communication"): .messageFromRequester(try message(resource))
        case (.dataCorrection, "ServiceRequest"): .category(try category(resource))
        case (.dataCorrection, "Patient"), (.updatePatientData, "Patient"): .demographics
        case (.addServiceRequest, _), (.updateServiceRequest, _), (.revokeServiceRequest, _),
            (.reportServiceRequest, _), (.formsCompletion, _), (.noteAdded, _):
            throw RefusedChange(.unsupported, "This event is Ocean's or the sender's; a receiver cannot send it.")
        default: nil
        }
    }

    private func task(_ task: JSONValue) throws(RefusedChange) -> ReferralChange {
        guard let status = task["status"]?.stringValue else {
            throw RefusedChange(.invalid, "Task.status is missing.")
        }
        if status == "requested", let request = forwardedRequest(of: task) { return try forward(request) }
        let reason = task["statusReason"]
        return .status(
            StatusReport(
                status: status,
                reason: reason?["text"]?.stringValue ?? reason?["coding"]?[0]?["display"]?.stringValue,
                needsToBeSeen: task.fhirExtension(ExtensionURL.patientNeedsToBeSeen)?["valueBoolean"]?.boolValue,
                redirectURL: task.fhirExtension(ExtensionURL.thirdPartyRedirect)?["valueUri"]?.stringValue))
    }

    /// The new ServiceRequest of a forward: the Task is based on it, and it replaces the old one.
    private func forwardedRequest(of task: JSONValue) -> JSONValue? {
        for link in task["basedOn"]?.arrayValue ?? [] {
            guard let target = link["reference"]?.stringValue, let request = resources.resolve(target),
                request["resourceType"]?.stringValue == "ServiceRequest",
                request["replaces"]?.arrayValue?.isEmpty == false
            else { continue }
            return request
        }
        return nil
    }

    private func forward(_ request: JSONValue) throws(RefusedChange) -> ReferralChange {
        for performer in request["performer"]?.arrayValue ?? [] {
            let role = performer["reference"]?.stringValue.flatMap { resources.resolve($0) }
            let inline = performer["identifier"].flatMap { JSONValue.object(["identifier": $0]).identifier(.listing) }
            guard let listing = role?.identifier(.listing) ?? inline else { continue }
            let id = request["id"]?.stringValue ?? ""
            return .forward(toListing: listing, newReference: id == reference ? "" : id)
        }
        throw RefusedChange(.invalid, "The new ServiceRequest names no listing in performer.")
    }

    private func message(_ resource: JSONValue) throws(RefusedChange) -> SandboxMessage {
        let texts = (resource["payload"]?.arrayValue ?? []).compactMap { $0["contentString"]?.stringValue }
        guard texts.contains(where: { !$0.isEmpty }) else {
            throw RefusedChange(.invalid, "Communication.payload holds no contentString.")
        }
        let sender = resource["sender"]
        let role = sender?["reference"]?.stringValue.flatMap { resources.resolve($0) }
        let name =
            sender?["display"]?.stringValue ?? sender?["identifier"]?["value"]?.stringValue
            ?? role?["identifier"]?[0]?["value"]?.stringValue
        return SandboxMessage(
            id: resource["id"]?.stringValue ?? "", text: texts.joined(separator: "\n"), senderName: name)
    }

    private func category(_ request: JSONValue) throws(RefusedChange) -> String {
        let codings = request["code"]?["coding"]?.arrayValue ?? request["category"]?[0]?["coding"]?.arrayValue ?? []
        guard let code = codings.compactMap({ $0["code"]?.stringValue }).first else {
            throw RefusedChange(.invalid, "ServiceRequest.code holds no coding with a code.")
        }
        return code
    }
}
