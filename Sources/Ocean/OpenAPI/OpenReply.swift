// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
package import JSON

/// A message to the referrer with its files, as Ocean's Open eReferral API takes it (member names of `ReferralComment`
/// and `AttachmentRef` in OceanMD's published TypeScript client).
///
/// Where the client leaves it open it is assumed: that a file is known by the reference that the message gives it.
package struct OpenReply: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        /// The same on every retry of the same update.
        package let ref: String
        package let name: String
        package let contentType: String?
        package let bytes: [UInt8]
    }

    /// For results and the journal, where FHIR has an event code.
    package static let event = "open-api-message"
    /// Of one file (Ocean's help centre).
    static let largestFile = 10 << 20

    package let text: String
    package let files: [File]
    private let senderName: String?
    private let site: String
    private let messageID: String

    /// The actions that the Open API has a form for.
    package static func carries(_ action: UpdateAction) -> Bool { action == .message || action == .requestInformation }

    /// - Parameter messageID: of the update message: references of files are derived from it.
    /// - Throws: `TranslationError` `.invalid` or `.unsupported` with the place and what to send instead.
    package init(
        _ update: ReferralUpdate, messageID: String, attachments: UpdateConventions.Attachments
    ) throws(TranslationError) {
        try UpdateMembers.check(update)
        guard !update.referral.isEmpty else {
            throw TranslationError(.noReference, at: "/referral", "is empty; give Ocean's referral reference")
        }
        guard let text = update.text.nonEmptyText else {
            throw TranslationError(
                .invalid, at: "/text", "\(update.action.rawValue) needs the text that Ocean shall show")
        }
        guard update.reason.nonEmptyText == nil else {
            throw TranslationError(
                .unsupported, at: "/reason", "the Open API has no place for it beside the text; write it into the text")
        }
        self.text = text
        self.messageID = messageID
        site = update.site
        senderName = update.senderName.nonEmptyText ?? update.actor.nonEmptyText
        var files: [File] = []
        for (index, document) in update.documents.enumerated() {
            files.append(try Self.file(document, index, messageID, attachments))
        }
        self.files = files
    }

    private static func file(
        _ document: Document, _ index: Int, _ messageID: String, _ attachments: UpdateConventions.Attachments
    ) throws(TranslationError) -> File {
        let place = "/documents/\(index)"
        if attachments == .refuse {
            throw TranslationError(
                .unsupported, at: place,
                "files are not sent (sites.*.updates.attachments is refuse); add them in the Ocean Portal")
        }
        try DocumentFitness.check(document, at: place)
        guard let bytes = document.data.nonEmptyText.flatMap({ Base64Text.bytes($0) }), !bytes.isEmpty else {
            throw TranslationError(
                .invalid, at: place + "/data", "the Open API takes files as bytes only: give them here, in base64")
        }
        guard bytes.count <= largestFile else {
            throw TranslationError(.invalid, at: place + "/data", "is larger than the 10 MB that Ocean takes of a file")
        }
        return File(
            ref: UUIDv5.make(namespace: UpdateIdentity.namespace, name: "\(messageID)\nfile/\(index)"),
            name: document.title.nonEmptyText ?? "attachment", contentType: document.contentType.nonEmptyText,
            bytes: bytes)
    }

    /// What is posted: `{"message": ReferralComment}`, text, file names and file keys encrypted with the referral's key.
    ///
    /// - Parameters:
    ///   - referral: as Ocean serves it: whom the message is for.
    ///   - iv: makes initialization vectors.
    /// - Throws: `TranslationError` `.invalid` when an IV is not 16 bytes long.
    package func sealed(
        for referral: JSONValue, under key: OneTimeKey, iv: () -> [UInt8] = InitializationVector.random
    ) throws(TranslationError) -> [UInt8] {
        var comment = plainComment(for: referral)
        comment["encryptedMsg"] = try key.encrypt(json: ["message": .string(text)], iv: iv()).json
        var references: [JSONValue] = []
        for (index, file) in files.enumerated() {
            references.append([
                // Ocean asks that this name tells nothing of the patient.
                "fileRef": .string(file.ref), "fileName": "attachment",
                "encryptedFileName": try key.encrypt(Array(file.name.utf8), iv: iv()).json,
                "encryptedEncryptionKey": try key.encrypt(fileKey(index, under: key).bytes, iv: iv()).json,
                "fromEmr": false,
            ])
        }
        if !references.isEmpty { comment["attachmentRefDtos"] = .array(references) }
        return JSONValue.object(["message": .object(comment)]).bytes()
    }

    /// The file's bytes under its own key.
    ///
    /// - Throws: `TranslationError` `.invalid` when there is no such file or the IV is not 16 bytes long.
    package func sealedFile(
        _ index: Int, under key: OneTimeKey, iv: [UInt8] = InitializationVector.random()
    ) throws(TranslationError) -> EncryptedBlock {
        guard files.indices.contains(index) else {
            throw TranslationError(.invalid, at: "/documents/\(index)", "there is no such file")
        }
        return try fileKey(index, under: key).encrypt(files[index].bytes, iv: iv)
    }

    /// What would be posted, before it is encrypted: for a dry run.
    package var plain: JSONValue {
        var comment = plainComment(for: .null)
        comment["encryptedMsg"] = ["message": .string(text)]
        return [
            "transport": "open-api", "call": "POST /svc/v1/referrals/{referral}/messages",
            "message": .object(comment),
            "attachments": .array(
                files.map { file in
                    [
                        "fileRef": .string(file.ref), "fileName": .string(file.name),
                        "contentType": file.contentType.map { .string($0) } ?? .null,
                        "size": .number(JSONNumber(file.bytes.count)),
                    ]
                }),
        ]
    }

    /// The message's reference in Ocean's answer, which is a text, as it is or as a JSON string; nil for anything else.
    package static func reference(_ answer: [UInt8]) -> String? {
        guard answer.count <= 256 else { return nil }
        let text = String(decoding: answer, as: UTF8.self)
        let plain = (try? JSONValue(parsing: answer))?.stringValue ?? String(text.filter { !$0.isWhitespace })
        return OceanReference.text(.string(plain))
    }

    /// How many messages with this text the site has in the referral's conversations.
    package func occurrences(in referral: JSONValue, under key: OneTimeKey) -> Int {
        let comments = ["externalConversation", "internalConversation"].flatMap { referral[$0]?.arrayValue ?? [] }
        return comments.count { comment in
            if let author = OceanReference.text(comment["siteNum"]), author != site { return false }
            let opened = comment["encryptedMsg"].flatMap { EncryptedBlock(json: $0) }
                .flatMap { try? key.decryptJSON($0, at: "") }
            let said = opened?["message"]?.stringValue ?? comment["message"]?.stringValue
            return said.map { Self.folded($0) == Self.folded(text) } ?? false
        }
    }

    /// Ocean may change blanks and line ends of a text.
    private static func folded(_ text: String) -> String { text.split { $0.isWhitespace }.joined(separator: " ") }

    private func plainComment(for referral: JSONValue) -> JSONObject {
        var comment = JSONObject()
        comment["siteNum"] = .string(site)
        // The addressee; Ocean's own sample names the author's site.
        comment["targetSiteNum"] = .string(OceanReference.text(referral["srcSiteNum"]) ?? site)
        comment["targetDesc"] = .string(referral["srcSiteName"]?.stringValue ?? "")
        comment["showForOtherSites"] = true
        if let senderName { comment["userFullName"] = .string(senderName) }
        comment["tags"] = []
        return comment
    }

    /// The file's own key, made of the referral's: message and file go in two calls, and a retry after a crash between
    /// them must find the key that the message named.
    private func fileKey(_ index: Int, under key: OneTimeKey) throws(TranslationError) -> OneTimeKey {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("ocean-bridge file key\n\(messageID)\n\(index)".utf8), using: key.key)
        guard let output = OneTimeKey(bytes: Array(code.prefix(16))) else {
            throw TranslationError(.invalid, at: "/documents/\(index)", "cannot make a key for the file")
        }
        return output
    }
}
