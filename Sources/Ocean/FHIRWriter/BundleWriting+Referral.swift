// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    mutating func write(_ referral: Referral) {
        let place = root("referral")
        let request = handle("service-request", stated: referral.ref)
        var record = RecordElement(
            referral, at: place, in: ElementBuilder(resourceType: "ServiceRequest", id: request.id))
        record.hold(
            "patient", "requester", "submitter", "receiver", "source", "documents", "forms", "tasks", "appointments",
            "communications")
        if referral.patient == nil { record.miss("patient") }
        let patient = patient(referral.patient, at: place("patient"))
        let requester = referral.requester.map { participant($0, role: "requester", at: place("requester")) }
        let submitter = referral.submitter.map { participant($0, role: "submitter", at: place("submitter")) }
        if submitter == nil { record.miss("submitter") }
        let receiver = referral.receiver.map { listing($0, at: place("receiver")) }
        var focus: [String: Handle] = ["ServiceRequest": request]
        if let status = status(of: referral, request: request, patient: patient, root: &record) {
            focus["Task"] = status
        }
        let documents = referral.documents.enumerated().map {
            document($1, role: "document-\($0)", patient: patient, at: place("documents")($0))
        }
        let forms = referral.forms.enumerated().map {
            form($1, role: "form-\($0)", patient: patient, request: request.reference, at: place("forms")($0))
        }
        for (index, task) in referral.tasks.enumerated() {
            let handle = self.task(
                task, role: "task-\(index)", request: request, patient: patient, at: place("tasks")(index))
            note("/tasks/\(index)", handle, "Task")
        }
        for (index, appointment) in referral.appointments.enumerated() {
            let handle = self.appointment(
                appointment, role: "appointment-\(index)", request: request, patient: patient,
                at: place("appointments")(index))
            if focus["Appointment"] == nil { focus["Appointment"] = handle }
            note("/appointments/\(index)", handle, "Appointment")
        }
        for (index, communication) in referral.communications.enumerated() {
            let handle = self.communication(
                communication, role: "communication-\(index)", request: request,
                at: place("communications")(index))
            if focus["Communication"] == nil { focus["Communication"] = handle }
            note("/communications/\(index)", handle, "Communication")
        }
        putRequest(
            referral, into: &record, patient: patient, requester: requester, receiver: receiver,
            supporting: documents + forms)
        putTest(referral, into: &record)
        note("", request, "ServiceRequest")
        note("/patient", patient, "Patient")
        for (name, handle) in [("requester", requester), ("submitter", submitter), ("receiver", receiver)] {
            if let handle { note("/\(name)", handle, "PractitionerRole") }
        }
        for (index, handle) in documents.enumerated() { note("/documents/\(index)", handle, "DocumentReference") }
        for (index, handle) in forms.enumerated() { note("/forms/\(index)", handle, "QuestionnaireResponse") }
        others(referral.resources, record: &record)
        add(request, record.finished())
        let inFocus = canonical.event.focus.compactMap { focus[$0] }
        let holdsFocus = !inFocus.isEmpty && inFocus.count == canonical.event.focus.count
        startHeader(focus: inFocus.isEmpty ? [request] : inFocus, holdsFocus: holdsFocus)
        putParties(referral, requester: requester, submitter: submitter, receiver: receiver)
        holdsReferral = true
    }

    /// Remembers the resource of a place; only resources that are passed on whole ask for it.
    private mutating func note(_ place: String, _ handle: Handle, _ type: String) {
        guard canonical.referral?.resources.isEmpty == false else { return }
        resourcePlaces["/referral" + place] = (handle, type)
    }

    private mutating func putParties(
        _ referral: Referral, requester: Handle?, submitter: Handle?, receiver: Handle?
    ) {
        let place = root("referral")
        if let receiver {
            var destination = ElementBuilder()
            if let title = referral.receiver?.title, Primitive.isString(title) {
                destination.put("name", title, from: place("receiver")("title").pointer)
            }
            destination.put("endpoint", "urn:ocean-bridge:hospital")
            destination.put("receiver", receiver.reference)
            header.append("destination", [destination])
        }
        header.put("sender", (submitter ?? requester)?.reference)
        header.put("author", requester?.reference)
        if let source = referral.source {
            header.put("responsible", self.source(source, at: place("source")).reference)
        }
    }

    /// The label of the bundle says it; it also marks messages that the settings hold for tests.
    private func putTest(_ referral: Referral, into record: inout RecordElement<Referral>) {
        if referral.test {
            record.hold("test")
        } else if message.attributes.test {
            record.miss("test")
        }
    }

    private mutating func source(_ site: SourceSite, at place: WritingPlace) -> Handle {
        let handle = handle("source-site")
        var resource = RecordElement(
            site, at: place, in: ElementBuilder(resourceType: "Organization", id: handle.id))
        if let number = site.number, Primitive.isString(number) {
            var identifier = ElementBuilder()
            identifier.put("system", .string(NamingSystem.site.url(host: Self.host)))
            identifier.put("value", number, from: place("number").pointer)
            resource.append("identifier", [identifier], as: "number")
        }
        if resource.isHeld("number") {
            resource.put("name", site.name, as: "name")
        } else {
            resource.require(
                "name", site.name, as: "name", else: "Ocean site", note: "R4 asks for a name or an identifier (org-1)",
                if: Primitive.isString)
        }
        add(handle, resource.finished())
        return handle
    }

    private func putRequest(
        _ referral: Referral, into record: inout RecordElement<Referral>, patient: Handle, requester: Handle?,
        receiver: Handle?, supporting: [Handle]
    ) {
        let place = record.place
        if let modified = referral.modified, Primitive.isInstant(modified) {
            var meta = ElementBuilder()
            meta.put("lastUpdated", modified, from: place("modified").pointer)
            record.put("meta", meta, as: "modified")
        }
        if Primitive.isString(referral.ref) {
            record.append("identifier", [Self.reference(referral.ref, at: place("ref"))], as: "ref")
        }
        putLinks(referral.links, into: &record)
        record.element.put("status", .string(referral.status == .cancelled ? "revoked" : "active"))
        record.element.put("intent", "proposal")
        record.append("category", Self.concepts(referral.category, at: place("category")), as: "category")
        record.put(
            "priority", referral.priority, as: "priority", if: Self.isCode(in: RequiredCodes.priority))
        record.put("code", Self.labelled(referral.code, at: place("code")), as: "code")
        putServices(referral, into: &record)
        record.element.put("subject", patient.reference)
        if !record.put("authoredOn", referral.sent, as: "sent", if: Primitive.isDateTime), referral.sent == nil,
            let created = referral.created, Primitive.isDateTime(created)
        {
            // The nearest that hospital systems look at; the date itself stands in its extension.
            record.element.put("authoredOn", .string(created))
            record.miss("sent")
        }
        record.element.put("requester", requester?.reference)
        if let receiver { record.element.put("performer", .array([receiver.reference])) }
        record.element.put("supportingInfo", .array(supporting.map(\.reference)))
        putNotes(referral, into: &record)
        record.put("patientInstruction", referral.bookingComments, as: "bookingComments")
    }

    static func reference(_ value: String, at place: WritingPlace) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("system", .string(NamingSystem.referral.url(host: host)))
        element.put("value", value, from: place.pointer)
        return element
    }

    private func putLinks(_ links: ReferralLinks?, into record: inout RecordElement<Referral>) {
        // Without content only an extension can say that it is there.
        guard let links, links != ReferralLinks() else { return }
        var rest = RecordElement(links, at: record.place("links"))
        for (name, references) in [("basedOn", links.basedOn), ("replaces", links.replaces)]
        where references.allSatisfy({ Primitive.isString($0) }) {
            let place = rest.place(name)
            record.element.append(
                name,
                references.enumerated().map { index, reference in
                    var link = ElementBuilder()
                    link.put("type", "ServiceRequest")
                    link.put("identifier", Self.reference(reference, at: place(index)))
                    return link
                })
            rest.hold(name)
        }
        rest.carryRest(into: &record.element)
        record.hold("links")
    }

    /// R4 allows orderDetail only beside a code (prr-1); Ocean sends none.
    private func putServices(_ referral: Referral, into record: inout RecordElement<Referral>) {
        guard !referral.services.isEmpty else { return }
        let isWhole = referral.services.allSatisfy { Primitive.isString($0) }
        let place = isWhole ? record.place("services") : WritingPlace(pointer: nil)
        let concepts = referral.services.enumerated().filter { Primitive.isString($0.element) }.map { index, text in
            var coding = ElementBuilder()
            coding.put("display", text, from: place(index).pointer)
            var concept = ElementBuilder()
            concept.append("coding", [coding])
            return concept
        }
        if !concepts.isEmpty, referral.code.isEmpty { record.element.put("code", Self.dataAbsent) }
        record.element.append("orderDetail", concepts)
        if isWhole { record.hold("services") }
    }

    /// Annotations need their text; the description of other sources is the first of them.
    private func putNotes(_ referral: Referral, into record: inout RecordElement<Referral>) {
        if let description = referral.description, Primitive.isString(description) {
            var element = ElementBuilder()
            element.markAsField("description")
            element.put("text", description, from: record.place("description").pointer)
            record.append("note", [element], as: "description")
        }
        let place = record.place("notes")
        record.append(
            "note",
            referral.notes.enumerated().map { index, note in
                var element = RecordElement(note, at: place(index))
                element.put("authorString", note.author, as: "author")
                element.put("time", note.time, as: "time", if: Primitive.isDateTime)
                let filler = note.plainText.flatMap { Primitive.isString($0) ? $0 : nil } ?? "(no text)"
                element.require("text", note.text, as: "text", else: filler, if: Primitive.isString)
                return element.finished()
            }, as: "notes")
    }
}
