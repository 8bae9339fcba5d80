// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Reads an Appointment that a receiving system sent.
struct AppointmentReader: Sendable {
    private let resource: JSONValue

    init(_ resource: JSONValue) {
        self.resource = resource
    }

    func change() throws(RefusedChange) -> ReferralChange {
        let id = resource["id"]?.stringValue ?? resource["identifier"]?[0]?["value"]?.stringValue
        if status == "cancelled" || status == "entered-in-error" { return .removeAppointment(id: id) }
        guard let start = text("start") else { return .bookingComments(comments, appointmentID: id) }
        guard Self.isDate(start) else { throw RefusedChange(.invalid, "Appointment.start is no valid date.") }
        var appointment = SandboxAppointment(id: id ?? "", start: start, isConfirmed: isConfirmed)
        appointment.end = text("end")
        appointment.minutes = resource["minutesDuration"]?.intValue
        appointment.label = resource["appointmentType"]?["text"]?.stringValue
        appointment.instructions = text("patientInstruction")
        let milestone = resource.fhirExtension(ExtensionURL.waitTimeMilestones)
        appointment.milestone =
            milestone?["valueCoding"]?["code"]?.stringValue ?? milestone?["valueString"]?.stringValue
        return .appointment(appointment)
    }

    private var status: String? { resource["status"]?.stringValue }

    private var comments: String? { text("patientInstruction") ?? text("description") ?? text("comment") }

    /// Participants decide; where there are none, FHIR's `booked` means that all have agreed.
    private var isConfirmed: Bool {
        let participants = resource["participant"]?.arrayValue ?? []
        guard !participants.isEmpty else { return status == "booked" }
        return participants.allSatisfy { $0["status"]?.stringValue == "accepted" }
    }

    private func text(_ name: String) -> String? {
        guard let value = resource[name]?.stringValue, !value.isEmpty else { return nil }
        return value
    }

    private static func isDate(_ text: String) -> Bool {
        Timestamp(text) != nil || (text.utf8.count == 10 && Timestamp(text + "T00:00:00Z") != nil)
    }
}
