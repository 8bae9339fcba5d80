// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FHIR
import JSON
import Testing

@testable import Ocean

@Suite("The patient's profile")
struct ProfileTests {
    static let keys = SharedEncryptionKeys(current: SharedEncryptionKey(text: "Bridge#2025aBcD!"))

    static func sealed(_ json: JSONValue, noteID: String? = nil, external: String? = nil) throws -> EncryptedContent {
        let key = OneTimeKey.random()
        let wrapped = try keys.current.wrap(key)
        let block = try key.encrypt(json: json)
        return EncryptedContent(
            oneTimeKey: wrapped.data, oneTimeKeyIV: wrapped.iv, iv: block.iv, body: Array(block.data.utf8),
            noteID: noteID, externalPatientRef: external)
    }

    static func thin() throws -> CanonicalMessage {
        let bytes = try Fixture.bytes("patient-engagement/forms-completion.json")
        return try EngagementEventReader.read(
            JSONValue(parsing: bytes), bytes: bytes, mediaType: "application/json"
        ).canonical
    }

    static func content(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Fixture.bytes("patient-content/\(name).json"))
    }

    static func completed() throws -> CanonicalMessage {
        var (canonical, _) = try EngagementContentReader.read(
            patient: sealed(content("patient"), external: "CH-0042"), note: sealed(content("note"), noteID: "n-7"),
            keys: keys, into: thin())
        canonical.engagement?.matched = ReferralMatch(
            referral: "2b5bde4e-1b2a-4a3f-9d53-0d5f2b1d6a11", by: .healthNumber, candidates: 2)
        return canonical
    }

    static let message = Message(
        id: "0190a6e0-0000-7000-8000-000000000001", source: "/ocean/forms", type: .formCompleted,
        subject: "patient-4821-690", time: Timestamp(milliseconds: 1_717_243_200_000), body: [])

    @Test("every section, result and visit field has its place in the canonical form")
    func canonical() throws {
        let engagement = try #require(try Self.completed().engagement)
        let profile = try #require(engagement.profile)
        #expect(profile.problems.map(\.text) == ["Chronic low back pain", "Hypertension"])
        #expect(profile.problems.last?.data == ["onset": "2019-04", "icd9": "401"])
        #expect(profile.pastHistory.map(\.key) == ["h1"])
        #expect(profile.familyHistory.map(\.text) == ["Mother: type 2 diabetes"])
        #expect(profile.allergies.map(\.text) == ["Penicillin"])
        #expect(profile.treatments.map(\.text) == ["Physiotherapy, six sessions"])
        #expect(profile.medications.map(\.text) == ["Naproxen 250 mg twice a day"])
        #expect(profile.immunizations.map(\.text) == ["Influenza"])
        #expect(profile.socialHistory == [ProfileItem(text: "Works at a desk, does not smoke")])
        #expect(profile.results.map(\.key) == ["BMI", "A1C"])
        #expect(profile.results.first?.value?.numberValue?.text == "24.50")
        #expect(engagement.appointmentReason == "Assessment" && engagement.visitType == "NEW")
        #expect(engagement.forms.map(\.ref) == ["intake", "phq2"])
        #expect(engagement.forms.first?.items.filter(\.hidden).map(\.linkID) == ["ax_score"])
        #expect(engagement.fieldUpdates == ["phone": "613-555-0102"])
        #expect(
            Set(engagement.unmapped.map(\.path)) == [
                "/patient/demographics/memberStatus", "/patient/demographics/emailConsent",
                "/patient/demographics/customFields",
            ])
    }

    @Test("a profile as normalised FHIR is the file, valid in every resource")
    func golden() throws {
        let canonical = try Self.completed()
        let written = try NormalisedFHIRWriter().write(Self.message, canonical)
        let json = try JSONValue(parsing: written.body)
        let text = Array((json.text(.pretty) + "\n").utf8)
        #expect(
            try GoldenFile.content("Tests/Fixtures/golden/patient-engagement/profile.fhir.json", replacedBy: text)
                == text)
        #expect(StructureValidator().validate(written.body).issues.filter { $0.severity == .error }.isEmpty)
        #expect(NormalRules.faults(in: json) == [])
        #expect(written.ledger.losses.map(\.source) == ["/original/body"])
        let bundle = try #require(FHIRBundle(json))
        for (type, count) in [
            ("Condition", 3), ("FamilyMemberHistory", 1), ("AllergyIntolerance", 1), ("Procedure", 1),
            ("MedicationStatement", 1), ("Immunization", 1), ("Observation", 3), ("QuestionnaireResponse", 2),
            ("DocumentReference", 1), ("Patient", 1),
        ] {
            #expect(bundle.entries(of: type).count == count, "\(type)")
        }
        let response = try #require(bundle.entries(of: "QuestionnaireResponse").first)
        #expect(
            response.resource["basedOn"]?[0]?["identifier"]?["value"] == "2b5bde4e-1b2a-4a3f-9d53-0d5f2b1d6a11")
    }

    @Test("normalised FHIR reads back to the same canonical message")
    func readBack() throws {
        let canonical = try Self.completed()
        let written = try NormalisedFHIRWriter().write(Self.message, canonical)
        var back = try NormalisedFHIRReader().read(
            JSONValue(parsing: written.body), bytes: written.body, mediaType: "application/fhir+json"
        ).canonical
        back.original = canonical.original
        #expect(back == canonical)
    }

    @Test("Ocean JSON has the decrypted objects as they were")
    func oceanJSON() throws {
        let canonical = try Self.completed()
        let written = try OceanJSONWriter().write(Self.message, canonical)
        let json = try JSONValue(parsing: written.body)
        var expected = try Self.content("patient")
        expected["ptUpdate"] = try Self.content("note")
        for member in expected.objectValue?.members ?? [] {
            // Members of an object have no order.
            #expect(json[member.name]?.text(.canonical) == member.value.text(.canonical), "\(member.name)")
        }
        #expect(json["matched"]?["by"] == "health-number")
        #expect(written.ledger.count(.dropped) == 0)
    }

    @Test("a profile of other kinds is kept with its place", arguments: ["cpp", "results"])
    func wrongKinds(member: String) throws {
        var patient = try Self.content("patient")
        patient[member] = ["a list", 1]
        let (canonical, ledger) = try EngagementContentReader.read(
            patient: Self.sealed(patient), note: nil, keys: Self.keys, into: Self.thin())
        #expect(canonical.engagement?.unmapped.contains { $0.path == "/patient/\(member)" } == true)
        #expect(ledger.entries.map(\.source).sorted() == leaves(patient, at: "/patient").sorted())
    }

    @Test("sections and members that nobody knows are kept with their places")
    func unknownParts() throws {
        var patient = try Self.content("patient")
        patient["cpp"] = [
            "prob": ["items": [["key": 7, "desc": "x", "since": "2020"]], "reviewed": true],
            "new": ["items": [["desc": "y"]]],
        ]
        let (canonical, ledger) = try EngagementContentReader.read(
            patient: Self.sealed(patient), note: nil, keys: Self.keys, into: Self.thin())
        let engagement = try #require(canonical.engagement)
        #expect(engagement.profile?.problems == [ProfileItem(key: "7", text: "x")])
        let places = Set(engagement.unmapped.map(\.path))
        #expect(
            places.isSuperset(of: ["/patient/cpp/prob/items/0/since", "/patient/cpp/prob/reviewed", "/patient/cpp/new"])
        )
        #expect(ledger.entries.map(\.source).sorted() == leaves(patient, at: "/patient").sorted())
        let json = try JSONValue(parsing: OceanJSONWriter().write(Self.message, canonical).body)
        #expect(json["cpp"]?["prob"]?["items"]?[0]?["since"] == "2020")
        #expect(json["cpp"]?["new"] == ["items": [["desc": "y"]]])
    }

    @Test("what could not be opened travels sealed and opens with the right key later")
    func sealed() throws {
        let patient = try Self.sealed(Self.content("patient"), external: "CH-0042")
        let note = try Self.sealed(Self.content("note"), noteID: "n-7")
        var canonical = try Self.thin()
        canonical.engagement?.sealed = SealedContent(patient: patient, note: note)
        var unknown: [JSONPointer] = []
        let back = try CanonicalMessage(
            json: JSONValue(parsing: canonical.json.bytes()), at: .root, unknown: &unknown)
        let kept = try #require(back.engagement?.sealed)
        #expect(kept.patient?.content == patient && kept.note?.content == note)
        let (completed, _) = try EngagementContentReader.read(
            patient: kept.patient?.content, note: kept.note?.content, keys: Self.keys, into: back)
        #expect(completed.engagement?.noteID == "n-7")
        #expect(completed.engagement?.sealed == nil)
    }

    @Test("a note whose patient is gone is read without the patient")
    func noteAlone() throws {
        let (canonical, _) = try EngagementContentReader.read(
            patient: nil, note: Self.sealed(Self.content("note")), keys: Self.keys, into: Self.thin())
        #expect(canonical.engagement?.unavailable == ["patient"])
        #expect(canonical.engagement?.forms.count == 2)
        #expect(canonical.engagement?.patient == nil)
    }
}
