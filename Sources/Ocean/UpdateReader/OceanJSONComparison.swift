// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Finds what a referral in Ocean JSON says that is not known yet.
///
/// Compared are `ptData`, `communicationType`, `status` with `cancellationReason`, `appointments`, `bookingComments` and
/// `externalConversation`; `services` and `referralTargetRef` must be what is known. All else is the sender's.
struct OceanJSONComparison: Sendable {
    let stated: OceanJSONUpdate
    let target: ReferralUpdate
    /// Folded status; nil when the object has none.
    let word: String?
    let comments: [OceanJSONUpdate.Comment]
    let appointments: [Appointment]?

    var request: UpdateRequest {
        UpdateRequest(
            referral: target.referral, site: target.site, isCompared: true
        ) { record throws(TranslationError) in
            try changes(since: record)
        }
    }

    /// The order in which Ocean ends in the stated status: an open question last where that is the status, else what is
    /// said before what is done; forwarding at the very end.
    private func changes(since record: ReferralRecord?) throws(TranslationError) -> [RequestedChange] {
        let known = try record?.resources.map { bytes throws(TranslationError) in try Referral(stored: bytes) }
        let messages = comments.map { message($0, known) }
        let isQuestion = word == "AWAITINGREPLY" || word == nil
        var output = try patient(known) + kind(known)
        if !isQuestion { output += messages }
        output += try progress(record, known)
        if isQuestion { output += messages }
        guard !output.isEmpty else { throw unclear() }
        return output
    }

    private func change(
        _ part: String, isKnown: Bool = false, _ edit: (inout ReferralUpdate) -> Void
    ) -> RequestedChange {
        var update = target
        edit(&update)
        return RequestedChange(update, part: part, isKnown: isKnown)
    }

    private func message(_ comment: OceanJSONUpdate.Comment, _ known: Referral?) -> RequestedChange {
        let date = comment.date.flatMap { Timestamp($0) }
        let isKnown =
            date != nil
            && known?.communications.contains {
                $0.text == comment.update.text && $0.sent.flatMap { Timestamp($0) } == date
            } == true
        return RequestedChange(comment.update, part: "message-\(comment.index + 1)", isKnown: isKnown)
    }

    /// Demographics that are not those which the bridge itself would give.
    private func patient(_ known: Referral?) throws(TranslationError) -> [RequestedChange] {
        guard let given = stated.object["ptData"], given["demographics"] != nil else { return [] }
        let (referral, _) = try OceanJSONReader().read(.object(stated.object.naming(target.referral)), keys: nil)
        guard let patient = referral.patient else { return [] }
        if let known {
            let (before, _) = try OceanJSONWriter().write(known)
            let (shown, _) = try OceanJSONReader().read(before, keys: nil)
            if shown.patient == patient { return [] }
        } else if word != nil || !comments.isEmpty || appointments != nil {
            // Nothing is known to compare with: the object shows them, but was sent for another reason.
            return []
        }
        return [
            change("demographics") {
                $0.action = .updateDemographics
                $0.patient = patient
            }
        ]
    }

    private func kind(_ known: Referral?) -> [RequestedChange] {
        guard let before = known?.kind, let kind = stated.text("communicationType").flatMap({ OceanWord.kind($0) }),
            kind != before, kind != .message, before != .message
        else { return [] }
        return [change("kind") { $0.action = kind == .consult ? .convertToConsult : .convertToReferral }]
    }

    /// Status and bookings.
    private func progress(
        _ record: ReferralRecord?, _ known: Referral?
    ) throws(TranslationError) -> [RequestedChange] {
        let status = KnownStatus(record)
        let services = (stated.object["services"]?.arrayValue ?? []).compactMap(\.stringValue)
        if let known, !known.services.isEmpty, !services.isEmpty, services != known.services {
            throw TranslationError(
                .invalid, at: "/services",
                "are others than the referral's; send a canonical update with action correctCategory and the SNOMED CT "
                    + "code")
        }
        let forward = try forward(record)
        if !forward.isEmpty { return forward }
        switch word {
        case "DECLINED":
            let reason = stated.text("cancellationReason")
            let isKnown = status.isAny(.declined) && (reason == nil || reason == known?.statusReason)
            return [
                change("status", isKnown: isKnown) {
                    $0.action = .decline
                    $0.reason = reason
                }
            ]
        case "COMPLETE", "COMPLETED":
            return [change("status", isKnown: status.isAny(.completed)) { $0.action = .complete }]
        case "ACCEPTED", "PENDINGBOOKING":
            let bookings = try self.bookings(known)
            let isKnown =
                status.isAny(.accepted) || status.isAny(.booked) && (word == "ACCEPTED" || !bookings.isEmpty)
            let accept = change("status", isKnown: isKnown) { $0.action = status.isEnded ? .reopen : .accept }
            return [accept] + bookings + comments(bookings, known)
        case nil, "BOOKED", "BOOKEDUNCONFIRMED", "BOOKEDCONFIRMED", "NEW", "SENT", "RECEIVED", "AWAITINGREPLY":
            let bookings = try self.bookings(known)
            guard !bookings.isEmpty || word?.hasPrefix("BOOKED") != true else { throw unclear() }
            return bookings + comments(bookings, known)
        default:
            // Unchanged, it says nothing.
            guard let before = known?.statusText, stated.statusMaps.map(site: target.site).commonKey(of: before) == word
            else { throw unclear() }
            let bookings = try self.bookings(known)
            return bookings + comments(bookings, known)
        }
    }

    private func forward(_ record: ReferralRecord?) throws(TranslationError) -> [RequestedChange] {
        guard let listing = stated.text("referralTargetRef"), let before = record?.listing, listing != before else {
            return []
        }
        guard word == "FORWARDED" else {
            throw TranslationError(
                .invalid, at: "/referralTargetRef",
                "is another listing than the referral's; to forward it there give status FORWARDED with it")
        }
        return [
            change("forward") {
                $0.action = .forward
                $0.targetListing = listing
                $0.listing = before
            }
        ]
    }

    /// Booking comments: of the appointment where there is one, else without a date.
    private func comments(_ bookings: [RequestedChange], _ known: Referral?) -> [RequestedChange] {
        guard let text = stated.text("bookingComments"), bookings.isEmpty else { return [] }
        let standing = (known?.appointments ?? []).filter(\.isStanding)
        if standing.count == 1, let only = standing.last {
            return [booking(only, number: 1, over: only, known)]
        }
        return [
            change("comments", isKnown: Self.comments(known).contains(text)) {
                $0.action = .bookingComments
                $0.text = text
            }
        ]
    }

    private static func comments(_ known: Referral?) -> [String] {
        ([known?.bookingComments] + (known?.appointments ?? []).map(\.patientInstruction)).compactMap { $0 }
    }

    func unclear() -> TranslationError {
        let remedy =
            switch word {
            case nil: "is missing, and no appointment, booking comment or new comment tells what changed"
            case "CANCELLED", "CANCELED": "only the sender cancels, in Ocean; send DECLINED"
            case "FORWARDED": "does not say where to; give the new listing in referralTargetRef"
            case "AWAITINGREPLY": "follows from a message; send the ReferralComment"
            case "BOOKED", "BOOKEDCONFIRMED", "BOOKEDUNCONFIRMED": "needs an appointment; give it in appointments"
            case "NEW", "SENT", "RECEIVED": "asks for no action of Ocean's"
            default: "is not a status that a receiver can set; send a canonical update with an action"
            }
        return TranslationError(.invalid, at: "/status", remedy)
    }
}

extension OceanJSONComparison {
    /// Appointments have no id in Ocean JSON: one at a known time is that one; of the others each takes the place of one
    /// that is not stated any more, as far as there are such.
    private func bookings(_ known: Referral?) throws(TranslationError) -> [RequestedChange] {
        guard var appointments else { return try confirmation(known) }
        var before = (known?.appointments ?? []).filter(\.isStanding)
        // An emptied list says more than the two older members, which may still show what was there.
        if stated.hasEmptyList, appointments.allSatisfy({ given in before.contains { $0.isAtTime(of: given) } }) {
            appointments = []
        }
        try checkRemoval(appointments, before)
        var output: [RequestedChange] = []
        var moved: [(Int, Appointment)] = []
        for (index, given) in appointments.enumerated() {
            let start = given.start.flatMap { Timestamp($0) }
            guard let place = before.firstIndex(where: { $0.start.flatMap { Timestamp($0) } == start }) else {
                moved.append((index, given))
                continue
            }
            output.append(booking(given, number: index + 1, over: before.remove(at: place), known))
        }
        for (index, given) in moved {
            let old = before.isEmpty ? nil : before.removeFirst()
            output.append(booking(given, number: index + 1, over: old, known))
        }
        let cancelled = before.map { old in
            change("cancel-\(old.id ?? "")") {
                $0.action = .cancelBooking
                $0.appointment = Appointment(id: old.id, start: old.start)
                $0.reason = stated.text("cancellationReason")
            }
        }
        // Before new ones: a listing may allow only one.
        return cancelled + output
    }

    /// An empty list takes appointments back only together with the status that follows from it.
    private func checkRemoval(_ stated: [Appointment], _ known: [Appointment]) throws(TranslationError) {
        guard stated.isEmpty, !known.isEmpty, word != "ACCEPTED", word != "PENDINGBOOKING" else { return }
        throw TranslationError(
            .invalid, at: "/appointments",
            "is empty where the referral has an appointment; to cancel it give status PENDING_BOOKING, else leave the "
                + "member out")
    }

    private func booking(
        _ given: Appointment, number: Int, over old: Appointment?, _ known: Referral?
    ) -> RequestedChange {
        var appointment = given
        appointment.id = old?.id
        appointment.patientInstruction = nil
        let wasConfirmed = old.map { $0.patientStatus.map { $0 == "accepted" } ?? ($0.status == "booked") } ?? false
        let isSameTime = old != nil && old?.start.flatMap { Timestamp($0) } == given.start.flatMap { Timestamp($0) }
        // Only the status that says so takes a confirmation back.
        let isConfirmed = word == "BOOKEDCONFIRMED" || isSameTime && wasConfirmed && word != "BOOKEDUNCONFIRMED"
        appointment.patientStatus = isConfirmed ? "accepted" : "tentative"
        if isSameTime {
            appointment.end = old?.end
            appointment.minutes = old?.minutes
        }
        let comment = stated.text("bookingComments")
        let isTold = comment.map { Self.comments(known).contains($0) } ?? true
        let isOtherwiseSame =
            isSameTime && (given.label ?? old?.label) == old?.label
            && (given.waitTimeMilestone ?? old?.waitTimeMilestone) == old?.waitTimeMilestone
            // The comment stands once for all; it goes with the last appointment.
            && (isTold || number < appointments?.count ?? 1)
        let booked = appointment
        return change("appointment-\(number)", isKnown: isOtherwiseSame && isConfirmed == wasConfirmed) {
            $0.action = old == nil ? .book : isOtherwiseSame && isConfirmed ? .confirmBooking : .reschedule
            $0.appointment = booked
            $0.text = comment
        }
    }

    /// The word alone: the patient has confirmed, or nothing has changed.
    private func confirmation(_ known: Referral?) throws(TranslationError) -> [RequestedChange] {
        guard word == "BOOKED" || word == "BOOKEDCONFIRMED" || word == "BOOKEDUNCONFIRMED" else { return [] }
        let standing = (known?.appointments ?? []).filter(\.isStanding)
        guard let last = standing.last else { throw unclear() }
        let change = booking(last, number: 1, over: last, known)
        guard change.isKnown || standing.count == 1 else {
            throw TranslationError(
                .invalid, at: "/appointments", "is missing: the referral has several appointments; give them")
        }
        return [change]
    }
}

extension Appointment {
    fileprivate func isAtTime(of other: Appointment) -> Bool {
        start.flatMap { Timestamp($0) } == other.start.flatMap { Timestamp($0) }
    }

    init(id: String?, start: String?) {
        self.init()
        self.id = id
        self.start = start
    }
}

extension JSONObject {
    /// The same with the referral's reference, which the envelope may have given.
    func naming(_ reference: String) -> JSONObject {
        var output = self
        output["referralRef"] = .string(reference)
        return output
    }
}
