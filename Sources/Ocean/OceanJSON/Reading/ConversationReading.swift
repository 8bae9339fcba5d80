// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Ocean's `ReferralComment`s: messages between the sites, and notes within one.
struct ConversationReading {
    let referral: Referral
    let key: OneTimeKey?

    func read(_ root: ObjectReader) -> [Communication] {
        var output: [Communication] = []
        for (list, isInternal) in [("externalConversation", false), ("internalConversation", true)] {
            for reader in root.objects(list) {
                output.append(read(reader, to: "/communications/\(output.count)", isInternal: isInternal))
            }
        }
        return output
    }

    private func read(_ reader: ObjectReader, to target: String, isInternal: Bool) -> Communication {
        var communication = Communication()
        communication.internalOnly = isInternal
        communication.id = reader.text("ref", to: target + "/id")
        communication.text = decrypted(reader, to: target) ?? reader.text("message", to: target + "/text")
        // Decrypted members beside the text, in the form in which the bridge hands messages on.
        reader.object("msgData")?.finish()
        communication.sent = reader.date("commentDate", to: target + "/sent")
        communication.senderName = reader.text("userFullName", to: target + "/senderName")
        if communication.senderName == nil, let name = reader.peek("userName") {
            communication.senderName = reader.text("userName", to: target + "/senderName")
            if communication.senderName != nil {
                reader.log.remember(name, at: JSONLeaves.child(reader.path, "userName"))
            }
        }
        communication.senderSite = reader.text("siteNum", to: target + "/senderSite")
        communication.recipientSite = reader.text("targetSiteNum", to: target + "/recipientSite")
        communication.direction =
            reader.word("direction", to: target + "/direction") { CommunicationDirection(rawValue: $0) }
            ?? Self.direction(of: communication.senderSite, in: referral)
        communication.documents = AttachmentReading(key: key).read(reader.objects("attachmentRefDtos"), to: target)
        // Which list the comment stands in says the same; a contradiction is kept as it is.
        if reader.peek("showForOtherSites")?.boolValue == !isInternal {
            _ = reader.flag("showForOtherSites", to: target + "/internalOnly")
        }
        if let consult = reader.object("eConsultData") {
            communication.consultMinutes = consult.whole("minutes", to: target + "/consultMinutes")
            communication.consultMinutesReason = consult.text("minutesReason", to: target + "/consultMinutesReason")
            consult.finish()
        }
        communication.tags = reader.texts("tags", to: target + "/tags")
        reader.finish()
        return communication
    }

    /// The text of `encryptedMsg`, which decrypts to an object with `message`. A block that does not open is kept: the
    /// rest of the referral is worth more than an error.
    private func decrypted(_ reader: ObjectReader, to target: String) -> String? {
        guard let key, let (value, place) = reader.take("encryptedMsg") else { return nil }
        guard let block = EncryptedBlock(json: value),
            let content = try? key.decryptJSON(block, at: place).objectValue
        else {
            reader.log.refuse(value, at: place, note: "undecipherable")
            return nil
        }
        let text = content["message"]?.stringValue
        reader.log.keep(value, at: place, target: target + "/text", note: "decrypted")
        let rest = JSONLeaves.child(reader.path, "msgData")
        for member in content where !ObjectReader.saysNothing(member.value) {
            if member.name == "message", text != nil { continue }
            reader.log.remember(member.value, at: JSONLeaves.child(rest, member.name))
        }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Who speaks, as far as the site of the author tells.
    static func direction(of sender: String?, in referral: Referral) -> CommunicationDirection? {
        guard let sender else { return nil }
        if sender == referral.source?.number { return .fromRequester }
        return sender == referral.receiver?.site ? .fromProvider : nil
    }
}

/// Ocean's `AttachmentRef`s: files by reference.
struct AttachmentReading {
    let key: OneTimeKey?

    /// Files of the referral itself: the bridge's own list first, then those sent with the booking.
    func read(_ root: ObjectReader) -> [Document] {
        let first = read(root.objects("attachments"), to: "")
        return first + read(root.objects("bookingFileRefs"), to: "", first: first.count, as: .booking)
    }

    func read(
        _ readers: [ObjectReader], to target: String, first: Int = 0, as kind: DocumentKind = .attachment
    ) -> [Document] {
        readers.enumerated().map { index, reader in
            read(reader, to: "\(target)/documents/\(first + index)", as: kind)
        }
    }

    private func read(_ reader: ObjectReader, to target: String, as kind: DocumentKind) -> Document {
        var document = Document()
        document.ref = reader.text("fileRef", to: target + "/ref")
        document.title = decryptedName(reader, to: target) ?? reader.text("fileName", to: target + "/title")
        if let (value, place) = reader.take("encryptedEncryptionKey") {
            document.encryptedKey = value
            reader.log.keep(value, at: place, target: target + "/encryptedKey")
        }
        document.kind = reader.word("kind", to: target + "/kind") { DocumentKind(rawValue: $0) } ?? kind
        document.url = reader.text("url", to: target + "/url")
        document.contentType = reader.text("contentType", to: target + "/contentType")
        document.size = reader.whole("size", to: target + "/size")
        document.hash = reader.text("hash", to: target + "/hash")
        document.created = reader.date("created", to: target + "/created")
        document.date = reader.date("date", to: target + "/date")
        document.data =
            decryptedData(reader, wrapped: document.encryptedKey, to: target)
            ?? reader.text("data", to: target + "/data")
        reader.finish()
        return document
    }

    /// The bytes of a small file that stand in the object itself, under the file's own key.
    private func decryptedData(_ reader: ObjectReader, wrapped: JSONValue?, to target: String) -> String? {
        guard let key, let (value, place) = reader.take("encryptedData") else { return nil }
        guard let block = EncryptedBlock(json: value), let wrapped = wrapped.flatMap({ EncryptedBlock(json: $0) }),
            let fileKey = try? key.unwrap(wrapped, at: place), let bytes = try? fileKey.decrypt(block, at: place)
        else {
            reader.log.refuse(value, at: place, note: "undecipherable")
            return nil
        }
        reader.log.keep(value, at: place, target: target + "/data", note: "decrypted")
        return Base64Text.text(bytes)
    }

    private func decryptedName(_ reader: ObjectReader, to target: String) -> String? {
        guard let key, let (value, place) = reader.take("encryptedFileName") else { return nil }
        guard let block = EncryptedBlock(json: value), let bytes = try? key.decrypt(block, at: place),
            let name = String(validating: bytes, as: UTF8.self), !name.isEmpty
        else {
            reader.log.refuse(value, at: place, note: "undecipherable")
            return nil
        }
        reader.log.keep(value, at: place, target: target + "/title", note: "decrypted")
        return name
    }
}
