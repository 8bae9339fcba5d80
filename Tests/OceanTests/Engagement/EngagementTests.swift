// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite("Patient engagement")
struct EngagementTests {
    private let site = SharedEncryptionKey(text: "Bridge#2025aBcD!")

    private func event(_ name: String) throws -> InboundMessage {
        let bytes = try Fixture.bytes("patient-engagement/\(name).json")
        return try EngagementEventReader.read(JSONValue(parsing: bytes), bytes: bytes, mediaType: "application/json")
    }

    private func content(
        _ json: JSONValue, signedBytes: Bool = false, noteID: String? = nil, external: String? = nil
    ) throws -> EncryptedContent {
        let key = OneTimeKey.random()
        let wrapped = try site.wrap(key)
        let block = try key.encrypt(json: json)
        let ciphertext = try #require(EncryptedBody.ciphertext(Array(block.data.utf8)))
        return EncryptedContent(
            oneTimeKey: wrapped.data, oneTimeKeyIV: wrapped.iv, iv: block.iv,
            body: signedBytes ? EncryptedBody.signedBytes(of: ciphertext) : Array("\"\(block.data)\"".utf8),
            noteID: noteID, externalPatientRef: external)
    }

    private let patient: JSONValue = [
        "ref": "690", "siteNum": 4821, "reasonForVisit": "Intake",
        "demographics": ["firstName": "Zoé", "surname": "Testpatient", "birthDate": "1980-02-29", "comments": "none"],
        "cpp": ["allg": ["items": [["key": "a1", "desc": "Penicillin"]]]], "results": [],
        "ptUpdate": ["completedForms": ["old": ["x": "y"]]],
    ]
    private let note: JSONValue = [
        "progressNote": ["title": "Intake", "text": "Feels well", "noteType": "INTAKE"],
        "completedForms": ["f1": ["smoker": "no", "packs": .null]],
        "formMetadata": ["f1": ["packs": ["hidden": true]]], "emrFieldUpdates": ["phone": "613-555-0100"],
        "later": "addition",
    ]

    @Test("a form completion is a thin message with references only")
    func formsCompletion() throws {
        let message = try event("forms-completion")
        #expect(message.type == .formCompleted)
        #expect(message.subject == "patient-4821-690")
        #expect(message.time == nil)
        #expect(
            message.attributes
                == MessageAttributes(
                    site: "4821", event: "notify-patient-message-forms-completion", dialect: "patient-engagement"))
        #expect(message.canonical.event.thin)
        #expect(message.canonical.engagement?.sessionID == "1770128215187t415674")
        #expect(message.canonical.engagement?.completionSource == "PORTAL")
        #expect(message.canonical.engagement?.unmapped == [])
        #expect(message.canonical.original.sha256.utf8.count == 64)
    }

    @Test(
        "every event is read and every leaf accounted for",
        arguments: [
            ("forms-completion", MessageType.formCompleted), ("note-added", .noteAdded),
            ("changelist-object", .noteAdded), ("no-session", .formCompleted), ("unknown-type", .unknown),
        ])
    func events(name: String, type: MessageType) throws {
        let message = try event(name)
        #expect(message.type == type)
        let json = try JSONValue(parsing: Fixture.bytes("patient-engagement/\(name).json"))
        #expect(message.ledger.entries.map(\.source).sorted() == leaves(json).sorted())
    }

    @Test("what an event says of changes and users is kept")
    func changes() throws {
        let engagement = try #require(try event("changelist-object").canonical.engagement)
        #expect(engagement.patientRef == "692" && engagement.site == "4821")
        #expect(Set(engagement.unmapped.map(\.path)) == ["/changeList", "/user", "/customProperties/kiosk"])
        #expect(try event("no-session").canonical.engagement?.sessionID == nil)
    }

    @Test(
        "an event that cannot be placed is an error",
        arguments: [
            (["type": "notify-patient-x", "siteNum": "1"] as JSONValue, TranslationError.Code.noReference),
            (["type": "notify-patient-x", "ref": "1"] as JSONValue, .invalid),
            (["type": "notify-patient-x", "ref": "a b", "siteNum": "1"] as JSONValue, .noReference),
            (["ref": "1", "siteNum": "1"] as JSONValue, .unknownFormat), (.array([]), .unknownFormat),
        ])
    func misplaced(json: JSONValue, code: TranslationError.Code) {
        let error = #expect(throws: TranslationError.self) {
            try EngagementEventReader.read(json, bytes: json.bytes(), mediaType: "application/json")
        }
        #expect(error?.code == code)
    }

    @Test("patient and note are decrypted and joined to the event", arguments: [false, true])
    func completed(signedBytes: Bool) throws {
        let thin = try event("forms-completion").canonical
        let (canonical, ledger) = try EngagementContentReader.read(
            patient: content(patient, signedBytes: signedBytes, external: "CH-1"),
            note: content(note, signedBytes: signedBytes, noteID: "n-7"),
            keys: SharedEncryptionKeys(current: site), into: thin)
        let engagement = try #require(canonical.engagement)
        #expect(!canonical.event.thin)
        #expect(canonical.original == thin.original)
        #expect(engagement.noteID == "n-7" && engagement.externalPatientRef == "CH-1")
        #expect(engagement.patient?.names.first?.family == "Testpatient")
        #expect(engagement.patient?.chartNumber == "CH-1")
        #expect(engagement.note?.text == "Feels well" && engagement.note?.type == "INTAKE")
        #expect(engagement.forms.map(\.ref) == ["f1"])
        #expect(engagement.forms.first?.items.map(\.hidden) == [false, true])
        #expect(engagement.fieldUpdates == ["phone": "613-555-0100"])
        #expect(engagement.profile?.allergies == [ProfileItem(key: "a1", text: "Penicillin")])
        #expect(engagement.reasonForVisit == "Intake")
        #expect(engagement.unavailable.isEmpty)
        #expect(
            Set(engagement.unmapped.map(\.path)) == [
                "/note/later", "/patient/demographics/comments", "/patient/ptUpdate",
            ])
        let expected = leaves(patient, at: "/patient") + leaves(note, at: "/note")
        #expect(ledger.entries.map(\.source).sorted() == expected.sorted())
    }

    @Test("without a note the patient's own update is taken")
    func withoutNote() throws {
        let (canonical, _) = try EngagementContentReader.read(
            patient: content(patient), note: nil, keys: SharedEncryptionKeys(current: site),
            into: event("forms-completion").canonical)
        #expect(canonical.engagement?.forms.map(\.ref) == ["old"])
        #expect(canonical.engagement?.noteID == nil)
        #expect(canonical.engagement?.unavailable == ["note"])
        #expect(canonical.event.thin == false)
    }

    @Test("another patient's or site's content is refused", arguments: ["ref", "siteNum"])
    func otherPatient(member: String) throws {
        var other = patient
        other[member] = "999"
        let encrypted = try content(other)
        let thin = try event("forms-completion").canonical
        let error = #expect(throws: TranslationError.self) {
            try EngagementContentReader.read(
                patient: encrypted, note: nil, keys: SharedEncryptionKeys(current: site), into: thin)
        }
        #expect(error?.code == .invalid && error?.place == "/patient/\(member)")
        #expect(error?.description.contains("999") == false)
    }

    @Test("a wrong key, damaged ciphertext and content that is no object are one error")
    func undecipherable() throws {
        let thin = try event("forms-completion").canonical
        let good = try content(patient)
        let wrong = SharedEncryptionKeys(current: SharedEncryptionKey(text: "Other#2026aBcD!!"))
        let right = SharedEncryptionKeys(current: site)
        let damaged = EncryptedContent(
            oneTimeKey: good.oneTimeKey, oneTimeKeyIV: good.oneTimeKeyIV, iv: good.iv,
            body: Array(good.body.dropFirst(9)))
        let text = try content("just a text")
        for (content, keys) in [(good, wrong), (damaged, right), (text, right)] {
            let error = #expect(throws: TranslationError.self) {
                try EngagementContentReader.read(patient: content, note: nil, keys: keys, into: thin)
            }
            #expect(error?.code == .undecipherable && error?.place == "/patient")
        }
    }

    @Test("hospital systems get the completed event in Ocean's member names")
    func written() throws {
        let (canonical, _) = try EngagementContentReader.read(
            patient: content(patient), note: content(note, noteID: "n-7"), keys: SharedEncryptionKeys(current: site),
            into: event("forms-completion").canonical)
        let message = Message(
            id: "1", source: "/ocean/forms", type: .formCompleted, subject: "patient-4821-690",
            time: Timestamp(milliseconds: 0), body: [])
        let translated = try OceanJSONWriter().write(message, canonical)
        let json = try JSONValue(parsing: translated.body)
        #expect(json["ref"] == "690" && json["siteNum"] == "4821")
        #expect(json["type"] == "notify-patient-message-forms-completion")
        #expect(json["ptUpdate"]?["progressNote"] == ["title": "Intake", "text": "Feels well", "noteType": "INTAKE"])
        #expect(json["ptUpdate"]?["completedForms"] == ["f1": ["smoker": "no", "packs": .null]])
        #expect(json["ptUpdate"]?["formMetadata"] == ["f1": ["packs": ["hidden": true]]])
        #expect(json["demographics"]?["surname"] == "Testpatient")
        #expect(json["demographics"]?["comments"] == "none")
        #expect(json["ptUpdate"]?["emrFieldUpdates"] == ["phone": "613-555-0100"])
        #expect(json["ptUpdate"]?["later"] == "addition")
        #expect(json["ptUpdate_original"]?["completedForms"] == ["old": ["x": "y"]])
        #expect(json["cpp"] == ["allg": ["items": [["key": "a1", "desc": "Penicillin"]]]])
        #expect(json["customProperties"]?["oceanSessionId"] == "1770128215187t415674")
        let engagement = try #require(canonical.engagement)
        #expect(translated.ledger.entries.map(\.source) == leaves(engagement.json, at: "/engagement"))
        #expect(translated.ledger.count(.dropped) == 0)
    }

    @Test("a message with neither referral nor event has no form in Ocean JSON")
    func unsupported() {
        let message = Message(
            id: "1", source: "/ocean/x", type: .unknown, subject: nil, time: Timestamp(milliseconds: 0), body: [])
        let error = #expect(throws: TranslationError.self) {
            try OceanJSONWriter().write(message, CanonicalMessage())
        }
        #expect(error?.code == .unsupported)
    }
}
