// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

extension FHIRUpdate {
    func read(
        _ given: Appointment, into update: inout ReferralUpdate, _ record: ReferralRecord?
    ) throws(TranslationError) {
        var appointment = given
        update.text = given.patientInstruction.nonEmptyText
        update.reason = received.appointmentReason
        appointment.patientInstruction = nil
        if appointment.description == "Appointment" { appointment.description = nil }
        switch given.status {
        case "booked", "pending":
            guard given.start != nil else { throw unclear("/start", "is required for a booking and missing") }
            try book(given, as: &appointment, isFirm: given.status == "booked")
            update.action = .book
        case "cancelled", "entered-in-error": update.action = .cancelBooking
        case "proposed", "waitlist":
            if given.start != nil {
                try book(given, as: &appointment, isFirm: false)
                update.action = .book
            } else if let text = update.text ?? update.reason ?? given.description.nonEmptyText.flatMap(Self.said) {
                update.action = .bookingComments
                update.text = text
                update.reason = nil
                return
            } else if let id = given.id, record?.appointmentIDs.contains(id) == true {
                // Ocean itself tells a removal so.
                update.action = .cancelBooking
            } else {
                throw unclear(
                    "/patientInstruction", "is missing: write the booking comment there, or send cancelled to remove it"
                )
            }
        case "arrived", "checked-in", "fulfilled":
            throw unclear(
                "/status",
                "tells of a visit, for which Ocean has no form; send a Task with completed when the referral is done")
        case "noshow":
            throw unclear(
                "/status",
                "has no form in Ocean; send cancelled with a cancelationReason, or tell the referrer by Communication")
        case nil: throw unclear("/status", "is required and missing")
        default: throw unclear("/status", "has no meaning in Ocean; use booked, pending, cancelled or proposed")
        }
        update.appointment = appointment
    }

    /// The patient's own word counts before that of the appointment.
    private func book(
        _ given: Appointment, as appointment: inout Appointment, isFirm: Bool
    ) throws(TranslationError) {
        guard given.patientStatus != "declined" else {
            throw unclear("/participant", "the patient declined; send the Appointment as cancelled")
        }
        let isAccepted = given.patientStatus.map { $0 == "accepted" } ?? true
        appointment.patientStatus = isFirm && isAccepted || given.patientStatus == "accepted" ? "accepted" : "tentative"
    }

    private static func said(_ description: String) -> String? { description == "Appointment" ? nil : description }

    /// - Returns: whether Ocean shows it already; nil when it tells no change.
    func read(
        _ request: ReceivedRequest, into update: inout ReferralUpdate, _ known: KnownStatus, _ record: ReferralRecord?
    ) throws(TranslationError) -> Bool? {
        let words = received.notes.joined(separator: "\n").optionalText
        switch request.status {
        case "completed":
            update.action = .complete
            update.text = words
        case "revoked":
            // A receiver cannot cancel; it declines.
            update.action = .decline
            update.reason = request.reason ?? words
        case "on-hold":
            update.action = known.isEnded ? .reopen : .accept
            update.text = words
            update.reason = request.reason
            return known.isAccepted && words == nil && request.reason == nil
        case "active", nil: return try correction(request, into: &update, record)
        default:
            throw unclear("/status", "has no meaning from a receiver; send a Task with rejected or accepted")
        }
        return false
    }

    private func correction(
        _ request: ReceivedRequest, into update: inout ReferralUpdate, _ record: ReferralRecord?
    ) throws(TranslationError) -> Bool? {
        let before = try record?.resources.map { bytes throws(TranslationError) in try Referral(stored: bytes) }
        if let stated = request.priority, let known = before?.priority, stated != known {
            throw unclear(
                "/priority",
                "is another than the referral's; Ocean takes no change of it: tell the referrer by "
                    + "Communication")
        }
        let knownCodes = Set(((before?.category ?? []) + (before?.code ?? [])).compactMap(\.code))
        let stated = [request.code, request.category].compactMap { $0 }.filter { $0.code.nonEmptyText != nil }
        guard let first = stated.first else { return nil }
        update.action = .correctCategory
        if let changed = stated.first(where: { !knownCodes.contains($0.code ?? "") }) {
            update.category = changed
            return false
        }
        update.category = first
        return true
    }
}
