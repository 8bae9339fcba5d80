// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// What an object of Ocean JSON says that a hospital wants Ocean to know: a ReferralComment, or a whole referral, which
/// shows a state and is therefore compared with what is known of the referral.
///
/// Read here without regard to what is known; `OceanJSONComparison` finds the changes.
struct OceanJSONUpdate: Sendable {
    struct Comment: Sendable {
        let update: ReferralUpdate
        /// `commentDate` as given.
        let date: String?
        /// Position in `externalConversation`.
        let index: Int
    }

    let object: JSONObject
    let envelope: UpdateEnvelopeHints
    let statusMaps: StatusMaps

    init(_ object: JSONObject, _ envelope: UpdateEnvelopeHints, _ statusMaps: StatusMaps = StatusMaps()) {
        self.object = object
        self.envelope = envelope
        self.statusMaps = statusMaps
    }

    func text(_ name: String) -> String? { object[name]?.stringValue.nonEmptyText }

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
        try read(object, at: "", try target())
    }

    private func read(
        _ comment: JSONObject, at place: String, _ target: ReferralUpdate
    ) throws(TranslationError) -> ReferralUpdate {
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
        var update = target
        update.action = .message
        update.text = message
        update.senderName =
            comment["userFullName"]?.stringValue.nonEmptyText ?? comment["userName"]?.stringValue.nonEmptyText
        update.occurredAt = comment["commentDate"].flatMap { OceanDate.text($0) }.flatMap {
            Timestamp($0) == nil ? nil : $0
        }
        return update
    }

    /// A whole referral.
    func referral() throws(TranslationError) -> OceanJSONComparison {
        var target = try target()
        if let time = object["modificationDate"].flatMap({ OceanDate.text($0) }), Timestamp(time) != nil {
            target.occurredAt = time
        }
        return OceanJSONComparison(
            stated: self, target: target,
            word: text("status").map { statusMaps.map(site: target.site).commonKey(of: $0) },
            comments: try newComments(target), appointments: try appointments())
    }

    /// Comments without `ref`: Ocean gives every comment that it knows one.
    private func newComments(_ target: ReferralUpdate) throws(TranslationError) -> [Comment] {
        var output: [Comment] = []
        for (index, value) in (object["externalConversation"]?.arrayValue ?? []).enumerated() {
            let place = "/externalConversation/\(index)"
            guard let comment = value.objectValue else {
                throw TranslationError(.invalid, at: place, "expected an object, found \(value.kindName)")
            }
            guard comment["ref"]?.stringValue.nonEmptyText == nil else { continue }
            let update = try read(comment, at: place, target)
            output.append(
                Comment(update: update, date: comment["commentDate"].flatMap { OceanDate.text($0) }, index: index))
        }
        return output
    }

    /// The object says that there is no appointment.
    var hasEmptyList: Bool { object["appointments"]?.arrayValue?.isEmpty ?? false }

    /// The dated appointments; nil when the object says nothing of appointments.
    private func appointments() throws(TranslationError) -> [Appointment]? {
        let list = object["appointments"]?.arrayValue
        if let list, !list.isEmpty {
            var output: [Appointment] = []
            for (index, given) in list.enumerated() {
                output.append(try appointment(given, at: "/appointments/\(index)"))
            }
            return output
        }
        var output: [Appointment] = []
        for name in ["scheduledAppointment", "scheduledAppointment2"] {
            guard let value = object[name], !value.isNull else { continue }
            var appointment = Appointment()
            appointment.start = try instant(value, at: "/" + name)
            output.append(appointment)
        }
        return output.isEmpty ? list.map { _ in [] } : output
    }

    private func appointment(_ given: JSONValue, at place: String) throws(TranslationError) -> Appointment {
        guard given["hasTime"]?.boolValue != false else {
            throw TranslationError(.invalid, at: place + "/hasTime", "is false: Ocean books only with a time")
        }
        var appointment = Appointment()
        appointment.start = try instant(given["date"], at: place + "/date")
        appointment.label = given["apptType"]?.stringValue.nonEmptyText
        appointment.waitTimeMilestone = try given["wtType"]?.stringValue.nonEmptyText.map {
            word throws(TranslationError) in
            guard let code = OceanWord.milestone(word) else {
                throw TranslationError(
                    .invalid, at: place + "/wtType", "must be WAIT_1, WAIT_1A, WAIT_1B or WAIT_2")
            }
            return code
        }
        return appointment
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
