// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension UpdateDraft {
    /// The Appointment of a booking, its change or its end.
    func appointment() throws(TranslationError) -> UpdateContent {
        var given = update.appointment ?? Appointment()
        if update.action == .confirmBooking { given = try completed(given) }
        let slot = try slot(given)
        try check(given, slot)
        let id = try appointmentID(given)
        let state = state(given)
        let isRemoval = update.action == .cancelBooking
        var appointment = resource("Appointment", id: id)
        appointment.put("extension", try waitTime(given))
        appointment.put("status", text: state.status)
        if state.status == "cancelled", let reason = update.reason.nonEmptyText {
            appointment.put("cancelationReason", ["text": .string(reason)])
        }
        appointment.put("appointmentType", type(given))
        let isComment = update.action == .bookingComments
        let isBlank = isRemoval && state.status == "proposed"
        appointment.put(
            "description",
            text: given.description.nonEmptyText ?? (isComment ? comment(given) : isBlank ? nil : "Appointment"))
        if state.status != "proposed" {
            appointment.put("start", text: slot.start)
            appointment.put("end", text: slot.end)
            if let minutes = given.minutes { appointment.put("minutesDuration", .number(JSONNumber(minutes))) }
        }
        appointment.put("created", text: time)
        if state.status != "cancelled" { appointment.put("comment", text: update.reason.nonEmptyText) }
        appointment.put("patientInstruction", text: comment(given))
        appointment.put("basedOn", [referralReference])
        if isComment {
            var comments = appointment.object
            // See `OceanUpdateWriter.oddity`.
            comments["participant"] = .array([])
            return UpdateContent(resources: [comments], appointmentID: id)
        }
        let person = isRemoval || context.conventions.bookingPatient == .omit ? nil : bookedPatient
        appointment.put("participant", [participant(person, status: state.participant)])
        return UpdateContent(resources: [appointment.object] + (person.map { [$0] } ?? []), appointmentID: id)
    }

    /// The patient that goes with a booking, as far as known.
    private var bookedPatient: JSONObject? {
        if update.patient == nil, let received { return received.patient(of: received.request(of: update.referral)) }
        return patient.map { patientResource($0) }
    }

    private struct Slot {
        var start: String?
        var end: String?
    }

    /// FHIR wants start and end both or neither (app-2): an end that is not given follows from the duration, else it is
    /// the start.
    private func slot(_ given: Appointment) throws(TranslationError) -> Slot {
        let start = try instant(given.start, at: "/appointment/start")
        let end = try instant(given.end, at: "/appointment/end")
        let computed = try computedEnd(start, given.minutes)
        guard let start else {
            guard end == nil else { throw missing("/appointment/start", "the start where it gives the end") }
            return Slot()
        }
        if let end, let first = Timestamp(start), let last = Timestamp(end), last < first {
            throw TranslationError(.invalid, at: "/appointment/end", "is before the start")
        }
        return Slot(start: start, end: end ?? computed ?? start)
    }

    private func check(_ given: Appointment, _ slot: Slot) throws(TranslationError) {
        switch update.action {
        case .book, .reschedule, .confirmBooking:
            guard slot.start != nil else {
                throw missing("/appointment/start", "the start of the appointment: Ocean books only with a date")
            }
        case .bookingComments:
            guard slot.start == nil else {
                throw TranslationError(
                    .invalid, at: "/appointment/start",
                    "booking comments have no date; use book for a dated appointment")
            }
            guard comment(given) != nil else { throw missing("/text", "the comment for patient and referrer") }
            // Under the id of a dated appointment they would be Ocean's form of its removal.
            if let id = given.id, standing.contains(where: { $0.id == id }) {
                throw TranslationError(
                    .invalid, at: "/appointment/id",
                    "is a dated appointment; give its comment with reschedule, or leave the id out")
            }
        default: break
        }
    }

    /// Dated appointments that Ocean holds.
    private var standing: [Appointment] { known?.appointments.filter(\.isStanding) ?? [] }

    /// A confirmation may leave out what is known of the appointment already.
    private func completed(_ given: Appointment) throws(TranslationError) -> Appointment {
        guard given.start == nil else { return given }
        let current = try currentID(given)
        let id = given.id ?? current
        let stored = standing.last { $0.id == id || id == nil || $0.id == nil }
        guard let stored else { return given }
        var output = given
        output.id = given.id ?? stored.id
        output.start = stored.start
        output.end = given.end ?? stored.end
        output.minutes = given.minutes ?? stored.minutes
        output.label = given.label ?? stored.label
        output.type = given.type.isEmpty ? stored.type : given.type
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
        switch update.action {
        case .bookingComments: return id("Appointment")
        case .reschedule, .cancelBooking, .confirmBooking:
            if let id = try currentID(given) { return id }
        default: break
        }
        guard update.action != .reschedule, let start = given.start.flatMap({ Timestamp($0) }) else {
            throw missing(
                "/appointment/id",
                "the id of the appointment to change: the bridge knows of no appointment of this referral")
        }
        return Self.slotID(referral: update.referral, start: start)
    }

    /// The id of the appointment that a change without an id means: the one at its time, else the only one.
    private func currentID(_ given: Appointment) throws(TranslationError) -> String? {
        guard given.id == nil else { return given.id }
        if update.action != .reschedule, let start = given.start.flatMap({ Timestamp($0) }),
            let same = standing.last(where: { $0.start.flatMap { Timestamp($0) } == start })?.id
        {
            return same
        }
        guard standing.count < 2 else {
            throw missing("/appointment/id", "the id of the appointment to change: the referral has several")
        }
        let gone = Set((known?.appointments ?? []).filter { !$0.isStanding }.compactMap(\.id))
        return context.record?.appointmentIDs.last { !gone.contains($0) }
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
    /// How Ocean tells unconfirmed from confirmed is assumed from its test client: the participant's status.
    private func state(_ given: Appointment) -> State {
        switch update.action {
        case .cancelBooking:
            return State(status: context.conventions.cancellation.rawValue, participant: "declined")
        case .bookingComments: return State(status: "proposed", participant: "")
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

    /// Ocean's test client sends ROUTINE with every booking; the text is the label that Ocean shows.
    private func type(_ given: Appointment) -> JSONValue? {
        var concept = ElementBuilder()
        let codings = given.type.compactMap(\.updateValue)
        let isBooking = update.action != .bookingComments && update.action != .cancelBooking
        if codings.isEmpty, isBooking || given.label.nonEmptyText != nil {
            concept.put(
                "coding", [["system": "http://terminology.hl7.org/CodeSystem/v2-0276", "code": "ROUTINE"]])
        } else {
            concept.put("coding", .array(codings))
        }
        concept.put("text", text: given.label.nonEmptyText)
        return concept.json
    }

    private func waitTime(_ given: Appointment) throws(TranslationError) -> JSONValue? {
        guard let code = given.waitTimeMilestone.nonEmptyText else { return nil }
        guard ["wait-1", "wait-1a", "wait-1b", "wait-2"].contains(code) else {
            throw TranslationError(
                .invalid, at: "/appointment/waitTimeMilestone", "must be wait-1, wait-1a, wait-1b or wait-2")
        }
        let url = JSONValue.string(ExtensionURL.waitTimeMilestones)
        if context.conventions.waitTime == .string { return [["url": url, "valueString": .string(code)]] }
        let coding: JSONValue = [
            "system": .string(ExtensionURL.waitTimeCodeSystem), "code": .string(code), "display": .string(code),
        ]
        return [["url": url, "valueCoding": coding]]
    }

    private func participant(_ person: JSONObject?, status: String) -> JSONValue {
        var actor = ElementBuilder()
        actor.put("reference", text: person?.updateReference)
        actor.put("type", text: "Patient")
        let identifiers = person?["identifier"]?.arrayValue ?? patient.map { patientIdentifiers($0) } ?? []
        actor.put("identifier", identifiers.first { $0["value"] != nil && $0["system"] != nil })
        return ["actor": actor.json, "required": "required", "status": .string(status)]
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

extension Appointment {
    /// Dated and not taken back.
    var isStanding: Bool { start.nonEmptyText != nil && status != "cancelled" && status != "entered-in-error" }
}
