// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension NormalisedReading {
    func readReferral(_ entry: FHIREntry) -> Referral {
        let place = "/referral"
        let resource = open(entry)
        var reading = RecordReading<Referral>(resource, at: place)
        reading.record.ref = reading.text(resource.objects("identifier").first?["value"], "ref") ?? ""
        for element in resource.objects("identifier") { element["system"]?.structural(.impliedSystem) }
        if !reading.isAbsent("test") { reading.record.test = hasTestLabel }
        reading.record.modified = reading.text(resource.object("meta")?["lastUpdated"], "modified")
        reading.record.links = links(resource, reading)
        resource["status"]?.structural(.constant)
        resource["intent"]?.structural(.constant)
        reading.record.category = Self.codings(resource.objects("category"), at: "\(place)/category")
        reading.record.priority = reading.text("priority", "priority")
        reading.record.code = Self.labelled(resource.object("code"), at: "\(place)/code")
        for child in resource.object("code")?.objects("extension") ?? []
        where child.peek("url") == NormalisedCode.dataAbsentReason { child.structural(.filledIn) }
        readServices(resource, &reading)
        reading.record.sent = reading.text("authoredOn", "sent")
        readNotes(resource, &reading)
        reading.record.bookingComments = reading.text("patientInstruction", "bookingComments")
        for reference in resource.objects("supportingInfo") + resource.objects("performer") { _ = follow(reference) }
        readParties(resource, &reading)
        readProcess(&reading)
        note(entry, at: place)
        reading.record.resources = others(reading)
        return reading.finished()
    }

    private func links(_ resource: SourceCursor, _ referral: RecordReading<Referral>) -> ReferralLinks? {
        let place = "/referral/links"
        var reading = RecordReading<ReferralLinks>(resource, at: place)
        func references(_ name: String) -> [String] {
            resource.objects(name).enumerated().compactMap { index, element in
                element["type"]?.structural(.reference)
                let identifier = element.object("identifier")
                identifier?["system"]?.structural(.impliedSystem)
                return identifier?.text("value", to: "\(place)/\(name)/\(index)")
            }
        }
        reading.record.basedOn = references("basedOn")
        reading.record.replaces = references("replaces")
        let links = reading.finished()
        return links == ReferralLinks() ? nil : links
    }

    private func readServices(_ resource: SourceCursor, _ reading: inout RecordReading<Referral>) {
        guard reading.native(resource["orderDetail"], "services") != nil else { return }
        for coding in resource.objects("orderDetail").flatMap({ $0.objects("coding") }) {
            let place = "/referral/services/\(reading.record.services.count)"
            if let text = coding.text("display", to: place) { reading.record.services.append(text) }
        }
    }

    private func readNotes(_ resource: SourceCursor, _ reading: inout RecordReading<Referral>) {
        for element in resource.objects("note") {
            if element.fieldMark == "description" {
                element.passFieldMark()
                reading.record.description = reading.text(element["text"], "description")
                continue
            }
            var note = RecordReading<Note>(element, at: "/referral/notes/\(reading.record.notes.count)")
            note.record.author = note.text("authorString", "author")
            note.record.time = note.text("time", "time")
            note.record.text = note.text("text", "text")
            reading.record.notes.append(note.finished())
        }
    }

    private func readParties(_ resource: SourceCursor, _ reading: inout RecordReading<Referral>) {
        let place = "/referral"
        if let entry = follow(resource.object("subject")) {
            let (patient, _) = patient(entry, at: "\(place)/patient")
            if !reading.isAbsent("patient") { reading.record.patient = patient }
            note(entry, at: "\(place)/patient")
        }
        _ = follow(resource.object("requester"))
        if let entry = follow(header.object("author")) {
            reading.record.requester = participant(entry, at: "\(place)/requester")
            note(entry, at: "\(place)/requester")
        }
        if let entry = follow(header.object("sender")), !reading.isAbsent("submitter") {
            reading.record.submitter = participant(entry, at: "\(place)/submitter")
            note(entry, at: "\(place)/submitter")
        }
        if let destination = header.objects("destination").first {
            destination["endpoint"]?.structural(.endpoint)
            if let entry = follow(destination.object("receiver")) {
                reading.record.receiver = listing(entry, title: destination["name"], at: "\(place)/receiver")
                note(entry, at: "\(place)/receiver")
            }
        }
        if let entry = follow(header.object("responsible")) {
            reading.record.source = source(entry, at: "\(place)/source")
        }
    }

    private func readProcess(_ reading: inout RecordReading<Referral>) {
        let place = "/referral"
        for entry in bundle.entries(of: "Task") {
            if entryCursors[entry.position]["resource"]?.fieldMark == "status" {
                readStatus(entry, into: &reading)
            } else {
                let place = "\(place)/tasks/\(reading.record.tasks.count)"
                note(entry, at: place)
                reading.record.tasks.append(task(entry, at: place))
            }
        }
        reading.record.documents = bundle.entries(of: "DocumentReference").enumerated().map {
            note($1, at: "\(place)/documents/\($0)")
            return document($1, at: "\(place)/documents/\($0)")
        }
        reading.record.forms = bundle.entries(of: "QuestionnaireResponse").enumerated().map {
            note($1, at: "\(place)/forms/\($0)")
            return form($1, at: "\(place)/forms/\($0)")
        }
        reading.record.appointments = bundle.entries(of: "Appointment").enumerated().map {
            note($1, at: "\(place)/appointments/\($0)")
            return appointment($1, at: "\(place)/appointments/\($0)")
        }
        reading.record.communications = bundle.entries(of: "Communication").enumerated().map {
            note($1, at: "\(place)/communications/\($0)")
            return communication($1, at: "\(place)/communications/\($0)")
        }
    }
}
