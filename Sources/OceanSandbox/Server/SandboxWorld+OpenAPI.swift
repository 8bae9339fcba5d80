// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// What a receiving system posts by the Open eReferral API.
extension SandboxWorld {
    /// Adds an encrypted message to the conversation. Its text, file names and file keys must open with the referral's
    /// key; a message in clear is refused.
    ///
    /// - Returns: the message's reference.
    func reply(_ body: [UInt8], to reference: String, site: String) throws(RefusedChange) -> String {
        var entry = JournalEntry(.replied)
        entry.reference = reference
        entry.site = site
        entry.text = String(decoding: body, as: UTF8.self)
        return try changeOrTell(entry) { () throws(RefusedChange) in
            var file = try known(reference)
            let comment = try OpenComment(body, under: file.oneTimeKey)
            file.uploads += comment.files
            var message = SandboxMessage(id: nextID(), text: comment.text, senderName: comment.senderName)
            message.files = comment.files.map { SandboxMessageFile(ref: $0.ref, name: $0.name) }
            _ = try apply([.messageFromProvider(message)], to: file, by: .site(site))
            return message.id
        }
    }

    /// Stores a file that a message named.
    ///
    /// - Parameter ref: of the file; nil for the oldest that has no bytes yet (how Ocean knows is not published).
    /// - Returns: the file's reference.
    func upload(
        _ block: EncryptedBlock, ref: String?, to reference: String, site: String
    ) throws(RefusedChange) -> String {
        var entry = JournalEntry(.uploaded)
        entry.reference = reference
        entry.site = site
        entry.text = JSONValue.object(
            ["ref": ref.map { .string($0) } ?? .null, "block": block.json]
        ).text()
        return try changeOrTell(entry) { () throws(RefusedChange) in
            var file = try known(reference)
            guard file.state.site == site, file.state.forwardedTo == nil else {
                throw RefusedChange(.notReceiver, "Only the current receiver may update this referral.")
            }
            let index = file.uploads.firstIndex { ref == nil ? $0.bytes == nil : $0.ref == ref }
            guard let index else { throw RefusedChange(.invalid, "No message of this referral names such a file.") }
            guard let bytes = try? file.uploads[index].key.decrypt(block, at: "") else {
                throw RefusedChange(.invalid, "The file cannot be decrypted with the key that its message names.")
            }
            file.uploads[index].bytes = bytes
            files[reference] = file
            return file.uploads[index].ref
        }
    }

    private func changeOrTell(
        _ entry: JournalEntry, _ body: () throws(RefusedChange) -> String
    ) throws(RefusedChange) -> String {
        do throws(RefusedChange) {
            return try change(entry) { _ throws(RefusedChange) in try body() }
        } catch {
            hub.publish(.updateRefused(reference: entry.reference, site: entry.site ?? "", status: error.status))
            throw error
        }
    }

    /// Makes a posted message or file of the journal again.
    func postAgain(_ entry: JournalEntry) throws(RefusedChange) {
        let text = Array((entry.text ?? "").utf8)
        if entry.kind == .replied {
            _ = try reply(text, to: entry.reference ?? "", site: entry.site ?? "")
            return
        }
        let json = try? JSONValue(parsing: text)
        guard let block = json?["block"].flatMap({ EncryptedBlock(json: $0) }) else { return }
        _ = try upload(block, ref: json?["ref"]?.stringValue, to: entry.reference ?? "", site: entry.site ?? "")
    }

    /// The site's private key, made when it is first asked for; nil when the machine has no randomness.
    func privateKey(of site: PretendSite) -> SitePrivateKey? {
        if let known = privateKeys[site.number] { return known }
        let made = SitePrivateKey.random()
        privateKeys[site.number] = made
        return made
    }

    /// What an answer about a referral of the site is wrapped with.
    func wrappingKey(of site: PretendSite) -> SitePrivateKey? {
        site.keyWrapping == .privateKey ? privateKey(of: site) : nil
    }
}

/// A posted message, opened.
private struct OpenComment {
    let text: String
    let senderName: String?
    let files: [UploadedFile]

    init(_ body: [UInt8], under key: OneTimeKey) throws(RefusedChange) {
        guard let comment = (try? JSONValue(parsing: body))?["message"], comment.objectValue != nil else {
            throw RefusedChange(.invalid, "Expected JSON with a message.")
        }
        guard comment["message"].map(\.isNull) ?? true else {
            throw RefusedChange(.invalid, "The text must go encrypted, in encryptedMsg.")
        }
        guard comment["targetSiteNum"]?.stringValue?.isEmpty == false else {
            throw RefusedChange(.invalid, "targetSiteNum is missing.")
        }
        guard let text = Self.opened(comment["encryptedMsg"], key).flatMap({ try? JSONValue(parsing: $0) }),
            let words = text["message"]?.stringValue, !words.isEmpty
        else { throw RefusedChange(.invalid, "encryptedMsg does not open with the referral's key.") }
        self.text = words
        senderName = comment["userFullName"]?.stringValue
        var files: [UploadedFile] = []
        for reference in comment["attachmentRefDtos"]?.arrayValue ?? [] {
            guard let ref = reference["fileRef"]?.stringValue, !ref.isEmpty,
                let name = Self.opened(reference["encryptedFileName"], key),
                let bytes = Self.opened(reference["encryptedEncryptionKey"], key), let own = OneTimeKey(bytes: bytes)
            else { throw RefusedChange(.invalid, "A file's name or key does not open with the referral's key.") }
            files.append(UploadedFile(ref: ref, name: String(decoding: name, as: UTF8.self), key: own))
        }
        self.files = files
    }

    private static func opened(_ json: JSONValue?, _ key: OneTimeKey) -> [UInt8]? {
        json.flatMap { EncryptedBlock(json: $0) }.flatMap { try? key.decrypt($0, at: "") }
    }
}

/// A file that came with a message by the Open API.
struct UploadedFile: Sendable, Hashable {
    let ref: String
    let name: String
    let key: OneTimeKey
    /// Nil until they were posted, too.
    var bytes: [UInt8]?

    static func == (left: UploadedFile, right: UploadedFile) -> Bool {
        left.ref == right.ref && left.bytes == right.bytes
    }

    func hash(into hasher: inout Hasher) { hasher.combine(ref) }

    /// By the ending of the name: the upload tells no media type.
    var contentType: String {
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return ["pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "txt": "text/plain"][ending]
            ?? "application/octet-stream"
    }
}
