// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Appointments, messages and files in Ocean's members.
struct ContentWriting {
    /// Whether the referral will be encrypted; then bytes must be base64.
    var isSealed = false
    /// Whether it will be encrypted with another key than it came with: keys of files under the old one are of no use.
    var isRekeyed = false
    let log: WritingLog

    /// Statuses in which an appointment does not take place. Ocean JSON has no status: writing it would book it.
    static let notBooked: Set<String> = ["cancelled", "noshow", "entered-in-error", "waitlist"]

    /// - Returns: the list, and whether an appointment was left out.
    func appointments(_ appointments: [Appointment]) -> (list: [JSONValue], isShifted: Bool) {
        var list: [JSONValue] = []
        for (index, appointment) in appointments.enumerated() {
            let source = "/referral/appointments/\(index)"
            let isEmptyProposal = appointment.status == "proposed" && appointment.start == nil
            guard !isEmptyProposal, !Self.notBooked.contains(appointment.status ?? "") else {
                log.omit(source, note: "Ocean JSON lists only appointments that take place")
                continue
            }
            var writer = ObjectWriter(at: "/appointments/\(list.count)", log: log)
            writer.put(
                "wtType", appointment.waitTimeMilestone.flatMap(OceanWord.word(forMilestone:)).map { .string($0) },
                from: source + "/waitTimeMilestone")
            writer.put("apptType", appointment.label, from: source + "/label")
            putStart(appointment, from: source, into: &writer)
            writer.put("waitTime", appointment.waitTime, from: source + "/waitTime")
            if appointment == Appointment() { log.wrote(source, to: writer.path) }
            list.append(.object(writer.object))
        }
        return (list, list.count < appointments.count)
    }

    private func putStart(_ appointment: Appointment, from source: String, into writer: inout ObjectWriter) {
        let isDay = appointment.hasTime == false
        let start = appointment.start.map { start in
            isDay ? OceanDate.text(start).map(OceanDate.day) ?? start : start
        }
        writer.putDate(
            "date", start, from: source + "/start",
            note: start == appointment.start ? nil : "the day; hasTime says that the time does not count")
        if let hasTime = appointment.hasTime {
            writer.put("hasTime", .bool(hasTime), from: source + "/hasTime")
        } else if let start, writer.has("date") {
            writer.fillIn("hasTime", .bool(OceanDate.hasTime(start)), note: "follows from the date")
        }
    }

    /// The older two slots, for readers that do not know the list.
    func putSlots(_ appointments: [JSONValue], into root: inout ObjectWriter) {
        let dates = appointments.enumerated().compactMap { index, appointment in
            appointment["date"].map { (index, $0) }
        }
        for (slot, (index, date)) in zip(["scheduledAppointment", "scheduledAppointment2"], dates) {
            root.fillIn(slot, date, note: "repeats /appointments/\(index)/date")
        }
    }

    /// - Returns: the lists, and whether a message was left out.
    func conversations(
        of referral: Referral
    ) -> (external: [JSONValue], internal: [JSONValue], isShifted: Bool) {
        var lists: (external: [JSONValue], internal: [JSONValue]) = ([], [])
        for (index, communication) in referral.communications.enumerated() {
            let source = "/referral/communications/\(index)"
            guard communication.status != "entered-in-error" else {
                log.omit(source, note: "withdrawn by its author")
                continue
            }
            if communication.internalOnly {
                let path = "/internalConversation/\(lists.internal.count)"
                lists.internal.append(comment(communication, of: referral, from: source, at: path))
            } else {
                let path = "/externalConversation/\(lists.external.count)"
                lists.external.append(comment(communication, of: referral, from: source, at: path))
            }
        }
        let count = lists.external.count + lists.internal.count
        return (lists.external, lists.internal, count < referral.communications.count)
    }

    private func comment(
        _ communication: Communication, of referral: Referral, from source: String, at path: String
    ) -> JSONValue {
        var writer = ObjectWriter(at: path, log: log)
        writer.put("ref", communication.id, from: source + "/id")
        writer.put("message", communication.text, from: source + "/text")
        writer.putDate("commentDate", communication.sent, from: source + "/sent")
        writer.put("userFullName", communication.senderName, from: source + "/senderName")
        writer.put("siteNum", communication.senderSite, from: source + "/senderSite")
        putDirection(communication, of: referral, from: source, into: &writer)
        writer.put("targetSiteNum", communication.recipientSite, from: source + "/recipientSite")
        writer.put(
            "showForOtherSites", .bool(!communication.internalOnly), from: source + "/internalOnly")
        writer.put(
            "attachmentRefDtos", list(files(communication.documents, from: source, at: path + "/attachmentRefDtos")))
        var consult = ObjectWriter(at: path + "/eConsultData", log: log)
        consult.put(
            "minutes", communication.consultMinutes.map { .number(JSONNumber($0)) }, from: source + "/consultMinutes")
        consult.put("minutesReason", communication.consultMinutesReason, from: source + "/consultMinutesReason")
        writer.put("eConsultData", consult.json)
        if !communication.tags.isEmpty { writer.put("tags", communication.tags.json, from: source + "/tags") }
        return .object(writer.object)
    }

    /// Ocean tells by the author's site who speaks. Where that does not tell it, a member of the bridge's own does.
    private func putDirection(
        _ communication: Communication, of referral: Referral, from source: String, into writer: inout ObjectWriter
    ) {
        guard let direction = communication.direction else { return }
        let site = writer.object["siteNum"]?.stringValue
        if site == nil {
            let spoken = direction == .fromRequester ? referral.source?.number : referral.receiver?.site
            if let spoken, !spoken.isEmpty { writer.fillIn("siteNum", .string(spoken), note: "follows from direction") }
        }
        if ConversationReading.direction(of: writer.object["siteNum"]?.stringValue, in: referral) == direction {
            log.wrote(source + "/direction", to: writer.path + "/siteNum")
        } else {
            writer.put("direction", direction.rawValue, from: source + "/direction")
        }
    }

    /// Files of the referral itself: those of the booking stand in Ocean's list, all others in the bridge's own.
    func documents(_ documents: [Document]) -> (own: [JSONValue], booking: [JSONValue]) {
        var lists: (own: [JSONValue], booking: [JSONValue]) = ([], [])
        for (index, document) in documents.enumerated() {
            let source = "/referral/documents/\(index)"
            if document.kind == .booking {
                let path = "/bookingFileRefs/\(lists.booking.count)"
                lists.booking.append(file(document, as: .booking, from: source, at: path))
            } else {
                lists.own.append(file(document, as: .attachment, from: source, at: "/attachments/\(lists.own.count)"))
            }
        }
        return lists
    }

    private func files(_ documents: [Document], from source: String, at path: String) -> [JSONValue] {
        documents.enumerated().map { index, document in
            file(document, as: .attachment, from: "\(source)/documents/\(index)", at: "\(path)/\(index)")
        }
    }

    private func file(
        _ document: Document, as kind: DocumentKind, from source: String, at path: String
    ) -> JSONValue {
        var writer = ObjectWriter(at: path, log: log)
        writer.put("fileRef", document.ref, from: source + "/ref")
        writer.put("fileName", document.title, from: source + "/title")
        if isRekeyed {
            log.omit(source + "/encryptedKey", note: "encrypted with another one-time key")
        } else {
            writer.put("encryptedEncryptionKey", document.encryptedKey, from: source + "/encryptedKey")
        }
        if isSealed, let data = document.data, Base64Text.bytes(data) == nil {
            log.omit(source + "/data", note: "is not base64 and cannot be encrypted")
        } else {
            writer.put("data", document.data, from: source + "/data")
        }
        if document.kind == kind {
            log.wrote(source + "/kind", to: path)
        } else {
            writer.put("kind", document.kind.rawValue, from: source + "/kind")
        }
        writer.put("url", document.url, from: source + "/url")
        writer.put("contentType", document.contentType, from: source + "/contentType")
        writer.put("size", document.size.map { .number(JSONNumber($0)) }, from: source + "/size")
        writer.put("hash", document.hash, from: source + "/hash")
        writer.putDate("created", document.created, from: source + "/created")
        writer.putDate("date", document.date, from: source + "/date")
        return .object(writer.object)
    }

    func list(_ elements: [JSONValue]) -> JSONValue? {
        guard !elements.isEmpty else { return nil }
        return .array(elements)
    }
}
