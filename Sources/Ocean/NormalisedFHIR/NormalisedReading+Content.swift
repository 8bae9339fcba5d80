// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import FoundationEssentials
import JSON

extension NormalisedReading {
    func document(_ entry: FHIREntry, at place: String) -> Document {
        let resource = open(entry)
        var reading = RecordReading<Document>(resource, at: place)
        if let identifier = resource.objects("identifier").first {
            if reading.isNative("kind"), NamingSystem.referral.matches(identifier.peek("system")) {
                reading.record.kind = .letter
            }
            identifier["system"]?.fold(into: "\(place)/kind", "kind of document")
            reading.record.ref = reading.text(identifier["value"], "ref")
        }
        if let type = resource.object("type") {
            switch type.peek("text") {
            case NormalisedCode.noteType where reading.isNative("kind"): reading.record.kind = .note
            case NormalisedCode.bookingType where reading.isNative("kind"): reading.record.kind = .booking
            default: break
            }
            type.fold(into: "\(place)/kind", "kind of document")
        }
        reading.record.status = reading.text("status", "status")
        _ = follow(resource.object("subject"))
        reading.record.date = reading.text("date", "date")
        if let attachment = resource.objects("content").first?.object("attachment") {
            Self.readAttachment(attachment, into: &reading)
        }
        return reading.finished()
    }

    func form(_ entry: FHIREntry, at place: String) -> Form {
        let resource = open(entry)
        var reading = RecordReading<Form>(resource, at: place)
        if let identifier = resource.object("identifier") {
            identifier["system"]?.structural(.impliedSystem)
            reading.record.ref = reading.text(identifier["value"], "ref")
        }
        for reference in resource.objects("basedOn") where follow(reference) == nil { passMatch(reference) }
        reading.record.status = reading.text("status", "status")
        _ = follow(resource.object("subject"))
        reading.record.authored = reading.text("authored", "authored")
        reading.record.items = Self.items(resource.objects("item"), at: "\(place)/items")
        return reading.finished()
    }

    private static func items(_ elements: [SourceCursor], at place: String) -> [FormItem] {
        elements.enumerated().map { index, element in
            let place = "\(place)/\(index)"
            var reading = RecordReading<FormItem>(element, at: place)
            reading.record.linkID = reading.text("linkId", "linkId") ?? ""
            reading.record.text = reading.text("text", "text")
            for child in element.objects("extension")
            where child.peek("url")?.hasSuffix(ExtensionURL.itemVisibilitySuffix) == true {
                child["url"]?.structural(.extensionURL)
                child["valueString"]?.fold(into: "\(place)/hidden", "visibility")
                reading.record.hidden = child.peek("valueString") == "hidden"
            }
            var nested = element.objects("item")
            for answer in element.objects("answer") {
                nested += answer.objects("item")
                guard let choice = answer.value.choice("value"),
                    let value = reading.native(answer[choice.name], "answers")
                else { continue }
                value.keepWhole(to: "\(place)/answers/\(reading.record.answers.count)")
                reading.record.answers.append(choice.value)
            }
            reading.record.items = items(nested, at: "\(place)/items")
            return reading.finished()
        }
    }

    /// A form completion or note of the patient-engagement API.
    func readEngagement(_ patientEntry: FHIREntry) -> Engagement {
        let place = "/engagement"
        var reading = RecordReading<Engagement>(header, at: place)
        let (patient, marked) = patient(patientEntry, at: "\(place)/patient")
        if !reading.isAbsent("patient") { reading.record.patient = patient }
        reading.record.patientRef = Self.value("patientRef", reading, [], nil, marked) ?? ""
        reading.record.externalPatientRef = Self.value("externalPatientRef", reading, [], nil, marked)
        reading.record.forms = bundle.entries(of: "QuestionnaireResponse").enumerated().map {
            form($1, at: "\(place)/forms/\($0)")
        }
        if let entry = bundle.entries(of: "DocumentReference").first {
            reading.record.note = note(entry, &reading)
        }
        let profile = profile(at: "\(place)/profile")
        if profile != PatientProfile() { reading.record.profile = profile }
        return reading.finished()
    }

    /// A logical reference to the matched referral, which stands in the header too.
    private func passMatch(_ reference: SourceCursor) {
        guard NamingSystem.referral.matches(reference.object("identifier")?.peek("system")) else { return }
        reference.fold(into: "/engagement/matched", "the matched referral again")
    }

    private func note(_ entry: FHIREntry, _ engagement: inout RecordReading<Engagement>) -> ProgressNote {
        let resource = open(entry)
        var reading = RecordReading<ProgressNote>(resource, at: "/engagement/note")
        if let identifier = resource.objects("identifier").first {
            identifier["system"]?.structural(.impliedSystem)
            engagement.record.noteID = engagement.text(identifier["value"], "noteId")
        }
        resource["status"]?.structural(.constant)
        resource["type"]?.structural(.constant)
        _ = follow(resource.object("subject"))
        for reference in resource.object("context")?.objects("related") ?? [] { passMatch(reference) }
        reading.record.type = reading.text("description", "type")
        guard let attachment = resource.objects("content").first?.object("attachment") else {
            return reading.finished()
        }
        attachment["contentType"]?.structural(.constant)
        for child in attachment.objects("extension") where child.peek("url") == NormalisedCode.dataAbsentReason {
            child.structural(.filledIn)
        }
        if let data = reading.native(attachment["data"], "text"), let base64 = data.value.stringValue {
            if let bytes = Data(base64Encoded: base64), let text = String(validating: bytes, as: UTF8.self) {
                data.fold(into: reading.at("text"), "base64 of it")
                reading.record.text = text
            } else {
                data.refuse("expected base64 of a text in UTF-8")
            }
        }
        reading.record.title = reading.text(attachment["title"], "title")
        return reading.finished()
    }
}
