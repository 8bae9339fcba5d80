// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    mutating func write(_ referral: Referral) {
        let place = "/referral"
        let request = handle("service-request", stated: referral.ref)
        let patient = patient(referral.patient, at: "\(place)/patient")
        let requester = referral.requester.map { participant($0, role: "requester", at: "\(place)/requester") }
        let submitter = referral.submitter.map { participant($0, role: "submitter", at: "\(place)/submitter") }
        let receiver = referral.receiver.map { listing($0, at: "\(place)/receiver") }
        var focus: [String: Handle] = ["ServiceRequest": request]
        if let status = status(of: referral, request: request, patient: patient) { focus["Task"] = status }
        let documents = referral.documents.enumerated().map {
            document($1, role: "document-\($0)", patient: patient, at: "\(place)/documents/\($0)")
        }
        let forms = referral.forms.enumerated().map {
            form($1, role: "form-\($0)", patient: patient, request: request, at: "\(place)/forms/\($0)")
        }
        for (index, task) in referral.tasks.enumerated() {
            self.task(task, role: "task-\(index)", request: request, patient: patient, at: "\(place)/tasks/\(index)")
        }
        for (index, appointment) in referral.appointments.enumerated() {
            let handle = self.appointment(
                appointment, role: "appointment-\(index)", request: request, patient: patient,
                at: "\(place)/appointments/\(index)")
            if focus["Appointment"] == nil { focus["Appointment"] = handle }
        }
        for (index, communication) in referral.communications.enumerated() {
            let handle = self.communication(
                communication, role: "communication-\(index)", request: request,
                at: "\(place)/communications/\(index)")
            if focus["Communication"] == nil { focus["Communication"] = handle }
        }
        serviceRequest(
            referral, request, patient: patient, requester: requester, receiver: receiver,
            supporting: documents + forms)
        let inFocus = canonical.event.focus.compactMap { focus[$0] }
        startHeader(focus: inFocus.isEmpty ? [request] : inFocus)
        for (index, type) in canonical.event.focus.enumerated() where focus[type] != nil {
            header.note("focus", from: "/event/focus/\(index)")
        }
        if let receiver {
            var destination = ElementBuilder()
            destination.put("name", referral.receiver?.title, from: "\(place)/receiver/title")
            destination.put("endpoint", "urn:ocean-bridge:hospital")
            destination.put("receiver", receiver.reference)
            header.append("destination", [destination])
        }
        header.put("sender", (submitter ?? requester)?.reference)
        header.put("author", requester?.reference)
        if let source = referral.source {
            header.put("responsible", self.source(source, at: "\(place)/source").reference)
        }
    }

    private mutating func source(_ site: SourceSite, at place: String) -> Handle {
        let handle = handle("source-site")
        var resource = ElementBuilder(resourceType: "Organization", id: handle.id)
        if let number = site.number {
            resource.append(
                "identifier",
                [identifier(system: NamingSystem.site.url(host: Self.host), value: number, from: "\(place)/number")])
        }
        resource.put("name", site.name, from: "\(place)/name")
        add(handle, resource)
        return handle
    }

    private mutating func serviceRequest(
        _ referral: Referral, _ handle: Handle, patient: Handle, requester: Handle?, receiver: Handle?,
        supporting: [Handle]
    ) {
        let place = "/referral"
        var resource = ElementBuilder(resourceType: "ServiceRequest", id: handle.id)
        if let modified = Self.instant(referral.modified) {
            var meta = ElementBuilder()
            meta.put("lastUpdated", modified, from: "\(place)/modified")
            resource.put("meta", meta)
        }
        resource.append(
            "identifier",
            [
                identifier(
                    system: NamingSystem.referral.url(host: Self.host), value: referral.ref, from: "\(place)/ref")
            ])
        resource.append("basedOn", links(referral.links?.basedOn ?? [], at: "\(place)/links/basedOn"))
        resource.append("replaces", links(referral.links?.replaces ?? [], at: "\(place)/links/replaces"))
        resource.put("status", .string(referral.status == .cancelled ? "revoked" : "active"))
        resource.put("intent", "proposal")
        resource.append("category", concepts(referral.category, at: "\(place)/category"))
        resource.put("priority", Self.code(referral.priority, in: RequiredCodes.priority), from: "\(place)/priority")
        resource.put("code", concept(referral.code, at: "\(place)/code"))
        let offerings = services(referral.services, at: "\(place)/services")
        // R4 allows orderDetail only beside a code (prr-1); Ocean sends none.
        if !offerings.isEmpty, referral.code.isEmpty { resource.put("code", Self.dataAbsent) }
        resource.append("orderDetail", offerings)
        resource.put("subject", patient.reference)
        if let sent = Self.dateTime(referral.sent) {
            resource.put("authoredOn", sent, from: "\(place)/sent")
        } else {
            resource.put("authoredOn", Self.dateTime(referral.created), from: "\(place)/created")
        }
        resource.put("requester", requester?.reference)
        if let receiver { resource.put("performer", .array([receiver.reference])) }
        resource.put("supportingInfo", .array(supporting.map(\.reference)))
        resource.append("note", notes(referral, at: place))
        resource.put("patientInstruction", referral.bookingComments, from: "\(place)/bookingComments")
        add(handle, resource)
    }

    private func links(_ references: [String], at place: String) -> [ElementBuilder] {
        references.enumerated().map { index, reference in
            var element = ElementBuilder()
            element.put("type", "ServiceRequest")
            element.put(
                "identifier",
                identifier(
                    system: NamingSystem.referral.url(host: Self.host), value: reference, from: "\(place)/\(index)"))
            return element
        }
    }

    private func services(_ services: [String], at place: String) -> [ElementBuilder] {
        services.enumerated().map { index, text in
            var coding = ElementBuilder()
            coding.put("display", text, from: "\(place)/\(index)")
            var element = ElementBuilder()
            element.append("coding", [coding])
            return element
        }
    }

    /// Annotations need their text; the description of other sources is the first of them.
    private func notes(_ referral: Referral, at place: String) -> [ElementBuilder] {
        var elements: [ElementBuilder] = []
        if let description = referral.description, !referral.notes.contains(where: { $0.text == description }) {
            var element = ElementBuilder()
            element.put("text", description, from: "\(place)/description")
            elements.append(element)
        }
        for (index, note) in referral.notes.enumerated() {
            let spot = "\(place)/notes/\(index)"
            guard let text = note.text ?? note.plainText, !text.isEmpty else { continue }
            var element = ElementBuilder()
            element.put("authorString", note.author, from: "\(spot)/author")
            element.put("time", Self.dateTime(note.time), from: "\(spot)/time")
            element.put("text", text, from: note.text == nil ? "\(spot)/plainText" : "\(spot)/text")
            elements.append(element)
        }
        return elements
    }
}
