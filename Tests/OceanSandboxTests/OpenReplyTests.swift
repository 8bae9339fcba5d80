// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON
import NIOHTTP1
import Ocean
import OceanSandbox
import Testing

@Suite("The pretend Ocean's Open eReferral API", .timeLimit(.minutes(5)))
struct OpenReplyTests {
    private let headers = [
        ("siteNum", "4500"), ("siteKey", "hospital-key"), ("siteCredential", "hospital-credential"),
    ]
    private let shared = SharedEncryptionKey(text: Bench.key)

    private func referral(_ reference: String, _ bench: Bench) async throws -> (JSONValue, OneTimeKey) {
        let json = try await bench.call(.GET, "/svc/v1/referrals/\(reference)", headers: headers).json
        return (json, try shared.unwrap(try block(json["oneTimeKeyEncryptedWithSiteSEK"]), at: "key"))
    }

    private func block(_ json: JSONValue?) throws -> EncryptedBlock {
        try #require(json.flatMap { EncryptedBlock(json: $0) })
    }

    private func reply(_ reference: String, files: [[UInt8]] = []) throws -> OpenReply {
        var update = ReferralUpdate(referral: reference, site: "4500", action: .message)
        update.text = "Which side?"
        update.documents = files.map { bytes in
            var document = Document()
            document.title = "answer.txt"
            document.data = Data(bytes).base64EncodedString()
            return document
        }
        return try OpenReply(update, messageID: "m1", attachments: .inline)
    }

    @Test("a reply with a file comes back decrypted, with its bytes")
    func reply() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "thin-1")
            let path = "/svc/v1/referrals/\(reference)"
            let (json, key) = try await referral(reference, bench)
            let reply = try reply(reference, files: [Array("invented".utf8)])
            let posted = try await bench.call(
                .POST, path + "/messages", headers: headers, body: try reply.sealed(for: json, under: key))
            #expect(posted.status == 200)
            let file = try reply.sealedFile(0, under: key)
            let ref = try #require(reply.files.first?.ref)
            let missing = try await bench.call(.GET, path + "/attachments/\(ref)", headers: headers)
            #expect(missing.status == 404)
            let uploaded = try await bench.call(
                .POST, path + "/attachments", headers: headers + [("ivBase64", file.iv)], body: Array(file.data.utf8))
            #expect(uploaded.status == 200 && uploaded.body == Array(ref.utf8))

            let (after, again) = try await referral(reference, bench)
            let comment = try #require(after["externalConversation"]?[0])
            #expect(comment["ref"]?.stringValue.map { Array($0.utf8) } == posted.body)
            #expect(try again.decryptJSON(try block(comment["encryptedMsg"]), at: "") == ["message": "Which side?"])
            #expect(reply.occurrences(in: after, under: again) == 1)
            let reference2 = try #require(AttachmentReference.find(ref, in: after))
            let served = try await bench.call(.GET, path + "/attachments/\(ref)", headers: headers).json
            let opened = try ReferralAttachment(
                opening: served, wrappedKey: reference2.wrappedKey, oneTimeKey: again, at: "")
            #expect(opened == ReferralAttachment(contentType: "text/plain", bytes: Array("invented".utf8)))
            let snapshot = try await bench.snapshot(reference)
            #expect(snapshot.messages.map(\.text) == ["Which side?"])
            #expect(snapshot.messages.first?.files.map(\.name) == ["answer.txt"])
        }
    }

    @Test("what is not encrypted with the referral's key, or not of a message, is refused and changes nothing")
    func refused() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "thin-1")
            let path = "/svc/v1/referrals/\(reference)"
            let (json, key) = try await referral(reference, bench)
            let foreign = try reply(reference).sealed(for: json, under: .random())
            var plain = try JSONValue(parsing: try reply(reference).sealed(for: json, under: key))
            var comment = try #require(plain["message"])
            comment["message"] = "Which side?"
            plain["message"] = comment
            for body in [foreign, plain.bytes(), Array("{}".utf8), Array("half".utf8)] {
                #expect(try await bench.call(.POST, path + "/messages", headers: headers, body: body).status == 400)
            }
            let iv = [("ivBase64", Data(InitializationVector.random()).base64EncodedString())]
            let file = Array("AAAAAAAAAAAAAAAAAAAAAA==".utf8)
            #expect(try await bench.call(.POST, path + "/attachments", headers: headers + iv, body: file).status == 400)
            #expect(try await bench.call(.POST, path + "/attachments", headers: headers, body: file).status == 400)
            #expect(try await bench.call(.POST, path + "/messages", body: foreign).status == 401)
            let other = [("siteNum", "4600"), ("siteKey", "other-key"), ("siteCredential", "other-credential")]
            let good = try reply(reference).sealed(for: json, under: key)
            #expect(try await bench.call(.POST, path + "/messages", headers: other, body: good).status == 403)
            #expect(try await bench.snapshot(reference).messages.isEmpty)
        }
    }

    @Test("a site's private key opens what was wrapped for it")
    func privateKey() async throws {
        try await Bench.run { configuration in
            configuration.sites[0].keyWrapping = .privateKey
        } _: { bench in
            let reference = try await bench.ocean.send(.backPain, to: "thin-1")
            let json = try await bench.call(.GET, "/svc/v1/referrals/\(reference)", headers: headers).json
            #expect(json["oneTimeKeyEncryptedWithSiteSEK"] == nil)
            let wrapped = try #require(json["oneTimeKeyEncryptedWithTargetPublicKey"]?.stringValue)
            let answer = try await bench.call(.GET, "/svc/v1/site/privateKey", headers: headers)
            let iv = try #require(answer.headers.first(name: "iv"))
            let keys = try SitePrivateKeys(
                opening: answer.body, iv: iv, keys: SharedEncryptionKeys(current: shared), at: "")
            let key = try keys.unwrap(wrapped, at: "")
            let data = try key.decryptJSON(try block(json["encryptedPtData"]), at: "")
            #expect(data["demographics"]?["surname"]?.stringValue?.isEmpty == false)
        }
    }

    @Test("an armed fault makes one answer undecipherable or broken, then it is whole again")
    func faults() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.attachments, to: "thin-1")
            let path = "/svc/v1/referrals/\(reference)"
            let keys = SharedEncryptionKeys(current: shared)
            // The bench's client would follow a redirect.
            for kind in OpenAPIFault.Kind.allCases where kind != .redirect {
                let fault: JSONValue = ["openApi": ["kind": .string(kind.rawValue)]]
                #expect(try await bench.call(.PUT, "/sandbox/api/faults", body: fault.bytes()).status == 200)
                let struck = try await bench.call(.GET, path, headers: headers)
                #expect(struck.status == 200)
                switch kind {
                case .wrongKey, .truncatedCiphertext, .badPadding:
                    let error = #expect(throws: TranslationError.self) {
                        try OceanJSONReader().read(struck.json, keys: keys)
                    }
                    #expect(error?.code == .undecipherable, "\(kind)")
                case .brokenBody, .errorPage, .redirect: #expect(struck.json == .null)
                }
                let whole = try await bench.call(.GET, path, headers: headers).json
                #expect(try OceanJSONReader().read(whole, keys: keys).0.patient != nil)
            }
            let (json, key) = try await referral(reference, bench)
            let file = try #require(json["attachments"]?[0])
            let ref = try #require(file["fileRef"]?.stringValue)
            for kind in [OpenAPIFault.Kind.wrongKey, .truncatedCiphertext, .badPadding] {
                let fault: JSONValue = ["openApi": ["kind": .string(kind.rawValue), "call": "attachment"]]
                #expect(try await bench.call(.PUT, "/sandbox/api/faults", body: fault.bytes()).status == 200)
                let struck = try await bench.call(.GET, path + "/attachments/\(ref)", headers: headers).json
                #expect(throws: TranslationError.self) {
                    try ReferralAttachment(
                        opening: struck, wrappedKey: file["encryptedEncryptionKey"], oneTimeKey: key, at: "")
                }
            }
        }
    }

    @Test("a posted message can fail before and after it is taken")
    func replyFaults() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "thin-1")
            let path = "/svc/v1/referrals/\(reference)/messages"
            let (json, key) = try await referral(reference, bench)
            let body = try reply(reference).sealed(for: json, under: key)
            for (plan, count) in [(["drop": true], 0), (["dropAnswer": true], 1)] as [(JSONValue, Int)] {
                let fault: JSONValue = ["replies": plan]
                #expect(try await bench.call(.PUT, "/sandbox/api/faults", body: fault.bytes()).status == 200)
                await #expect(throws: (any Error).self) {
                    try await bench.call(.POST, path, headers: headers, body: body)
                }
                #expect(try await bench.snapshot(reference).messages.count == count)
            }
        }
    }
}
