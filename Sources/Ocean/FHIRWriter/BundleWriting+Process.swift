// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    /// The state of the referral as one Task; the bridge's own word stands in `businessStatus`.
    mutating func status(of referral: Referral, request: Handle, patient: Handle) -> Handle? {
        guard let status = referral.status else { return nil }
        let handle = handle("status")
        var resource = ElementBuilder(resourceType: "Task", id: handle.id)
        resource.put("basedOn", .array([request.reference]))
        resource.put("status", .string(Self.word(for: status, referral.statusText)))
        var reason = ElementBuilder()
        reason.put("text", referral.statusReason, from: "/referral/statusReason")
        resource.put("statusReason", reason)
        var coding = ElementBuilder()
        coding.put("system", .string(NormalisedCode.status))
        coding.put("code", status.rawValue, from: "/referral/status")
        var business = ElementBuilder()
        business.append("coding", [coding])
        business.put("text", referral.statusText, from: "/referral/statusText")
        resource.put("businessStatus", business)
        resource.put("intent", "order")
        if let kind = referral.kind, kind != .message {
            var code = ElementBuilder()
            code.put("system", "http://terminology.hl7.org/CodeSystem/v3-TaskOutcome")
            code.put(
                "code", kind == .consult ? "process-request-consult" : "process-request", from: "/referral/kind")
            var concept = ElementBuilder()
            concept.append("coding", [code])
            resource.put("code", concept)
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
        case .unknown: code(text, in: RequiredCodes.taskStatus) ?? "received"
        }
    }

    mutating func task(_ task: ProcessTask, role: String, request: Handle, patient: Handle, at place: String) {
        let handle = handle(role, stated: task.id)
        var resource = ElementBuilder(resourceType: "Task", id: handle.id)
        if handle.id == task.id { resource.note("id", from: "\(place)/id") }
        if let seen = task.patientNeedsToBeSeen {
            resource.append(
                "extension",
                [
                    extensionElement(
                        ExtensionURL.patientNeedsToBeSeen, "valueBoolean", .bool(seen),
                        from: "\(place)/patientNeedsToBeSeen")
                ])
        }
        if let url = Self.uri(task.redirectURL) {
            resource.append(
                "extension",
                [
                    extensionElement(
                        ExtensionURL.thirdPartyRedirect, "valueUri", .string(url), from: "\(place)/redirectUrl")
                ])
        }
        resource.put("basedOn", .array([request.reference]))
        if let status = Self.code(task.status, in: RequiredCodes.taskStatus) {
            resource.put("status", status, from: "\(place)/status")
        } else {
            resource.put("status", "received")
            fillIn(handle, "status", "required")
        }
        var reason = ElementBuilder()
        reason.put("text", task.reason, from: "\(place)/reason")
        resource.put("statusReason", reason)
        resource.put("businessStatus", concept(task.businessStatus, at: "\(place)/businessStatus"))
        resource.put("intent", "order")
        resource.put("code", concept(task.code, at: "\(place)/code"))
        resource.put("description", task.description, from: "\(place)/description")
        resource.put("for", patient.reference)
        resource.put("lastModified", Self.dateTime(task.modified), from: "\(place)/modified")
        add(handle, resource)
    }

    mutating func appointment(
        _ appointment: Appointment, role: String, request: Handle, patient: Handle, at place: String
    ) -> Handle {
        let handle = handle(role, stated: appointment.id)
        var resource = ElementBuilder(resourceType: "Appointment", id: handle.id)
        if handle.id == appointment.id { resource.note("id", from: "\(place)/id") }
        if let milestone = appointment.waitTimeMilestone, Primitive.isCode(milestone) {
            var coding = ElementBuilder()
            coding.put("system", .string(ExtensionURL.waitTimeCodeSystem))
            coding.put("code", milestone, from: "\(place)/waitTimeMilestone")
            var element = ElementBuilder()
            element.put("url", .string(ExtensionURL.waitTimeMilestones))
            element.put("valueCoding", coding)
            resource.append("extension", [element])
        }
        let start = Self.instant(appointment.start)
        status(appointment, hasTimes: start != nil, handle, &resource, at: place)
        var type = concept(appointment.type, at: "\(place)/type")
        type.put("text", appointment.label, from: "\(place)/label")
        resource.put("appointmentType", type)
        resource.put("description", appointment.description, from: "\(place)/description")
        if let start {
            resource.put("start", start, from: "\(place)/start")
            if let end = Self.instant(appointment.end) {
                resource.put("end", end, from: "\(place)/end")
            } else {
                resource.put("end", .string(Self.end(of: start, minutes: appointment.minutes)))
                fillIn(handle, "end", "R4 asks for both times (app-2)")
            }
        }
        if let minutes = appointment.minutes, (1...Int(Int32.max)).contains(minutes) {
            resource.put("minutesDuration", .number(JSONNumber(minutes)), from: "\(place)/minutes")
        }
        resource.put(
            "patientInstruction", appointment.patientInstruction, from: "\(place)/patientInstruction")
        resource.put("basedOn", .array([request.reference]))
        var participant = ElementBuilder()
        participant.put("actor", patient.reference)
        if let status = Self.code(appointment.patientStatus, in: RequiredCodes.participationStatus) {
            participant.put("status", status, from: "\(place)/patientStatus")
        } else {
            participant.put("status", "needs-action")
            fillIn(handle, "participant/0/status", "required")
        }
        resource.append("participant", [participant])
        if start == nil, let day = Self.dateTime(appointment.start) {
            var period = ElementBuilder()
            period.put("start", day, from: "\(place)/start")
            resource.append("requestedPeriod", [period])
        }
        add(handle, resource)
        return handle
    }

    /// Without both times R4 allows only proposed, cancelled and waitlist (app-3).
    private mutating func status(
        _ appointment: Appointment, hasTimes: Bool, _ handle: Handle, _ resource: inout ElementBuilder,
        at place: String
    ) {
        let stated = Self.code(appointment.status, in: RequiredCodes.appointmentStatus)
        if let stated, hasTimes || ["proposed", "cancelled", "waitlist"].contains(stated) {
            resource.put("status", stated, from: "\(place)/status")
        } else {
            resource.put("status", hasTimes ? "booked" : "proposed")
            fillIn(handle, "status", hasTimes ? "required" : "without a time only proposed is allowed (app-3)")
        }
    }

    /// The end of an appointment that names only its length; without a length it has none.
    private static func end(of start: String, minutes: Int?) -> String {
        guard let minutes, minutes > 0, minutes <= 60 * 24 * 365, let time = Timestamp(start) else { return start }
        return time.advanced(by: .seconds(minutes * 60)).description
    }

    mutating func communication(
        _ communication: Communication, role: String, request: Handle, at place: String
    ) -> Handle {
        let handle = handle(role, stated: communication.id)
        var resource = ElementBuilder(resourceType: "Communication", id: handle.id)
        if handle.id == communication.id { resource.note("id", from: "\(place)/id") }
        resource.put("basedOn", .array([request.reference]))
        if let status = Self.code(communication.status, in: RequiredCodes.eventStatus) {
            resource.put("status", status, from: "\(place)/status")
        } else {
            resource.put("status", "completed")
            fillIn(handle, "status", "required")
        }
        if let direction = communication.direction {
            var coding = ElementBuilder()
            coding.put("system", .string(NormalisedCode.direction))
            coding.put("code", direction.rawValue, from: "\(place)/direction")
            var concept = ElementBuilder()
            concept.append("coding", [coding])
            resource.append("category", [concept])
        }
        resource.put("sent", Self.dateTime(communication.sent), from: "\(place)/sent")
        if let name = communication.senderName {
            var sender = ElementBuilder()
            sender.put("display", name, from: "\(place)/senderName")
            resource.put("sender", sender)
        }
        var payload = ElementBuilder()
        payload.put("contentString", communication.text, from: "\(place)/text")
        resource.append("payload", [payload])
        resource.append(
            "payload",
            communication.documents.enumerated().map { index, document in
                var element = ElementBuilder()
                element.put("contentAttachment", attachment(document, at: "\(place)/documents/\(index)"))
                return element
            })
        add(handle, resource)
        return handle
    }
}
