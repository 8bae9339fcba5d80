// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

extension UpdateDraft {
    /// The Appointment of a booking, its change or its end.
    func appointment() throws(TranslationError) -> UpdateContent {
        var given = update.appointment ?? Appointment()
        if update.action == .confirmBooking { given = completed(given) }
        let start = try instant(given.start, at: "/appointment/start")
        let end = try instant(given.end, at: "/appointment/end")
        switch update.action {
        case .book, .reschedule, .confirmBooking:
            guard start != nil else {
                throw missing("/appointment/start", "the start of the appointment: Ocean books only with a date")
            }
        case .bookingComments:
            guard start == nil, end == nil else {
                throw TranslationError(
                    .invalid, at: "/appointment/start",
                    "booking comments have no date; use book for a dated appointment")
            }
            guard comment(given) != nil else { throw missing("/text", "the comment for patient and referrer") }
        default: break
        }
        let id = try appointmentID(given)
        let state = state(given)
        var appointment = resource("Appointment", id: id)
        appointment.put("extension", try waitTime(given))
        appointment.put("status", text: state.status)
        if update.action == .cancelBooking, let reason = update.reason.nonEmptyText {
            appointment.put("cancelationReason", ["text": .string(reason)])
        }
        appointment.put("appointmentType", type(given))
        let isComment = update.action == .bookingComments
        appointment.put(
            "description",
            text: given.description.nonEmptyText ?? (isComment ? comment(given) : nil) ?? "Appointment")
        appointment.put("start", text: start)
        let computedEnd = try computedEnd(start, given.minutes)
        appointment.put("end", text: end ?? computedEnd)
        if let minutes = given.minutes { appointment.put("minutesDuration", .number(JSONNumber(minutes))) }
        appointment.put("created", text: time)
        if update.action != .cancelBooking { appointment.put("comment", text: update.reason.nonEmptyText) }
        appointment.put("patientInstruction", text: comment(given))
        appointment.put("basedOn", [referralReference])
        appointment.put("participant", [participant(status: state.participant)])
        return UpdateContent(resources: [appointment.object], appointmentID: id)
    }

    /// A confirmation may leave out what is known of the appointment already.
    private func completed(_ given: Appointment) -> Appointment {
        guard given.start == nil else { return given }
        let id = given.id ?? context.record?.appointmentIDs.last
        let stored = known?.appointments.last { $0.start != nil && ($0.id == id || id == nil || $0.id == nil) }
        guard let stored else { return given }
        var output = given
        output.id = given.id ?? stored.id
        output.start = stored.start
        output.end = given.end ?? stored.end
        output.minutes = given.minutes ?? stored.minutes
        output.label = given.label ?? stored.label
        return output
    }

    /// Ocean tells a change from a new appointment by the id.
    private func appointmentID(_ given: Appointment) throws(TranslationError) -> String {
        if let id = given.id.nonEmptyText {
            guard UpdateIdentity.isResourceID(id) else {
                throw TranslationError(
                    .invalid, at: "/appointment/id", "must be a FHIR id: letters, digits, - and ., at most 64")
            }
            return id
        }
        let changesKnown =
            update.action == .reschedule || update.action == .cancelBooking || update.action == .confirmBooking
        if changesKnown, let last = context.record?.appointmentIDs.last { return last }
        if update.action == .bookingComments { return id("Appointment") }
        guard update.action != .reschedule, let start = given.start.flatMap({ Timestamp($0) }) else {
            throw missing(
                "/appointment/id",
                "the id of the appointment to change: the bridge knows of no appointment of this referral")
        }
        return Self.slotID(referral: update.referral, start: start)
    }

    /// The id of an appointment that has none yet: booking the same slot again is the same appointment.
    static func slotID(referral: String, start: Timestamp) -> String {
        UUIDv5.make(namespace: UpdateIdentity.namespace, name: "Appointment\n\(referral)\n\(start)")
    }

    private struct State {
        let status: String
        let participant: String
    }

    /// A booking is unconfirmed unless the update says otherwise.
    ///
    /// How Ocean tells unconfirmed from confirmed is assumed from its test client: the participant's status. That a
    /// cancellation is `cancelled` with `declined` is assumed from older messages of the Ontario programme.
    private func state(_ given: Appointment) -> State {
        switch update.action {
        case .cancelBooking: return State(status: "cancelled", participant: "declined")
        case .bookingComments: return State(status: "proposed", participant: "needs-action")
        case .confirmBooking: return State(status: "booked", participant: "accepted")
        default:
            let isConfirmed =
                given.patientStatus.map { $0 == "accepted" } ?? (given.status == "booked")
            return isConfirmed
                ? State(status: "booked", participant: "accepted") : State(status: "pending", participant: "tentative")
        }
    }

    private func comment(_ given: Appointment) -> String? {
        update.text.nonEmptyText ?? given.patientInstruction.nonEmptyText
    }

    private func type(_ given: Appointment) -> JSONValue? {
        var concept = ResourceDraft()
        let codings = given.type.compactMap(\.updateValue)
        if codings.isEmpty, given.label.nonEmptyText != nil {
            concept.put(
                "coding", [["system": "http://terminology.hl7.org/CodeSystem/v2-0276", "code": "ROUTINE"]])
        } else {
            concept.put("coding", .array(codings))
        }
        concept.put("text", text: given.label.nonEmptyText)
        return concept.value
    }

    private func waitTime(_ given: Appointment) throws(TranslationError) -> JSONValue? {
        guard let code = given.waitTimeMilestone.nonEmptyText else { return nil }
        guard ["wait-1", "wait-1a", "wait-1b", "wait-2"].contains(code) else {
            throw TranslationError(
                .invalid, at: "/appointment/waitTimeMilestone", "must be wait-1, wait-1a, wait-1b or wait-2")
        }
        return [
            [
                "url": .string(ExtensionURL.waitTimeMilestones),
                "valueCoding": [
                    "system": .string(ExtensionURL.waitTimeCodeSystem), "code": .string(code), "display": .string(code),
                ],
            ]
        ]
    }

    private func participant(status: String) -> JSONValue {
        var actor = ResourceDraft()
        actor.put("type", text: "Patient")
        if let patient {
            let identifiers = patientIdentifiers(patient)
            actor.put("identifier", identifiers.first { $0["value"] != nil && $0["system"] != nil })
        }
        return ["actor": actor.value, "required": "required", "status": .string(status)]
    }

    private func instant(_ text: String?, at place: String) throws(TranslationError) -> String? {
        guard let text = text.nonEmptyText else { return nil }
        guard let instant = UpdateIdentity.instant(text) else {
            throw TranslationError(
                .invalid, at: place, "must be a date-time with offset, such as 2026-03-04T09:30:00-05:00")
        }
        return instant
    }

    private func computedEnd(_ start: String?, _ minutes: Int?) throws(TranslationError) -> String? {
        guard let minutes else { return nil }
        guard (1...525_600).contains(minutes) else {
            throw TranslationError(.invalid, at: "/appointment/minutes", "must be a positive number of minutes")
        }
        return start.flatMap { Timestamp($0) }.map { $0.advanced(by: .seconds(minutes * 60)).description }
    }
}
