// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Appointments, messages and files in Ocean's members. With a key, texts and file names are encrypted as Ocean does.
struct ContentWriting {
    let key: OneTimeKey?
    let log: WritingLog

    /// Statuses in which an appointment does not take place. Ocean JSON has no status: writing it would book it.
    private static let notBooked: Set<String> = ["cancelled", "noshow", "entered-in-error"]

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
                "wtType", appointment.waitTimeMilestone.flatMap(OceanWord.word(forMilestone:)),
                from: source + "/waitTimeMilestone")
            writer.put("apptType", appointment.label, from: source + "/label")
            writer.put("date", appointment.start, from: source + "/start")
            let hasTime = appointment.hasTime ?? appointment.start.map { !OceanDate.isDay($0) }
            writer.put("hasTime", hasTime.map { .bool($0) }, from: source + "/hasTime")
            writer.put("waitTime", appointment.waitTime, from: source + "/waitTime")
            if appointment == Appointment() { log.wrote(source, to: writer.path) }
            list.append(.object(writer.object))
        }
        return (list, list.count < appointments.count)
    }

    /// - Returns: the lists, and whether a message was left out.
    func conversations(
        of referral: Referral
    ) throws(TranslationError) -> (external: [JSONValue], internal: [JSONValue], isShifted: Bool) {
        var lists: (external: [JSONValue], internal: [JSONValue]) = ([], [])
        for (index, communication) in referral.communications.enumerated() {
            let source = "/referral/communications/\(index)"
            guard communication.status != "entered-in-error" else {
                log.omit(source, note: "withdrawn by its author")
                continue
            }
            if communication.internalOnly {
                let path = "/internalConversation/\(lists.internal.count)"
                lists.internal.append(try comment(communication, of: referral, from: source, at: path))
            } else {
                let path = "/externalConversation/\(lists.external.count)"
                lists.external.append(try comment(communication, of: referral, from: source, at: path))
            }
        }
        let count = lists.external.count + lists.internal.count
        return (lists.external, lists.internal, count < referral.communications.count)
    }

    private func comment(
        _ communication: Communication, of referral: Referral, from source: String, at path: String
    ) throws(TranslationError) -> JSONValue {
        var writer = ObjectWriter(at: path, log: log)
        writer.put("ref", communication.id, from: source + "/id")
        if let key, let text = communication.text {
            let block = try key.encrypt(json: ["message": .string(text)])
            writer.put("encryptedMsg", block.json, from: source + "/text", note: "encrypted")
        } else {
            writer.put("message", communication.text, from: source + "/text")
        }
        writer.put("commentDate", communication.sent, from: source + "/sent")
        writer.put("userFullName", communication.senderName, from: source + "/senderName")
        writer.put("siteNum", communication.senderSite, from: source + "/senderSite")
        let spoken: String? =
            switch communication.direction {
            case .fromRequester: referral.source?.number
            case .fromProvider: referral.receiver?.site
            case nil: nil
            }
        if !writer.has("siteNum") {
            writer.put("siteNum", spoken, from: source + "/direction")
        } else if spoken == communication.senderSite {
            log.wrote(source + "/direction", to: path + "/siteNum")
        }
        writer.put("targetSiteNum", communication.recipientSite, from: source + "/recipientSite")
        writer.put(
            "showForOtherSites", .bool(!communication.internalOnly), from: source + "/internalOnly")
        writer.put(
            "attachmentRefDtos", list(try files(communication.documents, from: source, at: path + "/attachmentRefDtos"))
        )
        var consult = ObjectWriter(at: path + "/eConsultData", log: log)
        consult.put(
            "minutes", communication.consultMinutes.map { .number(JSONNumber($0)) }, from: source + "/consultMinutes")
        consult.put("minutesReason", communication.consultMinutesReason, from: source + "/consultMinutesReason")
        writer.put("eConsultData", consult.json)
        if !communication.tags.isEmpty { writer.put("tags", communication.tags.json, from: source + "/tags") }
        return .object(writer.object)
    }

    func files(_ documents: [Document], from source: String, at path: String) throws(TranslationError) -> [JSONValue] {
        var output: [JSONValue] = []
        for (index, document) in documents.enumerated() {
            output.append(try file(document, from: "\(source)/documents/\(index)", at: "\(path)/\(index)"))
        }
        return output
    }

    private func file(_ document: Document, from source: String, at path: String) throws(TranslationError) -> JSONValue
    {
        var writer = ObjectWriter(at: path, log: log)
        writer.put("fileRef", document.ref, from: source + "/ref")
        if let key {
            let name = try document.title.map { title throws(TranslationError) in try key.encrypt(Array(title.utf8)) }
            writer.put("encryptedFileName", name?.json, from: source + "/title", note: "encrypted")
        } else {
            writer.put("fileName", document.title, from: source + "/title")
            writer.put("encryptedEncryptionKey", document.encryptedKey, from: source + "/encryptedKey")
            writer.put("data", document.data, from: source + "/data")
        }
        let kind = document.kind == .attachment ? nil : document.kind.rawValue
        writer.put("kind", kind, from: source + "/kind")
        if kind == nil { log.wrote(source + "/kind", to: path) }
        writer.put("url", document.url, from: source + "/url")
        writer.put("contentType", document.contentType, from: source + "/contentType")
        writer.put("size", document.size.map { .number(JSONNumber($0)) }, from: source + "/size")
        writer.put("hash", document.hash, from: source + "/hash")
        writer.put("created", document.created, from: source + "/created")
        writer.put("date", document.date, from: source + "/date")
        return .object(writer.object)
    }

    func list(_ elements: [JSONValue]) -> JSONValue? {
        guard !elements.isEmpty else { return nil }
        return .array(elements)
    }
}
