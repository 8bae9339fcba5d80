// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    /// The state of the referral as one Task; the bridge's own word stands in `businessStatus`.
    mutating func status(
        of referral: Referral, request: Handle, patient: Handle, root: inout RecordElement<Referral>
    ) -> Handle? {
        guard let status = referral.status else { return nil }
        let handle = handle("status")
        let place = root.place
        var resource = ElementBuilder(resourceType: "Task", id: handle.id)
        resource.markAsField("status")
        resource.put("basedOn", .array([request.reference]))
        resource.put("status", .string(Self.word(for: status, referral.statusText)))
        if let text = referral.statusReason, Primitive.isString(text) {
            var reason = ElementBuilder()
            reason.put("text", text, from: place("statusReason").pointer)
            resource.put("statusReason", reason)
            root.hold("statusReason")
        }
        var coding = ElementBuilder()
        coding.put("system", .string(NormalisedCode.status))
        coding.put("code", status.rawValue, from: place("status").pointer)
        root.hold("status")
        var business = ElementBuilder()
        business.append("coding", [coding])
        if let text = referral.statusText, Primitive.isString(text) {
            business.put("text", text, from: place("statusText").pointer)
            root.hold("statusText")
        }
        resource.put("businessStatus", business)
        resource.put("intent", "order")
        if let kind = referral.kind, kind != .message {
            var code = ElementBuilder()
            code.put("system", "http://terminology.hl7.org/CodeSystem/v3-TaskOutcome")
            code.put(
                "code", kind == .consult ? "process-request-consult" : "process-request", from: place("kind").pointer)
            var concept = ElementBuilder()
            concept.append("coding", [code])
            resource.put("code", concept)
            root.hold("kind")
        }
        resource.put("for", patient.reference)
        add(handle, resource)
        return handle
    }

    /// The nearest Task.status (Ocean Provider Network FHIR Playbook, eReferral lifecycle, the other way round).
    static func word(for status: ReferralStatus, _ text: String?) -> String {
        switch status {
        case .draft: "draft"
        case .received: "received"
        case .accepted, .booked: "accepted"
        case .awaitingInformation: "on-hold"
        case .external: "in-progress"
        case .declined: "rejected"
        case .forwarded, .cancelled: "cancelled"
        case .completed: "completed"
        case .unknown: text.flatMap { RequiredCodes.taskStatus.contains($0) ? $0 : nil } ?? "received"
        }
    }

    mutating func task(
        _ task: ProcessTask, role: String, request: Handle, patient: Handle, at place: WritingPlace
    ) -> Handle {
        let handle = handle(role, stated: task.id)
        var resource = RecordElement(task, at: place, in: ElementBuilder(resourceType: "Task", id: handle.id))
        Self.putID(task.id, handle, into: &resource)
        if let seen = task.patientNeedsToBeSeen {
            resource.append(
                "extension",
                [
                    Self.extensionElement(
                        ExtensionURL.patientNeedsToBeSeen, "valueBoolean", .bool(seen),
                        at: place("patientNeedsToBeSeen"))
                ], as: "patientNeedsToBeSeen")
        }
        if let url = task.redirectURL, Primitive.isURI(url) {
            resource.append(
                "extension",
                [
                    Self.extensionElement(
                        ExtensionURL.thirdPartyRedirect, "valueUri", .string(url), at: place("redirectUrl"))
                ], as: "redirectUrl")
        }
        resource.element.put("basedOn", .array([request.reference]))
        resource.require(
            "status", task.status, as: "status", else: "received", if: Self.isCode(in: RequiredCodes.taskStatus))
        if let text = task.reason, Primitive.isString(text) {
            var reason = ElementBuilder()
            reason.put("text", text, from: place("reason").pointer)
            resource.put("statusReason", reason, as: "reason")
        }
        resource.put(
            "businessStatus", Self.labelled(task.businessStatus, at: place("businessStatus")), as: "businessStatus")
        resource.element.put("intent", "order")
        resource.put("code", Self.labelled(task.code, at: place("code")), as: "code")
        resource.put("description", task.description, as: "description")
        resource.element.put("for", patient.reference)
        resource.append("identifier", Self.identifiers(task.identifiers, at: place("identifiers")), as: "identifiers")
        resource.put("lastModified", task.modified, as: "modified", if: Primitive.isDateTime)
        let modified = resource.isHeld("modified") ? task.modified : nil
        resource.put("authoredOn", task.authored, as: "authored") {
            Primitive.isDateTime($0) && Self.isOrdered($0, modified)
        }
        add(handle, resource.finished())
        return handle
    }

    /// R4 asks that a Task is not changed before it is made (inv-1).
    private static func isOrdered(_ authored: String, _ modified: String?) -> Bool {
        guard let modified, modified != authored else { return true }
        guard let first = Timestamp(authored), let last = Timestamp(modified) else { return false }
        return first <= last
    }

    /// Resource.id where it is the record's own.
    private static func putID<Record: JSONRecord>(
        _ id: String?, _ handle: Handle, into resource: inout RecordElement<Record>
    ) {
        guard let id else { return resource.miss("id") }
        guard handle.id.utf8.elementsEqual(id.utf8) else { return }
        resource.element.note("id", from: resource.place("id").pointer)
        resource.hold("id")
    }

    mutating func appointment(
        _ appointment: Appointment, role: String, request: Handle, patient: Handle, at place: WritingPlace
    ) -> Handle {
        let handle = handle(role, stated: appointment.id)
        var resource = RecordElement(
            appointment, at: place, in: ElementBuilder(resourceType: "Appointment", id: handle.id))
        Self.putID(appointment.id, handle, into: &resource)
        if let milestone = appointment.waitTimeMilestone, Primitive.isCode(milestone) {
            var coding = ElementBuilder()
            coding.put("system", .string(ExtensionURL.waitTimeCodeSystem))
            coding.put("code", milestone, from: place("waitTimeMilestone").pointer)
            var element = ElementBuilder()
            element.put("url", .string(ExtensionURL.waitTimeMilestones))
            element.put("valueCoding", coding)
            resource.append("extension", [element], as: "waitTimeMilestone")
        }
        let start = appointment.start.flatMap { Primitive.isInstant($0) ? $0 : nil }
        // Without both times R4 allows only these (app-3).
        let allowed: Set<String> = ["proposed", "cancelled", "waitlist"]
        resource.require(
            "status", appointment.status, as: "status", else: start == nil ? "proposed" : "booked",
            note: start == nil ? "without a time only proposed is allowed (app-3)" : "required"
        ) { RequiredCodes.appointmentStatus.contains($0) && (start != nil || allowed.contains($0)) }
        var type = Self.concept(appointment.type, at: place("type"))
        if let label = appointment.label, Primitive.isString(label) {
            type.put("text", label, from: place("label").pointer)
            resource.hold("label")
        }
        resource.put("appointmentType", type, as: "type")
        resource.put("description", appointment.description, as: "description")
        if let start {
            resource.put("start", start, as: "start", if: Primitive.isInstant)
            resource.require(
                "end", appointment.end, as: "end", else: Self.end(of: start, minutes: appointment.minutes),
                note: "R4 asks for both times (app-2)", if: Primitive.isInstant)
        }
        if let minutes = appointment.minutes, (1...Int(Int32.max)).contains(minutes) {
            resource.put("minutesDuration", .number(JSONNumber(minutes)), as: "minutes")
        }
        resource.put("patientInstruction", appointment.patientInstruction, as: "patientInstruction")
        resource.element.put("basedOn", .array([request.reference]))
        resource.element.append("participant", [participant(patient, &resource)])
        if let location = appointment.location {
            let actor = self.place(location, role: "\(role)-location", at: place("location"))
            resource.element.append("participant", [Self.present(actor)])
            resource.hold("location")
        }
        if let person = appointment.practitioner {
            let actor = self.participant(person, role: "\(role)-person", at: place("practitioner"))
            resource.element.append("participant", [Self.present(actor)])
            resource.hold("practitioner")
        }
        resource.put("comment", appointment.comment, as: "comment")
        resource.put("created", appointment.created, as: "created", if: Primitive.isDateTime)
        // Only what did not take place has a reason for it (app-4).
        if let text = appointment.cancellationReason, Primitive.isString(text), resource.isHeld("status"),
            ["cancelled", "noshow"].contains(appointment.status)
        {
            var reason = ElementBuilder()
            reason.put("text", text, from: place("cancellationReason").pointer)
            resource.put("cancelationReason", reason, as: "cancellationReason")
        }
        if start == nil, let day = appointment.start, Primitive.isDateTime(day) {
            var period = ElementBuilder()
            period.put("start", day, from: place("start").pointer)
            resource.append("requestedPeriod", [period], as: "start")
        }
        add(handle, resource.finished())
        return handle
    }

    private static func present(_ actor: Handle) -> ElementBuilder {
        var participant = ElementBuilder()
        participant.put("actor", actor.reference)
        participant.put("status", "accepted")
        return participant
    }

    private func participant(_ patient: Handle, _ resource: inout RecordElement<Appointment>) -> ElementBuilder {
        var participant = ElementBuilder()
        participant.put("actor", patient.reference)
        let status = resource.record.patientStatus
        if let status, RequiredCodes.participationStatus.contains(status) {
            participant.put("status", status, from: resource.place("patientStatus").pointer)
            resource.hold("patientStatus")
        } else {
            participant.fill("status", "needs-action", note: resource.place.note("required"))
            if status == nil { resource.miss("patientStatus") }
        }
        return participant
    }

    /// The end of an appointment that names only its length; without a length it has none.
    private static func end(of start: String, minutes: Int?) -> String {
        guard let minutes, minutes > 0, minutes <= 60 * 24 * 365, let time = Timestamp(start) else { return start }
        return time.advanced(by: .seconds(minutes * 60)).description
    }

    mutating func communication(
        _ communication: Communication, role: String, request: Handle, at place: WritingPlace
    ) -> Handle {
        let handle = handle(role, stated: communication.id)
        var resource = RecordElement(
            communication, at: place, in: ElementBuilder(resourceType: "Communication", id: handle.id))
        Self.putID(communication.id, handle, into: &resource)
        resource.element.put("basedOn", .array([request.reference]))
        resource.require(
            "status", communication.status, as: "status", else: "completed",
            if: Self.isCode(in: RequiredCodes.eventStatus))
        if let direction = communication.direction {
            var coding = ElementBuilder()
            coding.put("system", .string(NormalisedCode.direction))
            coding.put("code", direction.rawValue, from: place("direction").pointer)
            var concept = ElementBuilder()
            concept.append("coding", [coding])
            resource.append("category", [concept], as: "direction")
        }
        resource.put("sent", communication.sent, as: "sent", if: Primitive.isDateTime)
        if let name = communication.senderName, Primitive.isString(name) {
            var sender = ElementBuilder()
            sender.put("display", name, from: place("senderName").pointer)
            resource.put("sender", sender, as: "senderName")
        }
        if let text = communication.text, Primitive.isString(text) {
            var payload = ElementBuilder()
            payload.put("contentString", text, from: place("text").pointer)
            resource.append("payload", [payload], as: "text")
        }
        resource.append(
            "payload",
            communication.documents.enumerated().map { index, document in
                var attachment = RecordElement(document, at: place("documents")(index))
                if document.kind == .attachment { attachment.hold("kind") }
                Self.putAttachment(document, into: &attachment)
                var element = ElementBuilder()
                element.put("contentAttachment", attachment.listed())
                if document.kind == .attachment {
                    element.note("contentAttachment", from: attachment.place("kind").pointer)
                }
                return element
            }, as: "documents")
        add(handle, resource.finished())
        return handle
    }

    static func extensionElement(
        _ url: String, _ name: String, _ value: JSONValue, at place: WritingPlace
    ) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("url", .string(url))
        element.put(name, value, from: place.pointer)
        return element
    }
}
