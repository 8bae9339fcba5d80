// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite("Keys and files that a referral of the Open API names")
struct WrappedReferralKeyTests {
    private let block: JSONValue = ["data": "AAAA", "iv": "BBBB"]

    @Test("the Shared Encryption Key comes before the private key; neither is said, too")
    func order() {
        let shared = WrappedReferralKey.shared(EncryptedBlock(data: "AAAA", iv: "BBBB"))
        let sek = "oneTimeKeyEncryptedWithSiteSEK"
        let rsa = "oneTimeKeyEncryptedWithTargetPublicKey"
        let cases: [([(String, JSONValue)], WrappedReferralKey)] = [
            ([(sek, block), (rsa, "CCCC")], shared), ([(sek, .null), (rsa, "CCCC")], .rsa("CCCC")),
            ([(rsa, "CCCC")], .rsa("CCCC")), ([(rsa, "")], .none), ([(rsa, 7)], .none), ([], .none),
            ([(sek, "text"), (rsa, "CCCC")], .malformed), ([(sek, ["data": "AAAA"])], .malformed),
        ]
        for (members, expected) in cases {
            let json = JSONValue.object(JSONObject(members.map { JSONMember(name: $0.0, value: $0.1) }))
            #expect(WrappedReferralKey(of: json) == expected)
        }
        #expect(WrappedReferralKey(of: .null) == .none)
    }

    @Test("a file is found among the referral's, its booking's and its messages'")
    func files() {
        func file(_ ref: JSONValue) -> JSONValue { ["fileRef": ref, "encryptedEncryptionKey": block] }
        let referral: JSONValue = [
            "attachments": [file("a"), 7], "bookingFileRefs": [file("b"), ["fileRef": "bare"]],
            "externalConversation": [["attachmentRefDtos": [file("c"), file(12)]], "text"],
            "internalConversation": [["attachmentRefDtos": [["fileRef": "d", "encryptedEncryptionKey": .null]]]],
        ]
        for ref in ["a", "b", "c", "12"] {
            #expect(
                AttachmentReference.find(ref, in: referral) == AttachmentReference(ref: ref, wrappedKey: block),
                "\(ref)")
        }
        for ref in ["bare", "d"] {
            #expect(AttachmentReference.find(ref, in: referral) == AttachmentReference(ref: ref, wrappedKey: nil))
        }
        #expect(AttachmentReference.find("e", in: referral) == nil)
        #expect(AttachmentReference.find("a", in: .null) == nil)
    }

    @Test("a file without a key of its own opens with the referral's")
    func withoutKey() throws {
        let key = OneTimeKey.random()
        let served = try ReferralAttachment(contentType: "text/plain", bytes: [1, 2, 3])
            .sealed(with: key, iv: InitializationVector.random())
        let opened = try ReferralAttachment(opening: served, wrappedKey: nil, oneTimeKey: key, at: "")
        #expect(opened.bytes == [1, 2, 3])
    }

    @Test("the generic error names the settings of the site, and another error stays as it is")
    func naming() {
        let error = TranslationError.undecipherable(at: "/x").naming(site: "1234")
        #expect(error.message.contains("sites.1234.openApi.sharedEncryptionKey"))
        #expect(error.message.contains("sites.1234.openApi.previousSharedEncryptionKey"))
        #expect(!error.message.contains("*") && error.place == "/x")
        let plain = TranslationError(.invalid, "sites.*")
        #expect(plain.naming(site: "1").message == "sites.*")
    }

    @Test("a referral is read with a key that was unwrapped another way")
    func given() throws {
        let key = OneTimeKey.random()
        let json: JSONValue = [
            "referralRef": "r",
            "encryptedPtData": try key.encrypt(json: ["demographics": ["surname": "Testcase"]]).json,
            "oneTimeKeyEncryptedWithTargetPublicKey": "AAAA",
        ]
        let (referral, _) = try OceanJSONReader().read(json, keys: nil, oneTimeKey: key)
        #expect(referral.patient?.names.first?.family == "Testcase")
        let reader = OceanInboundReader(bundleReader: { (_, _, _) throws(TranslationError) in
            throw TranslationError(.unknownFormat, "no bundles here")
        })
        guard
            case .message(let message) = reader.read(
                json.bytes(), mediaType: "application/json", site: "1234", oneTimeKey: key)
        else {
            Issue.record("the referral was not read")
            return
        }
        #expect(message.canonical.referral?.patient != nil)
    }

    @Test("the fingerprint of the rest does not change when a file's key is wrapped anew")
    func rewrapped() throws {
        func referral(_ iv: JSONValue) -> Referral {
            var file = Document()
            file.ref = "f"
            file.encryptedKey = ["data": "AAAA", "iv": iv]
            var referral = Referral()
            referral.ref = "r"
            referral.documents = [file]
            return referral
        }
        #expect(ChangeFingerprint.changes(in: referral("BBBB"), since: referral("CCCC")).isEmpty)
    }
}
