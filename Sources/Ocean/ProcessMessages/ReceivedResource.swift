// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Single resources of a received update.
enum ReceivedResource {
    static func task(_ json: JSONValue) -> ProcessTask {
        var task = ProcessTask()
        task.id = json["id"]?.stringValue
        task.status = json["status"]?.stringValue
        task.reason = json["statusReason"].flatMap { words($0) }
        task.description = json["description"]?.stringValue
        task.code = json["code"].map { codings($0) } ?? []
        task.businessStatus = json["businessStatus"].map { codings($0) } ?? []
        task.modified = json["lastModified"]?.stringValue ?? json["authoredOn"]?.stringValue
        for element in json["extension"]?.listElements ?? [] {
            switch element["url"]?.stringValue {
            case ExtensionURL.patientNeedsToBeSeen: task.patientNeedsToBeSeen = element["valueBoolean"]?.boolValue
            case ExtensionURL.thirdPartyRedirect:
                task.redirectURL = element["valueUri"]?.stringValue ?? element["valueUrl"]?.stringValue
            default: break
            }
        }
        return task
    }

    static func appointment(_ json: JSONValue) -> Appointment {
        var appointment = Appointment()
        appointment.id = json["id"]?.stringValue
        appointment.status = json["status"]?.stringValue
        appointment.start = json["start"]?.stringValue.nonEmptyText
        appointment.end = json["end"]?.stringValue.nonEmptyText
        appointment.minutes = json["minutesDuration"]?.intValue
        appointment.label = json["appointmentType"]?["text"]?.stringValue
        appointment.type = json["appointmentType"].map { codings($0) } ?? []
        appointment.description = json["description"]?.stringValue
        appointment.patientInstruction = json["patientInstruction"]?.stringValue
        let participants = json["participant"]?.listElements ?? []
        let patient = participants.first { isPatient($0["actor"]) } ?? participants.first { $0["actor"] == nil }
        appointment.patientStatus = patient?["status"]?.stringValue
        for element in json["extension"]?.listElements ?? []
        where element["url"]?.stringValue?.hasSuffix("ext-ontario-clinical-wait-time-appointment-milestones") == true {
            appointment.waitTimeMilestone =
                element["valueCoding"]?["code"]?.stringValue ?? element["valueString"]?.stringValue
        }
        return appointment
    }

    private static func isPatient(_ actor: JSONValue?) -> Bool {
        guard let actor else { return false }
        if actor["type"]?.stringValue == "Patient" { return true }
        return actor["reference"]?.stringValue.flatMap { typeAndID($0)?.type } == "Patient"
    }

    static func communication(_ json: JSONValue) -> Communication {
        var communication = Communication()
        communication.id = json["id"]?.stringValue
        communication.status = json["status"]?.stringValue
        communication.sent = json["sent"]?.stringValue
        let payload = json["payload"]?.listElements ?? []
        let texts = payload.compactMap { $0["contentString"]?.stringValue.nonEmptyText }
        communication.text = texts.joined(separator: "\n").optionalText
        communication.documents = payload.compactMap { $0["contentAttachment"] }.map { attachment($0) }
        return communication
    }

    static func attachment(_ json: JSONValue) -> Document {
        var document = Document()
        document.contentType = json["contentType"]?.stringValue
        document.data = json["data"]?.stringValue
        document.url = json["url"]?.stringValue
        document.size = json["size"]?.intValue
        document.hash = json["hash"]?.stringValue
        document.title = json["title"]?.stringValue
        document.created = json["creation"]?.stringValue
        return document
    }

    static func request(_ json: JSONValue) -> ReceivedRequest {
        var request = ReceivedRequest()
        request.status = json["status"]?.stringValue
        request.priority = json["priority"]?.stringValue
        request.code = json["code"].flatMap { codings($0).first }
        let categories = (json["category"]?.listElements ?? []).flatMap { codings($0) }
        request.category = categories.first { $0.isSNOMED } ?? categories.first
        request.reason =
            (json["extension"]?.listElements ?? [])
            .first { $0["url"]?.stringValue == "http://hl7.org/fhir/StructureDefinition/request-statusReason" }?[
                "valueCodeableConcept"
            ].flatMap { words($0) }
        return request
    }

    static func codings(_ concept: JSONValue) -> [Coding] {
        (concept["coding"]?.listElements ?? []).map { json in
            var coding = Coding()
            coding.system = json["system"]?.stringValue
            coding.version = json["version"]?.stringValue
            coding.code = json["code"]?.stringValue
            coding.display = json["display"]?.stringValue
            return coding
        }
    }

    /// What a person would read of a concept.
    static func words(_ concept: JSONValue) -> String? {
        if let text = concept["text"]?.stringValue.nonEmptyText { return text }
        let coding = codings(concept).first
        return coding?.display.nonEmptyText ?? coding?.code.nonEmptyText
    }

    /// The value of the resource's identifier in one of Ocean's systems.
    static func identifier(_ system: NamingSystem, of resource: JSONValue) -> String? {
        (resource["identifier"]?.listElements ?? []).first { system.matches($0["system"]?.stringValue) }?["value"]?
            .stringValue.nonEmptyText
    }

    /// The referral that a reference to a ServiceRequest names: by identifier, else by id.
    static func referral(_ reference: JSONValue) -> String? {
        if let identifier = reference["identifier"], NamingSystem.referral.matches(identifier["system"]?.stringValue),
            let value = identifier["value"]?.stringValue.nonEmptyText
        {
            return value
        }
        guard let text = reference["reference"]?.stringValue else { return nil }
        if text.hasPrefix("urn:uuid:") { return String(text.dropFirst(9)).optionalText }
        guard let named = typeAndID(text), named.type == "ServiceRequest" else { return nil }
        return named.id
    }

    /// `Type/id` at the end of a reference, whatever stands before it.
    static func typeAndID(_ text: String) -> (type: String, id: String)? {
        var parts = text.split(separator: "/")
        if parts.count >= 4, parts[parts.count - 2] == "_history" { parts.removeLast(2) }
        guard parts.count >= 2 else { return nil }
        return (String(parts[parts.count - 2]), String(parts[parts.count - 1]))
    }
}
