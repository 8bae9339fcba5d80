// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension MessageBundle {
    /// What has happened since: Ocean's bundles carry all of it, whatever the event is about.
    var progress: [JSONValue] {
        var output: [JSONValue] = []
        if let status = file.state.taskStatus { output.append(entry("Task", file.ids.task, task(status))) }
        output += file.state.appointments.map { entry("Appointment", $0.id, appointment($0)) }
        if case .update(_, let removed) = event {
            output += removed.map { entry("Appointment", $0, removedAppointment) }
        }
        if file.state.appointments.isEmpty, let comments = file.state.bookingComments, let id = commentsID {
            output.append(entry("Appointment", id, bookingComments(comments)))
        }
        return output + file.state.messages.map { entry("Communication", $0.id, communication($0)) }
    }

    private var request: JSONValue { reference("ServiceRequest", file.state.reference) }

    /// The id under which booking comments without an appointment are in focus.
    private var commentsID: String? {
        guard case .update(let focus, let removed) = event, removed.isEmpty else { return nil }
        for case .appointment(let id) in focus where !file.state.appointments.contains(where: { $0.id == id }) {
            return id
        }
        return nil
    }

    private func task(_ status: String) -> JSONValue {
        let seen = object(
            ("url", .string(ExtensionURL.patientNeedsToBeSeen)), ("valueBoolean", .bool(!file.state.isConsult)))
        let code = file.state.isConsult ? "process-request-consult" : "process-request"
        return object(
            ("extension", file.state.isConsult ? [seen] : nil),
            ("basedOn", [request]), ("status", .string(status)),
            ("statusReason", file.state.statusReason.map { object(("text", .string($0))) }), ("intent", "order"),
            ("code", concept(coding("http://terminology.hl7.org/CodeSystem/v3-TaskOutcome", code, nil))),
            ("lastModified", .string(file.modified.inToronto)))
    }

    private func appointment(_ appointment: SandboxAppointment) -> JSONValue {
        let milestone = appointment.milestone.map { code in
            object(
                ("url", .string(ExtensionURL.waitTimeMilestones)),
                ("valueCoding", coding(ExtensionURL.waitTimeCodeSystem, code, code)))
        }
        let participant = object(
            ("actor", reference("Patient", file.ids.patient)), ("required", "required"),
            ("status", appointment.isConfirmed ? "accepted" : "tentative"))
        return object(
            ("extension", list([milestone])), ("status", appointment.isConfirmed ? "booked" : "pending"),
            ("appointmentType", appointment.label.map { object(("text", .string($0))) }),
            ("description", "Appointment"), ("start", text(appointment.start)), ("end", text(appointment.end)),
            ("minutesDuration", appointment.minutes.map { .number(JSONNumber($0)) }),
            ("patientInstruction", text(appointment.instructions)), ("basedOn", [request]),
            ("participant", [participant]))
    }

    /// Ocean reports a removed appointment as proposed, without times.
    private var removedAppointment: JSONValue {
        object(("status", "proposed"), ("description", "Appointment"), ("basedOn", [request]))
    }

    private func bookingComments(_ comments: String) -> JSONValue {
        object(
            ("status", "proposed"), ("description", .string(comments)), ("patientInstruction", .string(comments)),
            ("basedOn", [request]))
    }

    private func communication(_ message: SandboxMessage) -> JSONValue {
        object(
            ("basedOn", [request]), ("status", "completed"), ("sent", .string(message.time.inToronto)),
            ("sender", message.senderName.map { object(("display", .string($0))) }),
            ("payload", [object(("contentString", .string(message.text)))]))
    }
}
