// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite("Encrypted Ocean JSON")
struct OceanJSONEncryptionTests {
    private let key = SharedEncryptionKey(text: "Bridge#2025aBcD!")
    private let other = SharedEncryptionKey(text: "Other#2026aBcD!!")
    private let oneTime = (0xA0...0xAF).map { UInt8($0) }

    private func sealing(_ keys: SharedEncryptionKeys? = nil, seed: UInt8 = 1) throws -> ReferralSealing {
        ReferralSealing(
            keys: keys ?? SharedEncryptionKeys(current: key), oneTimeKey: try #require(OneTimeKey(bytes: oneTime)),
            seed: Array(repeating: seed, count: 32))
    }

    private func fixture() throws -> JSONValue {
        try JSONValue(parsing: Fixture.bytes("ocean-json/referral-encrypted.json"))
    }

    @Test(
        "an encrypted referral comes back with the key, and shows nothing of the patient without it", arguments: 0..<8)
    func roundTrip(block: Int) throws {
        let keys = SharedEncryptionKeys(current: other, previous: key)
        var source = ReferralSource(seed: 500 + block)
        for seed in 0..<50 {
            var referral = source.referral()
            // Bytes are compared below: their base64 may be spelled in more ways than one.
            for index in referral.documents.indices { Self.strip(&referral.documents[index]) }
            for index in referral.communications.indices {
                for file in referral.communications[index].documents.indices {
                    Self.strip(&referral.communications[index].documents[file])
                }
            }
            let (json, ledger) = try OceanJSONWriter(sealing: sealing()).write(referral)
            for entry in ledger.entries where entry.disposition == .kept {
                #expect(json.value(at: try JSONPointer(entry.target)) != nil, "seed \(seed): \(entry.target)")
            }
            var (read, _) = try OceanJSONReader().read(json, keys: keys)
            #expect(read.unmapped.map(\.path) == ["/oneTimeKeyEncryptedWithSiteSEK"])
            read.unmapped = []
            let held = HeldReferral(source: referral).referral()
            try #require(
                read == held, "seed \(seed): \(OceanJSONRoundTripTests.difference(read.json, held.json))")

            let (closed, _) = try OceanJSONReader().read(json, keys: nil)
            #expect(closed.patient == nil && closed.forms.isEmpty && closed.notes.isEmpty)
            #expect(closed.communications.allSatisfy { $0.text == nil })
            #expect((closed.documents + closed.communications.flatMap(\.documents)).allSatisfy { $0.title == nil })
        }
    }

    private static func strip(_ document: inout Document) {
        document.data = nil
        document.encryptedKey = nil
    }

    @Test("the same sealing gives the same bytes, another seed others; no initialization vector is used twice")
    func repeatable() throws {
        var source = ReferralSource(seed: 4)
        let referral = source.referral()
        let (first, _) = try OceanJSONWriter(sealing: sealing()).write(referral)
        #expect(try OceanJSONWriter(sealing: sealing()).write(referral).0 == first)
        #expect(try OceanJSONWriter(sealing: sealing(seed: 2)).write(referral).0 != first)
        var longer = referral
        longer.bookingComments = "changed"
        longer.notes.append(Note())
        let (second, _) = try OceanJSONWriter(sealing: sealing()).write(longer)
        #expect(first["encryptedPtData"]?["iv"] != second["encryptedPtData"]?["iv"])
        let vectors = leaves(first).filter { $0.hasSuffix("/iv") }.compactMap { place in
            (try? JSONPointer(place)).flatMap { first.value(at: $0)?.stringValue }
        }
        #expect(vectors.count > 1 && Set(vectors).count == vectors.count)
    }

    @Test("a referral that came encrypted keeps its one-time key, and with it keys of files and wrapped keys")
    func keepsKey() throws {
        let json = try fixture()
        let keys = SharedEncryptionKeys(current: key)
        let (referral, _) = try OceanJSONReader().read(json, keys: keys)
        let (written, ledger) = try OceanJSONWriter(sealing: sealing(keys)).write(referral)
        #expect(ledger.count(.dropped) == 0)
        for member in [
            "/oneTimeKeyEncryptedWithSiteSEK", "/oneTimeKeyEncryptedWithTargetPublicKey",
            "/bookingFileRefs/0/encryptedEncryptionKey", "/bookingFileRefs/0/fileName", "/bookingFileRefs/0/fileRef",
        ] {
            let pointer = try JSONPointer(member)
            #expect(written.value(at: pointer) == json.value(at: pointer), "\(member)")
        }
        #expect(written["ptData"] == nil && !written.text().contains("Testpatient"))
        let (again, _) = try OceanJSONReader().read(written, keys: keys)
        #expect(again == referral)
    }

    @Test("with other keys the referral gets a new one-time key; what hung on the old one is named as dropped")
    func newKey() throws {
        let (referral, _) = try OceanJSONReader().read(fixture(), keys: SharedEncryptionKeys(current: key))
        let keys = SharedEncryptionKeys(current: other)
        let (written, ledger) = try OceanJSONWriter(sealing: sealing(keys)).write(referral)
        let lost = Set(ledger.entries.filter { $0.disposition == .dropped }.map(\.source))
        #expect(lost.contains { $0.hasPrefix("/referral/documents/0/encryptedKey/") })
        #expect(lost.filter { $0.hasPrefix("/referral/unmapped/") }.count == 5)
        let (read, _) = try OceanJSONReader().read(written, keys: keys)
        #expect(read.patient == referral.patient && read.communications == referral.communications)
    }

    @Test("small files travel under a key of their own")
    func inlineFile() throws {
        var referral = Referral()
        referral.ref = "r-1"
        var document = Document()
        document.ref = "f-1"
        document.title = "Zoé Testpatient.txt"
        document.data = "aGVsbG8="
        var broken = document
        broken.data = "not base64!"
        var message = Communication()
        message.text = "see file"
        message.documents = [document]
        referral.documents = [document, broken]
        referral.communications = [message]
        let (json, ledger) = try OceanJSONWriter(sealing: sealing()).write(referral)
        for secret in ["Testpatient", "aGVsbG8=", "see file", "base64!"] { #expect(!json.text().contains(secret)) }
        #expect(
            ledger.entries.filter { $0.disposition == .dropped }.map(\.source) == ["/referral/documents/1/data"])
        let (read, _) = try OceanJSONReader().read(json, keys: SharedEncryptionKeys(current: key))
        #expect(read.documents.map(\.data) == ["aGVsbG8=", nil])
        #expect(read.documents.map(\.title) == [document.title, document.title])
        #expect(read.communications.first?.documents.first?.data == "aGVsbG8=")
        #expect(json.value(at: try JSONPointer("/attachments/0/encryptedEncryptionKey/data")) != nil)
        let (closed, _) = try OceanJSONReader().read(json, keys: nil)
        #expect(closed.documents.allSatisfy { $0.data == nil && $0.title == nil })
    }

    @Test("members beside the text of an encrypted message come back in both forms")
    func messageData() throws {
        let block = try #require(OneTimeKey(bytes: oneTime)).encrypt(
            json: ["message": "Hello", "html": "<b>Hello</b>"], iv: oneTime)
        let wrapped = try key.wrap(try #require(OneTimeKey(bytes: oneTime)), iv: oneTime)
        let json: JSONValue = [
            "referralRef": "r-1", "oneTimeKeyEncryptedWithSiteSEK": wrapped.json,
            "externalConversation": [["ref": "m-1", "message": "(encrypted)", "encryptedMsg": block.json]],
        ]
        let keys = SharedEncryptionKeys(current: key)
        let (referral, _) = try OceanJSONReader().read(json, keys: keys)
        #expect(referral.communications.map(\.text) == ["Hello"])
        let (clear, ledger) = try OceanJSONWriter().write(referral)
        #expect(ledger.count(.dropped) == 0)
        let comment = try #require(clear["externalConversation"]?[0])
        #expect(comment["message"] == "Hello" && comment["message_original"] == "(encrypted)")
        #expect(comment["msgData"] == ["html": "<b>Hello</b>"])
        #expect(try OceanJSONReader().read(clear, keys: keys).0.communications == referral.communications)
        let (sealed, _) = try OceanJSONWriter(sealing: sealing()).write(referral)
        #expect(sealed["externalConversation"]?[0]?["message"] == "(encrypted)")
        #expect(!sealed.text().contains("Hello"))
        #expect(try OceanJSONReader().read(sealed, keys: keys).0 == referral)
    }

    @Test("an attachment as Ocean serves it opens with the referral's key")
    func attachment() throws {
        let oneTimeKey = try #require(OneTimeKey(bytes: oneTime))
        let fileKey = try #require(OneTimeKey(bytes: Array(oneTime.reversed())))
        let wrapped = try oneTimeKey.encrypt(fileKey.bytes, iv: oneTime).json
        let file = ReferralAttachment(contentType: "text/plain", bytes: Array("hello".utf8))
        let json = try file.sealed(with: fileKey, iv: oneTime)
        #expect(
            try ReferralAttachment(opening: json, wrappedKey: wrapped, oneTimeKey: oneTimeKey, at: "/a") == file)
        let cases: [(JSONValue, JSONValue?, OneTimeKey)] = [
            (json, nil, oneTimeKey), (json, wrapped, fileKey), (json, ["data": "AAAA", "iv": "x"], oneTimeKey),
            (["encryptedData": "x"], wrapped, oneTimeKey),
            (["encryptedData": ["data": "AAAAAAAAAAAAAAAAAAAAAA==", "iv": "AAAA"]], wrapped, oneTimeKey),
        ]
        for (json, wrapped, oneTimeKey) in cases {
            let error = #expect(throws: TranslationError.self) {
                try ReferralAttachment(opening: json, wrappedKey: wrapped, oneTimeKey: oneTimeKey, at: "/a")
            }
            #expect(error?.description == TranslationError.undecipherable(at: "/a").description)
        }
        let error = #expect(throws: TranslationError.self) {
            try ReferralAttachment(opening: [], wrappedKey: wrapped, oneTimeKey: oneTimeKey, at: "/a")
        }
        #expect(error?.code == .unknownFormat)
    }

    /// Damage to each encrypted part: cut short, not base64, a wrong vector, of another kind.
    @Test(
        "a damaged part is one generic refusal with its place; only patient data makes the whole referral unreadable",
        arguments: [
            "/encryptedPtData", "/oneTimeKeyEncryptedWithSiteSEK", "/externalConversation/0/encryptedMsg",
            "/bookingFileRefs/0/encryptedFileName",
        ])
    func damaged(place: String) throws {
        let keys = SharedEncryptionKeys(current: key)
        let pointer = try JSONPointer(place)
        let block = try #require(try fixture().value(at: pointer))
        let data = try #require(block["data"]?.stringValue)
        let iv = block["iv"] ?? .null
        let damages: [JSONValue] = [
            ["data": .string(String(data.dropLast(4))), "iv": iv],
            ["data": .string(String(data.dropLast(1))), "iv": iv],
            ["data": "", "iv": iv], ["data": "%%%", "iv": iv], ["data": .string(data), "iv": "AAAA"],
            ["data": "AAAAAAAAAAAAAAAAAAAAAA==", "iv": iv], ["data": .string(data)], [1], "x", 7, true,
            ["data": 1, "iv": iv],
        ]
        var told: Set<String> = []
        for damage in damages {
            var json = try fixture()
            _ = json.set(damage, at: pointer)
            do throws(TranslationError) {
                let (_, ledger) = try OceanJSONReader().read(json, keys: keys)
                let refused = ledger.entries.filter { $0.disposition == .refused }
                #expect(!refused.isEmpty && refused.allSatisfy { $0.source.hasPrefix(place) })
                told.formUnion(refused.compactMap(\.note))
            } catch {
                #expect(error.code == .undecipherable && error.place == place)
                told.insert(error.message)
            }
        }
        #expect(told.count == 1, "\(told)")
    }

    @Test("a key that does not open is refused, and what hangs on it stays encrypted")
    func wrongKeyWithoutPatientData() throws {
        var json = try fixture()
        json["encryptedPtData"] = nil
        let (referral, ledger) = try OceanJSONReader().read(json, keys: SharedEncryptionKeys(current: other))
        #expect(
            ledger.entries.filter { $0.disposition == .refused }.map(\.source) == [
                "/oneTimeKeyEncryptedWithSiteSEK/data", "/oneTimeKeyEncryptedWithSiteSEK/iv",
            ])
        #expect(referral.communications.map(\.text) == [nil])
        #expect(referral.unmapped.contains { $0.path == "/externalConversation/0/encryptedMsg" })
    }
}
