// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite("Ocean JSON referrals")
struct OceanJSONReaderTests {
    private func fixture(_ name: String) throws -> JSONValue { try JSONValue(parsing: Fixture.bytes(name)) }

    private func read(_ name: String, keys: SharedEncryptionKeys? = nil) throws -> (Referral, Ledger) {
        try OceanJSONReader().read(fixture(name), keys: keys)
    }

    @Test("a decrypted referral is read whole")
    func decrypted() throws {
        let (referral, _) = try read("ocean-json/referral-decrypted.json")
        #expect(referral.ref == "5b1d2c7e-8a44-4f5b-9d3e-0c6a7e21f001")
        #expect(referral.kind == .referral)
        #expect(referral.status == .accepted && referral.statusText == "Pending Booking")
        #expect(referral.created == "2026-02-03T09:14:22.105-05:00")
        #expect(referral.sent == "2026-02-03T14:16:55.000Z")
        #expect(referral.modified == "2026-02-03T14:20:01.000+00:00")
        #expect(referral.receiver?.service == "cardiology-echo")
        #expect(referral.links?.senderRef == "EMR-99812" && referral.links?.receiverRef == nil)
        #expect(referral.requester?.licence == "76543")
        #expect(referral.requester?.addresses.first?.line == ["14 Harbour Street"])
        #expect(referral.requester?.telecom.map(\.system) == ["phone", "fax", "email", "url"])
        let patient = try #require(referral.patient)
        #expect(patient.names.map(\.use) == [nil, "nickname", "maiden"])
        #expect(patient.names.first?.given == ["Zoé", "Annelise"])
        #expect(patient.gender == "female" && patient.birthDate == "1980-02-29")
        #expect(patient.healthNumber?.versionCode == "AB")
        #expect(patient.identifiers.map(\.value) == ["9999999990", "CH-20417", "U-778"])
        #expect(patient.telecom.map(\.value) == ["613-555-0177", "zoe@testpatient.example", "613-555-0188"])
        #expect(patient.familyDoctor?.name?.text == "Dr. Imre Vandoorn")
        #expect(referral.notes.map(\.text) == ["<p>Reports dyspnoea</p>"])
        #expect(referral.notes.map(\.plainText) == ["Reports dyspnoea"])
        let items = try #require(referral.forms.first).items
        #expect(items.map(\.linkID) == ["smoker", "packs", "symptoms", "age"])
        #expect(items.map(\.answers) == [["no"], [], ["dyspnoea", "fatigue"], [45]])
        #expect(items.map(\.hidden) == [false, true, false, false])
        #expect(
            Set(referral.unmapped.map(\.path)) == [
                "/completionState", "/ptData/ref", "/ptData/reasonForVisit", "/ptData/cpp",
                "/ptData/demographics/approxAgeInDays", "/ptData/demographics/preferredPharmacy",
                "/ptData/demographics/emailConsent", "/ptData/demographics/customFields",
                "/ptData/ptUpdate/progressNote/title", "/ptData/ptUpdate/progressNote/noteType",
            ])
    }

    @Test("appointments, messages and files are read")
    func eventful() throws {
        let (referral, _) = try read("ocean-json/referral-eventful.json")
        #expect(referral.kind == .consult && referral.status == .booked)
        #expect(referral.appointments.map(\.waitTimeMilestone) == ["wait-1a", "wait-2", nil, nil])
        #expect(
            referral.appointments.map(\.start) == ["2026-03-02T09:30:00-05:00", "2026-03-31", nil, "2026-04-01"])
        #expect(referral.communications.map(\.direction) == [.fromProvider, .fromRequester, .fromProvider])
        #expect(referral.communications.map(\.internalOnly) == [false, false, true])
        #expect(referral.communications.first?.consultMinutes == 12)
        #expect(referral.communications.first?.documents.first?.encryptedKey?["iv"] != nil)
        #expect(referral.documents.map(\.ref) == ["f-1"] && referral.documents.map(\.kind) == [.booking])
        #expect(referral.unmapped.contains { $0.path == "/appointments/2/date" && $0.value == "soon" })
        #expect(referral.unmapped.contains { $0.path == "/externalConversation/0/userName" })
    }

    @Test(
        "every leaf of a fixture stands in the ledger once",
        arguments: ["referral-decrypted", "referral-eventful", "referral-encrypted"])
    func ledger(name: String) throws {
        let json = try fixture("ocean-json/\(name).json")
        let (_, ledger) = try OceanJSONReader().read(json, keys: nil)
        #expect(ledger.entries.map(\.source).sorted() == leaves(json).sorted())
    }

    @Test("the encrypted fixture opens with the site's key, current or previous")
    func encryptedFixture() throws {
        let key = SharedEncryptionKey(text: "Bridge#2025aBcD!")
        let other = SharedEncryptionKey(text: "Other#2026aBcD!!")
        for keys in [SharedEncryptionKeys(current: key), SharedEncryptionKeys(current: other, previous: key)] {
            let (referral, ledger) = try read("ocean-json/referral-encrypted.json", keys: keys)
            #expect(referral.patient?.names.first?.family == "Testpatient")
            #expect(referral.communications.map(\.text) == ["Is the patient on anticoagulants?"])
            #expect(referral.documents.map(\.title) == ["Zoé Testpatient echo.pdf"])
            #expect(ledger.entries.contains { $0.source == "/encryptedPtData/iv" && $0.target == "/referral/patient" })
        }
    }

    @Test("a wrong key is one error that names the place only")
    func wrongKey() throws {
        let error = #expect(throws: TranslationError.self) {
            try read(
                "ocean-json/referral-encrypted.json",
                keys: SharedEncryptionKeys(current: SharedEncryptionKey(text: "Other#2026aBcD!!")))
        }
        #expect(error?.code == .undecipherable)
        #expect(error?.place == "/oneTimeKeyEncryptedWithSiteSEK")
        #expect(error?.disposition == .reject)
    }

    @Test("a message that does not open is refused and kept, the rest is read")
    func brokenMessage() throws {
        let key = SharedEncryptionKey(text: "Bridge#2025aBcD!")
        var json = try fixture("ocean-json/referral-encrypted.json")
        let place = try JSONPointer("/externalConversation/0/encryptedMsg/data")
        try #require(json.value(at: place) != nil)
        _ = json.set("AAAA", at: place)
        let (referral, ledger) = try OceanJSONReader().read(json, keys: SharedEncryptionKeys(current: key))
        #expect(referral.patient != nil)
        #expect(referral.communications.map(\.text) == [nil])
        #expect(ledger.count(.refused) == 2)
        #expect(referral.unmapped.contains { $0.path == "/externalConversation/0/encryptedMsg" })
    }

    @Test("a referral whose key is wrapped with RSA only keeps its patient data encrypted")
    func onlyRSA() throws {
        var json = try fixture("ocean-json/referral-encrypted.json")
        json["oneTimeKeyEncryptedWithSiteSEK"] = nil
        json["oneTimeKeyEncryptedWithTargetPublicKey"] = "QUJD"
        let keys = SharedEncryptionKeys(current: SharedEncryptionKey(text: "Bridge#2025aBcD!"))
        let (referral, _) = try OceanJSONReader().read(json, keys: keys)
        #expect(referral.patient == nil)
        #expect(referral.unmapped.contains { $0.path == "/encryptedPtData" })
    }

    @Test("a referral without a usable reference is refused", arguments: ["", "has space", "semi;colon", "☃"])
    func noReference(ref: String) {
        let error = #expect(throws: TranslationError.self) {
            try OceanJSONReader().read(["referralRef": .string(ref), "status": "NEW"], keys: nil)
        }
        #expect(error?.code == .noReference)
        #expect(error?.place == "/referralRef")
    }

    @Test("members of another kind are kept as they are")
    func otherKinds() throws {
        let json: JSONValue = [
            "referralRef": 12, "status": ["a"], "services": "one", "master": "yes", "creationDate": "soon",
            "referrer": "Dr. X", "appointments": [1], "externalConversation": [:], "ptData": [], "siteNum": true,
            "communicationType": "CARRIER_PIGEON", "description": "",
        ]
        let (referral, ledger) = try OceanJSONReader().read(json, keys: nil)
        #expect(referral.ref == "12")
        #expect(referral.description == nil)
        #expect(referral.unmapped.count == 8)
        #expect(ledger.entries.map(\.source).sorted() == leaves(json).sorted())
    }

    @Test(
        "dates are read as ISO text or milliseconds",
        arguments: [
            ("\"2026-02-03\"", "2026-02-03"), ("1770128215123", "2026-02-03T14:16:55.123Z"),
            ("\"1770128215123\"", "2026-02-03T14:16:55.123Z"), ("-1000", "1969-12-31T23:59:59.000Z"),
            ("\"2026-02-03T09:14:22-0500\"", "2026-02-03T09:14:22-05:00"),
            ("\"2026-02-03T09:14:22\"", "2026-02-03T09:14:22"),
            ("\"2026-02-03 09:14:22-05:00\"", "2026-02-03T09:14:22-05:00"),
            ("\"2026-02-03t09:14:22z\"", "2026-02-03T09:14:22Z"), ("\"-86400000000\"", "1967-04-07T00:00:00.000Z"),
            ("1.770128215123E12", "2026-02-03T14:16:55.123Z"), ("\"2026-02\"", "2026-02"), ("\"2026\"", "2026"),
            ("\"20260203\"", nil), ("\"2026-13\"", nil), ("\"2026-02-03T25:00:00Z\"", nil), ("\"\"", nil),
            ("\"2026-02-03T09:14:22 -05:00\"", nil), ("[2026,2,3]", nil), ("\"2026-02-30\"", nil),
            ("\"yesterday\"", nil),
            ("1e30", nil), ("99999999999999999", nil), ("1.5", nil), ("true", nil),
        ] as [(String, String?)])
    func dates(json: String, expected: String?) throws {
        #expect(try OceanDate.text(JSONValue(parsing: json)) == expected)
    }

    @Test("a status word is read whatever its spelling, an unknown one is kept")
    func statusWords() {
        let map = StatusMap.assumedDefault
        #expect(map.status(of: "pending booking") == .accepted)
        #expect(map.status(of: "Pending_Booking") == .accepted)
        #expect(map.status(of: "something else") == .unknown)
        #expect(map.word(for: .received) == "SENT")
        #expect(map.name == "assumed-open-ereferral-v1")
        let own = StatusMap(name: "site", rows: [("VU", .accepted)])
        #expect(own.status(of: "vu") == .accepted && own.word(for: .booked) == nil)
    }
}
