// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The action that an object of Ocean JSON means.
///
/// A referral shows a state, not a change. It is read as the one change that it can mean: a final status, a single
/// appointment, booking comments, or the only comment without `ref` (Ocean gives every comment that it knows a `ref`).
struct OceanJSONUpdate {
    let object: JSONObject
    let envelope: UpdateEnvelopeHints
    let statusMaps: StatusMaps

    init(_ object: JSONObject, _ envelope: UpdateEnvelopeHints, _ statusMaps: StatusMaps = StatusMaps()) {
        self.object = object
        self.envelope = envelope
        self.statusMaps = statusMaps
    }

    private func text(_ name: String) -> String? { object[name]?.stringValue.nonEmptyText }

    private func target() throws(TranslationError) -> ReferralUpdate {
        guard let referral = text("referralRef") ?? envelope.subject else {
            throw UpdateEnvelopeHints.noReference("/referralRef")
        }
        guard let site = text("siteNum") ?? envelope.site else { throw UpdateEnvelopeHints.noSite("/siteNum") }
        var update = ReferralUpdate(referral: referral, site: site, action: .message)
        update.listing = text("referralTargetRef")
        update.service = text("externalServiceId")
        return update
    }

    func comment() throws(TranslationError) -> ReferralUpdate {
        var update = try target()
        try read(object, at: "", into: &update)
        return update
    }

    private func read(
        _ comment: JSONObject, at place: String, into update: inout ReferralUpdate
    ) throws(TranslationError) {
        guard let message = comment["message"]?.stringValue.nonEmptyText else {
            if let encrypted = comment["encryptedMsg"], !encrypted.isNull {
                throw TranslationError(
                    .unsupported, at: place + "/encryptedMsg", "cannot be read here; send the text in message")
            }
            throw TranslationError(.invalid, at: place + "/message", "is required and missing")
        }
        guard comment["showForOtherSites"]?.boolValue != false else {
            throw TranslationError(
                .invalid, at: place + "/showForOtherSites", "is false: notes within the site are not sent to Ocean")
        }
        guard comment["attachmentRefDtos"]?.arrayValue?.isEmpty ?? true else {
            throw TranslationError(
                .unsupported, at: place + "/attachmentRefDtos",
                "attachments cannot be sent as references; use a canonical update with documents")
        }
        update.action = .message
        update.text = message
        update.senderName =
            comment["userFullName"]?.stringValue.nonEmptyText ?? comment["userName"]?.stringValue.nonEmptyText
        update.occurredAt = comment["commentDate"].flatMap { OceanDate.text($0) }.flatMap {
            Timestamp($0) == nil ? nil : $0
        }
    }

    func referral() throws(TranslationError) -> ReferralUpdate {
        var update = try target()
        if let time = object["modificationDate"].flatMap({ OceanDate.text($0) }), Timestamp(time) != nil {
            update.occurredAt = time
        }
        let status = text("status")
        let word = status.map { statusMaps.map(site: update.site).commonKey(of: $0) }
        let comments = try newComments()
        if let word, let action = Self.finalAction(word) {
            try refuse(!comments.isEmpty, "/externalConversation")
            update.action = action
            if action == .decline { update.reason = text("cancellationReason") }
            return update
        }
        let appointments = object["appointments"]?.arrayValue ?? []
        if !comments.isEmpty {
            guard word == nil || word == "AWAITINGREPLY" else { throw twoChanges("/externalConversation") }
            try refuse(!appointments.isEmpty, "/appointments")
            guard comments.count == 1, let only = comments.first else { throw twoChanges("/externalConversation") }
            try read(only.object, at: only.place, into: &update)
            return update
        }
        if !appointments.isEmpty || object["scheduledAppointment"].map({ !$0.isNull }) == true {
            return try booking(update, appointments: appointments, word: word)
        }
        switch word {
        case "ACCEPTED", "PENDINGBOOKING": update.action = .accept
        case nil:
            guard let comment = text("bookingComments") else {
                throw TranslationError(
                    .invalid, at: "/status",
                    "is missing, and no appointment, booking comment or new comment tells what changed")
            }
            update.action = .bookingComments
            update.text = comment
        default: throw unclear(word)
        }
        return update
    }

    private static func finalAction(_ word: String) -> UpdateAction? {
        switch word {
        case "DECLINED": .decline
        case "COMPLETE", "COMPLETED": .complete
        default: nil
        }
    }

    private func unclear(_ word: String?) -> TranslationError {
        let remedy =
            switch word {
            case "CANCELLED", "CANCELED": "only the sender cancels, in Ocean; send DECLINED"
            case "FORWARDED": "does not say where to; send a canonical update with action forward"
            case "AWAITINGREPLY": "follows from a message; send the ReferralComment"
            case "BOOKED", "BOOKEDCONFIRMED", "BOOKEDUNCONFIRMED": "needs an appointment; give it in appointments"
            case "NEW", "SENT", "RECEIVED": "asks for no action of Ocean's"
            default: "is not a status that a receiver can set; send a canonical update with an action"
            }
        return TranslationError(.invalid, at: "/status", remedy)
    }

    private func booking(
        _ target: ReferralUpdate, appointments: [JSONValue], word: String?
    ) throws(TranslationError) -> ReferralUpdate {
        var update = target
        var appointment = Appointment()
        if appointments.isEmpty {
            try refuse(object["scheduledAppointment2"].map { !$0.isNull } ?? false, "/scheduledAppointment2")
            appointment.start = try instant(object["scheduledAppointment"], at: "/scheduledAppointment")
        } else {
            try refuse(appointments.count > 1, "/appointments")
            let given = appointments.first ?? .null
            guard given["hasTime"]?.boolValue != false else {
                throw TranslationError(
                    .invalid, at: "/appointments/0/hasTime", "is false: Ocean books only with a time")
            }
            appointment.start = try instant(given["date"], at: "/appointments/0/date")
            appointment.label = given["apptType"]?.stringValue.nonEmptyText
            appointment.waitTimeMilestone = try given["wtType"]?.stringValue.nonEmptyText.map {
                word throws(TranslationError) in
                guard let code = OceanWord.milestone(word) else {
                    throw TranslationError(
                        .invalid, at: "/appointments/0/wtType", "must be WAIT_1, WAIT_1A, WAIT_1B or WAIT_2")
                }
                return code
            }
        }
        switch word {
        case "BOOKEDCONFIRMED": appointment.patientStatus = "accepted"
        case nil, "ACCEPTED", "PENDINGBOOKING", "BOOKED", "BOOKEDUNCONFIRMED", "NEW", "SENT", "RECEIVED":
            appointment.patientStatus = "tentative"
        default: throw unclear(word)
        }
        update.action = .book
        update.text = text("bookingComments")
        update.appointment = appointment
        return update
    }

    private func newComments() throws(TranslationError) -> [(object: JSONObject, place: String)] {
        var output: [(object: JSONObject, place: String)] = []
        for (index, value) in (object["externalConversation"]?.arrayValue ?? []).enumerated() {
            guard let comment = value.objectValue else {
                throw TranslationError(
                    .invalid, at: "/externalConversation/\(index)", "expected an object, found \(value.kindName)")
            }
            if comment["ref"]?.stringValue.nonEmptyText == nil {
                output.append((comment, "/externalConversation/\(index)"))
            }
        }
        return output
    }

    private func refuse(_ isWrong: Bool, _ place: String) throws(TranslationError) {
        if isWrong { throw twoChanges(place) }
    }

    private func twoChanges(_ place: String) -> TranslationError {
        TranslationError(
            .invalid, at: place, "the object holds more than one change; send each as an update of its own")
    }

    private func instant(_ value: JSONValue?, at place: String) throws(TranslationError) -> String {
        guard let value, !value.isNull else { throw TranslationError(.invalid, at: place, "is required and missing") }
        guard let text = OceanDate.text(value), Timestamp(text) != nil else {
            throw TranslationError(
                .invalid, at: place, "must be a date-time with offset or milliseconds since 1970")
        }
        return text
    }
}
