// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import FoundationEssentials
import JSON

extension BundleWriting {
    /// A completed form or note of the patient-engagement API: Patient, QuestionnaireResponses, the note as a document
    /// of plain text, and a resource for each entry of the patient's profile.
    mutating func write(_ engagement: Engagement) {
        let place = root("engagement")
        var record = RecordElement(engagement, at: place)
        var extra: [ElementBuilder] = []
        if let identifier = Self.identifier(
            system: NormalisedCode.patient, value: engagement.patientRef, as: "patientRef", at: place("patientRef"))
        {
            extra.append(identifier)
            record.hold("patientRef")
        }
        if let chart = engagement.externalPatientRef,
            let identifier = Self.identifier(
                system: NamingSystem.chartNumber.url(host: Self.host), value: chart, as: "externalPatientRef",
                at: place("externalPatientRef"))
        {
            extra.append(identifier)
            record.hold("externalPatientRef")
        }
        record.hold("patient", "forms")
        if engagement.patient == nil { record.miss("patient") }
        let patient = patient(engagement.patient, at: place("patient"), extra: extra)
        let referral = Self.referral(engagement.matched)
        var focus = engagement.forms.enumerated().map {
            form(
                $1, role: "form-\($0)-\(engagement.sessionID ?? "")", patient: patient, request: referral,
                at: place("forms")($0))
        }
        if let note = engagement.note {
            focus.append(self.note(note, of: engagement, patient: patient, record: &record))
        }
        if let profile = engagement.profile, profile != PatientProfile() {
            write(profile, patient: patient, session: engagement.sessionID ?? "", at: place("profile"))
            record.hold("profile")
        }
        startHeader(focus: focus.isEmpty ? [patient] : focus, holdsFocus: false)
        record.carryRest(into: &header)
        holdsEngagement = true
    }

    /// The matched referral, which is not in this bundle.
    static func referral(_ match: ReferralMatch?) -> JSONValue? {
        guard let match, Primitive.isString(match.referral) else { return nil }
        return [
            "type": "ServiceRequest",
            "identifier": [
                "system": .string(NamingSystem.referral.url(host: host)), "value": .string(match.referral),
            ],
        ]
    }

    private mutating func note(
        _ note: ProgressNote, of engagement: Engagement, patient: Handle, record: inout RecordElement<Engagement>
    ) -> Handle {
        let handle = handle("note-\(engagement.noteID ?? engagement.sessionID ?? "")")
        record.hold("note")
        var resource = RecordElement(
            note, at: record.place("note"), in: ElementBuilder(resourceType: "DocumentReference", id: handle.id))
        if let id = engagement.noteID, Primitive.isString(id) {
            var identifier = ElementBuilder()
            identifier.put("system", .string(NormalisedCode.note))
            identifier.put("value", id, from: record.place("noteId").pointer)
            resource.element.append("identifier", [identifier])
            record.hold("noteId")
        }
        resource.element.put("status", "current")
        resource.element.put("type", ["text": .string(NormalisedCode.noteType)])
        resource.element.put("subject", patient.reference)
        resource.put("description", note.type, as: "type")
        var attachment = ElementBuilder()
        if let text = note.text, !text.isEmpty {
            attachment.put("contentType", "text/plain; charset=utf-8")
            attachment.put(
                "data", Data(text.utf8).base64EncodedString(), from: resource.place("text").pointer)
            resource.hold("text")
        }
        if let title = note.title, Primitive.isString(title) {
            attachment.put("title", title, from: resource.place("title").pointer)
            resource.hold("title")
        }
        var content = ElementBuilder()
        if attachment.isEmpty {
            content.put("attachment", Self.dataAbsent)
        } else {
            content.put("attachment", attachment)
        }
        resource.element.append("content", [content])
        if let referral = Self.referral(engagement.matched) {
            resource.element.put("context", ["related": [referral]])
        }
        add(handle, resource.finished())
        return handle
    }
}
