// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension NormalisedReading {
    /// The Task that holds the state of the referral.
    func readStatus(_ entry: FHIREntry, into reading: inout RecordReading<Referral>) {
        let resource = open(entry)
        resource.passFieldMark()
        passProcess(resource)
        resource["status"]?.fold(into: "/referral/status", "the nearest word of FHIR")
        if let business = resource.object("businessStatus") {
            for coding in business.objects("coding") where coding.peek("system") == NormalisedCode.status {
                coding["system"]?.structural(.impliedSystem)
                guard let status = coding.peek("code").flatMap({ ReferralStatus(rawValue: $0) }) else { continue }
                coding["code"]?.keep(to: "/referral/status")
                reading.record.status = status
            }
            reading.record.statusText = reading.text(business["text"], "statusText")
        }
        reading.record.statusReason = reading.text(resource.object("statusReason")?["text"], "statusReason")
        for coding in resource.object("code")?.objects("coding") ?? [] {
            guard let code = reading.native(coding["code"], "kind") else { continue }
            reading.record.kind = code.value == "process-request-consult" ? .consult : .referral
            code.fold(into: "/referral/kind", "kind of exchange")
            coding["system"]?.structural(.impliedSystem)
        }
    }

    /// What every Task, Appointment and Communication says again.
    private func passProcess(_ resource: SourceCursor) {
        resource["intent"]?.structural(.constant)
        for reference in resource.objects("basedOn") { _ = follow(reference) }
        _ = follow(resource.object("for"))
    }

    func task(_ entry: FHIREntry, at place: String) -> ProcessTask {
        let resource = open(entry, keepsID: true)
        passProcess(resource)
        var reading = RecordReading<ProcessTask>(resource, at: place)
        reading.record.id = reading.text("id", "id")
        if reading.isNative("patientNeedsToBeSeen"),
            let value = resource.extensionValue(ExtensionURL.patientNeedsToBeSeen, "valueBoolean")
        {
            value.keep(to: reading.at("patientNeedsToBeSeen"))
            reading.record.patientNeedsToBeSeen = value.value.boolValue
        }
        reading.record.redirectURL = reading.text(
            resource.extensionValue(ExtensionURL.thirdPartyRedirect, "valueUri"), "redirectUrl")
        reading.record.status = reading.text("status", "status")
        reading.record.reason = reading.text(resource.object("statusReason")?["text"], "reason")
        reading.record.description = reading.text("description", "description")
        reading.record.code = Self.labelled(resource.object("code"), at: "\(place)/code")
        reading.record.businessStatus = Self.labelled(resource.object("businessStatus"), at: "\(place)/businessStatus")
        reading.record.identifiers = resource.objects("identifier").enumerated().map {
            Self.identifier($1, at: "\(place)/identifiers/\($0)")
        }
        reading.record.modified = reading.text("lastModified", "modified")
        reading.record.authored = reading.text("authoredOn", "authored")
        return reading.finished()
    }

    func appointment(_ entry: FHIREntry, at place: String) -> Appointment {
        let resource = open(entry, keepsID: true)
        passProcess(resource)
        var reading = RecordReading<Appointment>(resource, at: place)
        reading.record.id = reading.text("id", "id")
        if let coding = resource.extensionValue(ExtensionURL.waitTimeMilestones, "valueCoding") {
            coding["system"]?.structural(.impliedSystem)
            reading.record.waitTimeMilestone = reading.text(coding["code"], "waitTimeMilestone")
        }
        reading.record.status = reading.text("status", "status")
        let type = resource.object("appointmentType")
        reading.record.type = Self.codings(type, at: "\(place)/type")
        reading.record.label = reading.text(type?["text"], "label")
        reading.record.description = reading.text("description", "description")
        reading.record.start =
            reading.text("start", "start") ?? reading.text(resource.objects("requestedPeriod").first?["start"], "start")
        reading.record.end = reading.text("end", "end")
        reading.record.minutes = reading.integer("minutesDuration", "minutes")
        reading.record.patientInstruction = reading.text("patientInstruction", "patientInstruction")
        for (index, participant) in resource.objects("participant").enumerated() {
            let actor = follow(participant.object("actor"))
            if index == 0 {
                reading.record.patientStatus = reading.text(participant["status"], "patientStatus")
            } else if let actor {
                participant["status"]?.structural(.constant)
                if actor.type == "Location" {
                    reading.record.location = self.place(actor, at: "\(place)/location")
                } else {
                    reading.record.practitioner = self.participant(actor, at: "\(place)/practitioner")
                }
            }
        }
        reading.record.comment = reading.text("comment", "comment")
        reading.record.created = reading.text("created", "created")
        reading.record.cancellationReason = reading.text(
            resource.object("cancelationReason")?["text"], "cancellationReason")
        return reading.finished()
    }

    func communication(_ entry: FHIREntry, at place: String) -> Communication {
        let resource = open(entry, keepsID: true)
        passProcess(resource)
        var reading = RecordReading<Communication>(resource, at: place)
        reading.record.id = reading.text("id", "id")
        reading.record.status = reading.text("status", "status")
        for coding in resource.objects("category").flatMap({ $0.objects("coding") })
        where coding.peek("system") == NormalisedCode.direction {
            coding["system"]?.structural(.impliedSystem)
            reading.record.direction = reading.text(coding["code"], "direction").flatMap {
                CommunicationDirection(rawValue: $0)
            }
        }
        reading.record.sent = reading.text("sent", "sent")
        reading.record.senderName = reading.text(resource.object("sender")?["display"], "senderName")
        var documents: [Document] = []
        for payload in resource.objects("payload") {
            if let text = payload["contentString"] { reading.record.text = reading.text(text, "text") }
            guard let element = payload.object("contentAttachment") else { continue }
            var document = RecordReading<Document>(element, at: "\(place)/documents/\(documents.count)")
            Self.readAttachment(element, into: &document)
            documents.append(document.finished())
        }
        reading.record.documents = documents
        return reading.finished()
    }
}
