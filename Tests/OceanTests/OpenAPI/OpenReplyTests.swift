// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite("A reply by the Open API")
struct OpenReplyTests {
    private let referral: JSONValue = [
        "referralRef": "ref-1", "srcSiteNum": "1000", "srcSiteName": "Invented clinic", "externalConversation": [],
    ]

    private func key() throws -> OneTimeKey { try #require(OneTimeKey(bytes: (0xA0...0xAF).map { UInt8($0) })) }

    private func update(_ change: (inout ReferralUpdate) -> Void = { _ in }) -> ReferralUpdate {
        var update = ReferralUpdate(referral: "ref-1", site: "1234", action: .message)
        update.text = "Please send the MRI report."
        update.senderName = "Booking office"
        change(&update)
        return update
    }

    private func file(_ bytes: [UInt8], title: String? = "Zzyzx report.pdf") -> Document {
        var document = Document()
        document.title = title
        document.contentType = "application/pdf"
        document.data = Base64Text.text(bytes)
        return document
    }

    private func reply(
        _ update: ReferralUpdate, attachments: UpdateConventions.Attachments = .inline
    ) throws(TranslationError) -> OpenReply {
        try OpenReply(update, messageID: "m1", attachments: attachments)
    }

    @Test("text, file name and file key go encrypted, to the sending site; nothing stands in clear")
    func sealed() throws {
        let bytes = Array("%PDF-1.4 invented".utf8)
        let reply = try reply(update { $0.documents = [file(bytes)] })
        let body = try JSONValue(parsing: try reply.sealed(for: referral, under: key()))
        let comment = try #require(body["message"])
        #expect(body.objectValue?.members.map(\.name) == ["message"])
        #expect(comment["targetSiteNum"] == "1000" && comment["siteNum"] == "1234")
        #expect(comment["showForOtherSites"] == true && comment["userFullName"] == "Booking office")
        #expect(comment["message"] == nil)
        for secret in ["MRI", "Zzyzx", "report.pdf"] { #expect(!body.text().contains(secret)) }
        let block = try #require(comment["encryptedMsg"].flatMap { EncryptedBlock(json: $0) })
        #expect(try key().decryptJSON(block, at: "") == ["message": "Please send the MRI report."])
        let reference = try #require(comment["attachmentRefDtos"]?[0])
        #expect(reference["fileName"] == "attachment")
        let name = try #require(reference["encryptedFileName"].flatMap { EncryptedBlock(json: $0) })
        #expect(String(decoding: try key().decrypt(name, at: ""), as: UTF8.self) == "Zzyzx report.pdf")
        // The file opens with the key that the message names.
        let served: JSONValue = ["encryptedData": try reply.sealedFile(0, under: key()).json]
        let opened = try ReferralAttachment(
            opening: served, wrappedKey: reference["encryptedEncryptionKey"], oneTimeKey: key(), at: "")
        #expect(opened.bytes == bytes)
        #expect(reference["fileRef"] == .string(try #require(reply.files.first).ref))
    }

    @Test("every encryption has its own IV; references and keys of files stay over retries, not over messages")
    func retries() throws {
        let update = update { $0.documents = [file([1, 2]), file([1, 2])] }
        let one = try OpenReply(update, messageID: "m1", attachments: .inline)
        let again = try OpenReply(update, messageID: "m1", attachments: .inline)
        let other = try OpenReply(update, messageID: "m2", attachments: .inline)
        #expect(one.files.map(\.ref) == again.files.map(\.ref))
        #expect(Set(one.files.map(\.ref) + other.files.map(\.ref)).count == 4)
        let bodies = [try one.sealed(for: referral, under: key()), try again.sealed(for: referral, under: key())]
        var vectors: [String] = []
        var keys: Set<[UInt8]> = []
        for body in bodies {
            let comment = try #require(try JSONValue(parsing: body)["message"])
            vectors.append(try #require(comment["encryptedMsg"]?["iv"]?.stringValue))
            for file in comment["attachmentRefDtos"]?.arrayValue ?? [] {
                for name in ["encryptedFileName", "encryptedEncryptionKey"] {
                    vectors.append(try #require(file[name]?["iv"]?.stringValue))
                }
                let wrapped = try #require(file["encryptedEncryptionKey"].flatMap { EncryptedBlock(json: $0) })
                keys.insert(try key().decrypt(wrapped, at: ""))
            }
        }
        #expect(Set(vectors).count == vectors.count && vectors.count == 10)
        #expect(keys.count == 2)
    }

    @Test("what the Open API has no place for is refused with the place", arguments: [0, 1, 2, 3, 4, 5])
    func refused(_ number: Int) throws {
        var url = Document()
        url.url = "https://hospital.example/file"
        let big = file([UInt8](repeating: 1, count: (10 << 20) + 1))
        let cases: [(ReferralUpdate, UpdateConventions.Attachments, String, TranslationError.Code)] = [
            (update { $0.text = " " }, .inline, "/text", .invalid),
            (update { $0.reason = "why" }, .inline, "/reason", .unsupported),
            (update { $0.documents = [url] }, .inline, "/documents/0/data", .invalid),
            (update { $0.documents = [file([1]), big] }, .inline, "/documents/1/data", .invalid),
            (update { $0.documents = [file([1])] }, .refuse, "/documents/0", .unsupported),
            (update { $0.targetListing = "x" }, .inline, "/targetListing", .unsupported),
        ]
        let (update, attachments, place, code) = cases[number]
        let error = #expect(throws: TranslationError.self) { try reply(update, attachments: attachments) }
        #expect(error?.place == place && error?.code == code)
    }

    @Test("messages of the site with the same text are counted, encrypted or not; those of others are not")
    func occurrences() throws {
        let reply = try reply(update())
        func comment(_ text: String, site: String?) throws -> JSONValue {
            var object: JSONObject = ["encryptedMsg": try key().encrypt(json: ["message": .string(text)]).json]
            if let site { object["siteNum"] = .string(site) }
            return .object(object)
        }
        let same = "Please  send the\r\nMRI report. "
        var referral = referral
        referral["externalConversation"] = [
            try comment(same, site: "1234"), try comment(same, site: "1000"), try comment(same, site: nil),
            try comment("Another", site: "1234"), ["message": "Please send the MRI report.", "siteNum": "1234"],
            ["encryptedMsg": ["data": "AAAA", "iv": "AAAA"], "siteNum": "1234"], 7,
        ]
        referral["internalConversation"] = [try comment(same, site: "1234")]
        #expect(reply.occurrences(in: referral, under: try key()) == 4)
        #expect(reply.occurrences(in: .null, under: try key()) == 0)
    }

    @Test("the writer makes a reply of messages where the site says so, and FHIR of everything else")
    func writer() throws {
        var context = UpdateContext(
            dialect: .fhir0111, oceanHost: "https://ocean.example", sourceEndpoint: "https://bridge.example",
            messageID: "m1", messageTime: Timestamp(milliseconds: 0))
        #expect(try OceanUpdateWriter().bundle(for: update(), in: context).reply == nil)
        context.conventions.transport = .openAPI
        for action in UpdateAction.allCases {
            var update = update { $0.action = action }
            update.senderName = nil
            guard OpenReply.carries(action) else {
                guard let bundle = try? OceanUpdateWriter().bundle(for: update, in: context) else { continue }
                #expect(bundle.reply == nil && bundle.event != OpenReply.event)
                continue
            }
            let bundle = try OceanUpdateWriter().bundle(for: update, in: context)
            #expect(bundle.reply?.text == update.text && bundle.event == OpenReply.event)
            #expect(bundle.fingerprints == ChangeFingerprint.fingerprints(of: update))
            let shown = try JSONValue(parsing: bundle.body)
            #expect(shown["message"]?["encryptedMsg"]?["message"]?.stringValue == update.text)
        }
    }
}
