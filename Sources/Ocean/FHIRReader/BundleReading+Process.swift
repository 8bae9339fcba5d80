// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    /// Tasks of this referral. Those of another referral in the same bundle stay unmapped.
    func readTasks() {
        for entry in bundle.entries(of: "Task") where belongs(entry) {
            if readStatusTask(entry) { continue }
            let place = "/referral/tasks/\(referral.tasks.count)"
            let resource = open(entry, at: place, id: "\(place)/id")
            var task = ProcessTask()
            task.id = id(entry, resource, at: place)
            task.status = resource.text("status", to: "\(place)/status")
            task.description = resource.text("description", to: "\(place)/description")
            task.reason = words(resource.object("statusReason"), at: "\(place)/reason")
            task.code = codings([resource.object("code")].compactMap { $0 }, at: "\(place)/code")
            task.businessStatus = codings(
                [resource.object("businessStatus")].compactMap { $0 }, at: "\(place)/businessStatus")
            task.modified = resource.text("lastModified", to: "\(place)/modified")
            task.authored = resource.text("authoredOn", to: "\(place)/authored")
            task.identifiers = list(
                resource.objects("identifier"), at: "\(place)/identifiers", empty: Identifier()
            ) { identifier($0, at: $1) }
            resource.passConstant("intent", "Task.intent")
            passBasedOn(resource)
            for element in resource.objects("extension") { readTaskExtension(element, &task, at: place) }
            _ = follow(resource.object("for"), types: ["Patient"])
            _ = follow(resource.object("focus"), types: ["ServiceRequest"])
            referral.tasks.append(task)
        }
    }

    private func readTaskExtension(_ element: SourceCursor, _ task: inout ProcessTask, at place: String) {
        switch element.peek("url") {
        case ExtensionURL.patientNeedsToBeSeen where task.patientNeedsToBeSeen == nil:
            task.patientNeedsToBeSeen = element.flag("valueBoolean", to: "\(place)/patientNeedsToBeSeen")
            if task.patientNeedsToBeSeen != nil { element["url"]?.structural(.extensionURL) }
        case ExtensionURL.thirdPartyRedirect where task.redirectURL == nil:
            task.redirectURL =
                element.text("valueUri", to: "\(place)/redirectUrl")
                ?? element.text("valueUrl", to: "\(place)/redirectUrl")
            if task.redirectURL != nil { element["url"]?.structural(.extensionURL) }
        case ExtensionURL.importOnAccept where task.importToEMR == nil:
            task.importToEMR = element.flag("valueBoolean", to: "\(place)/importToEmr")
            if task.importToEMR != nil { element["url"]?.structural(.extensionURL) }
        default: break
        }
    }

    /// The text of a concept, else the words or the code of its first coding.
    private func words(_ concept: SourceCursor?, at place: String) -> String? {
        guard let concept else { return nil }
        if let text = concept.text("text", to: place) { return text }
        guard let coding = concept.objects("coding").first else { return nil }
        return coding.text("display", to: place) ?? coding.text("code", to: place)
    }

    /// Resource.id, else the UUID of the entry's address.
    private func id(_ entry: FHIREntry, _ resource: SourceCursor, at place: String) -> String? {
        if let id = resource.text("id", to: "\(place)/id") { return id }
        guard let id = entry.fullURLID else { return nil }
        entryCursors[entry.position]["fullUrl"]?.fold(into: "\(place)/id", "id of the resource")
        return id
    }

    func readAppointments() {
        for entry in bundle.entries(of: "Appointment") where belongs(entry) {
            let place = "/referral/appointments/\(referral.appointments.count)"
            let resource = open(entry, at: place, id: "\(place)/id")
            var appointment = Appointment()
            appointment.id = id(entry, resource, at: place)
            appointment.status = resource.text("status", to: "\(place)/status")
            appointment.start = resource.text("start", to: "\(place)/start")
            if appointment.start == nil {
                let period = resource.objects("requestedPeriod").first
                appointment.start = period?.text("start", to: "\(place)/start")
            }
            appointment.end = resource.text("end", to: "\(place)/end")
            appointment.minutes = resource.integer("minutesDuration", to: "\(place)/minutes")
            appointment.description = resource.text("description", to: "\(place)/description")
            appointment.patientInstruction = resource.text("patientInstruction", to: "\(place)/patientInstruction")
            appointment.comment = resource.text("comment", to: "\(place)/comment")
            appointment.created = resource.text("created", to: "\(place)/created")
            // R4 spells it with one l; newer versions and careless senders with two.
            appointment.cancellationReason = words(
                resource.object("cancelationReason") ?? resource.object("cancellationReason"),
                at: "\(place)/cancellationReason")
            if let type = resource.object("appointmentType") {
                appointment.type = codings(type, at: "\(place)/type")
                appointment.label = type.text("text", to: "\(place)/label")
            }
            for element in resource.objects("extension") { readWaitTime(element, &appointment, at: place) }
            readParticipants(resource, &appointment, at: place)
            passBasedOn(resource)
            referral.appointments.append(appointment)
        }
    }

    private func readWaitTime(_ element: SourceCursor, _ appointment: inout Appointment, at place: String) {
        guard appointment.waitTimeMilestone == nil,
            element.peek("url")?.hasSuffix("/" + NormalisedCode.waitTimeExtension) == true
        else { return }
        let spot = "\(place)/waitTimeMilestone"
        if let coding = element.object("valueCoding") {
            appointment.waitTimeMilestone = coding.text("code", to: spot) ?? coding.text("display", to: spot)
            if appointment.waitTimeMilestone != nil {
                coding["system"]?.structural(.impliedSystem)
                if coding.peek("display") == appointment.waitTimeMilestone {
                    coding["display"]?.structural(.impliedSystem)
                }
            }
        } else {
            appointment.waitTimeMilestone = element.text("valueString", to: spot)
        }
        if appointment.waitTimeMilestone != nil { element["url"]?.structural(.extensionURL) }
    }

    private func readParticipants(_ resource: SourceCursor, _ appointment: inout Appointment, at place: String) {
        for participant in resource.objects("participant") {
            let actor = follow(
                participant.object("actor"), types: ["Patient", "PractitionerRole", "Practitioner", "Location"])
            participant.passConstant("required", "Appointment.participant.required")
            for coding in participant.objects("type").flatMap({ $0.objects("coding") }) {
                coding.passConstant("code", "Appointment.participant.type")
            }
            readParty(actor, participant, &appointment, at: place)
            guard appointment.patientStatus == nil,
                actor?.type == "Patient" || participant.value["actor"]?.isPatientReference == true
            else { continue }
            appointment.patientStatus = participant.text("status", to: "\(place)/patientStatus")
        }
    }

    /// Place and person of an appointment. The listing itself, which plays every appointment, is neither.
    private func readParty(
        _ actor: FHIREntry?, _ participant: SourceCursor, _ appointment: inout Appointment, at place: String
    ) {
        guard let actor, self.place(of: actor) != "/referral/receiver" else { return }
        switch actor.type {
        case "Location" where appointment.location == nil:
            appointment.location = self.place(actor, at: "\(place)/location")
        case "PractitionerRole" where appointment.practitioner == nil,
            "Practitioner" where appointment.practitioner == nil:
            if isOpened(actor) {
                guard let text = displayName(actor) else { return }
                var name = PersonName()
                name.text = text
                appointment.practitioner = Participant()
                appointment.practitioner?.name = name
            } else {
                let person = self.participant(actor, at: "\(place)/practitioner")
                if person != Participant() { appointment.practitioner = person }
            }
        default: return
        }
        if participant.peek("status") == "accepted" { participant["status"]?.structural(.constant) }
    }

    func readCommunications() {
        for entry in bundle.entries(of: "Communication") where belongs(entry) {
            let place = "/referral/communications/\(referral.communications.count)"
            let resource = open(entry, at: place, id: "\(place)/id")
            var communication = Communication()
            communication.id = id(entry, resource, at: place)
            communication.status = resource.text("status", to: "\(place)/status")
            communication.sent = resource.text("sent", to: "\(place)/sent")
            var lines: [String] = []
            for payload in resource.objects("payload") {
                if let line = payload.text("contentString", to: "\(place)/text") { lines.append(line) }
                if let attachment = payload.object("contentAttachment") {
                    var document = Document()
                    let spot = "\(place)/documents/\(communication.documents.count)"
                    readAttachment(attachment, &document, at: spot)
                    if document != Document() { communication.documents.append(document) }
                }
                if let document = follow(payload.object("contentReference"), types: ["DocumentReference"]) {
                    communication.documents += attachments(of: document)
                }
            }
            communication.text = lines.isEmpty ? nil : lines.joined(separator: "\n")
            readSender(entry, resource, &communication, at: place)
            passBasedOn(resource)
            _ = follow(resource.object("subject"), types: ["Patient"])
            referral.communications.append(communication)
        }
    }

    /// What a message points to; it stands among the referral's documents, too.
    private func attachments(of entry: FHIREntry) -> [Document] {
        tree.quietly {
            entryCursors[entry.position].object("resource")?.objects("content").compactMap { content in
                guard let attachment = content.object("attachment") else { return nil }
                var document = Document()
                readAttachment(attachment, &document, at: "")
                return document == Document() ? nil : document
            } ?? []
        }
    }

    /// Who speaks: by the message's event where this is its focus, else by who the sender is.
    private func readSender(
        _ entry: FHIREntry, _ resource: SourceCursor, _ communication: inout Communication, at place: String
    ) {
        for concept in resource.objects("category") {
            for coding in concept.objects("coding") where coding.peek("system") == NormalisedCode.direction {
                communication.direction = coding.peek("code").flatMap { CommunicationDirection(rawValue: $0) }
                guard communication.direction != nil else { continue }
                coding["code"]?.keep(to: "\(place)/direction")
                coding["system"]?.structural(.impliedSystem)
            }
        }
        let reference = resource.object("sender")
        let sender = follow(
            reference, types: ["PractitionerRole", "Practitioner", "Organization", "Patient", "HealthcareService"])
        if let sender {
            communication.senderName = displayName(sender)
        } else if let reference {
            communication.senderName =
                reference.text("display", to: "\(place)/senderName")
                ?? reference.object("identifier")?.text("value", to: "\(place)/senderName")
        }
        guard communication.direction == nil else { return }
        if isInFocus(entry), eventCode == .communicationFromRequester {
            communication.direction = .fromRequester
        } else if isInFocus(entry), eventCode == .communicationFromProvider || eventCode == .sendCommunication {
            communication.direction = .fromProvider
        } else if let sender {
            let requester = request.flatMap { bundle.resolve($0.resource["requester"]) }
            if sender == requester {
                communication.direction = .fromRequester
            } else if performerPositions.contains(sender.position) {
                communication.direction = .fromProvider
            }
        }
    }
}

extension JSONValue {
    fileprivate var isPatientReference: Bool {
        self["type"]?.stringValue == "Patient" || self["reference"]?.stringValue?.contains("Patient/") == true
    }
}
