// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite struct FHIRReaderOdditiesTests {
    @Test("an identifier without value is kept, and the health number has no value")
    func valueless() throws {
        let patient = try #require(try FHIRReading.referral("0.11.1/add-service-request-sparse").patient)
        #expect(patient.identifiers.count == 2)
        #expect(patient.identifiers.allSatisfy { $0.value == nil && $0.system != nil })
        #expect(patient.healthNumber?.value == nil)
        #expect(patient.healthNumber?.province == "ON")
        #expect(patient.chartNumber == nil)
    }

    @Test("sender and author that differ are submitter and requester")
    func submitter() throws {
        let referral = try FHIRReading.referral("0.11.1/add-service-request-sparse")
        #expect(referral.submitter?.name?.family == "Achterberg")
        #expect(referral.submitter?.licence == "118920")
        #expect(referral.requester?.name == nil)
        #expect(referral.requester?.active == true)
        #expect(referral.notes.first?.text == nil)
        #expect(referral.notes.first?.time != nil)
        #expect(referral.receiver?.ref == "general_surgery9917")
    }

    @Test("address shells are skipped")
    func shells() throws {
        #expect(try FHIRReading.referral("0.11.1/add-service-request-sparse").patient?.addresses.isEmpty == true)
        #expect(try FHIRReading.referral("0.11.1/add-service-request").patient?.addresses.count == 1)
    }

    @Test("hidden items are marked, whatever the host in the extension's address")
    func hidden() throws {
        let referral = try FHIRReading.referral("0.11.1/add-service-request-no-priority")
        #expect(referral.priority == nil)
        #expect(!referral.test)
        #expect(referral.forms.first?.items.filter(\.hidden).map(\.linkID) == ["z_total", "a_flag", "m_mid"])
        #expect(referral.receiver?.specialties.count == 2)
    }

    @Test("the version code is read from the identifier and from the patient")
    func versionCode() throws {
        let current = try FHIRReading.referral("0.10.0/add-service-request").patient
        #expect(current?.healthNumber?.versionCode == "KD")
        #expect(current?.identifiers.first?.versionCode == "KD")
        let older = try FHIRReading.referral("0.10.0/add-service-request-version-on-patient").patient
        #expect(older?.healthNumber?.versionCode == "KD")
        #expect(older?.identifiers.first?.versionCode == nil)
    }

    @Test("a sender that is not in the bundle is no submitter and stays in unmapped, unless it is Ocean itself")
    func danglingSender() throws {
        let ocean = try FHIRReading.referral("0.10.0/add-service-request")
        #expect(ocean.submitter == nil)
        #expect(ocean.unmapped == [])
        let other = try FHIRReading.read("0.10.0/add-service-request") { json in
            try FHIRReading.set(["reference": "Organization/elsewhere"], "MessageHeader", "sender", in: &json)
        }
        let referral = try #require(other.canonical.referral)
        #expect(referral.submitter == nil)
        #expect(referral.unmapped.map(\.value) == [["reference": "Organization/elsewhere"]])
    }

    @Test("a note of HTML has a plain text beside it")
    func note() throws {
        let note = try #require(try FHIRReading.referral("0.11.1/add-service-request").notes.first)
        #expect(note.text?.hasPrefix("<b>Reason:</b>") == true)
        #expect(
            note.plainText == """
                Reason: progressive dyspnea on exertion & ankle swelling
                BP 148/92, échographie demandée.
                Please see within 4 weeks.
                """)
        #expect(note.author == "Danielle Ojibway-Tremblay")
    }

    @Test("the header's reference comes first, in either form")
    func headerForms() throws {
        let message = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.set(
                [
                    [
                        "url": "http://ehealthontario.ca/fhir/StructureDefinition/ext-id-message-header",
                        "valueString": "abc-1",
                    ]
                ],
                "MessageHeader", "extension", in: &json)
        }
        #expect(message.subject == "abc-1")
    }

    @Test("without a header reference the request in focus names the referral, by identifier or by its address")
    func requestNames() throws {
        let byIdentifier = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.set([], "MessageHeader", "extension", in: &json)
        }
        #expect(byIdentifier.subject == "5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10")
        let byAddress = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.set([], "MessageHeader", "extension", in: &json)
            try FHIRReading.set([], "ServiceRequest", "identifier", in: &json)
        }
        #expect(byAddress.subject == "5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10")
    }

    @Test("as a last resort the letter's address names the referral")
    func letterNames() throws {
        let message = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.set([], "MessageHeader", "extension", in: &json)
            try FHIRReading.set([], "MessageHeader", "focus", in: &json)
            FHIRReading.remove("ServiceRequest", in: &json)
        }
        #expect(message.subject == "5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10")
    }

    @Test("a message that names no referral is refused with no-reference")
    func noReference() throws {
        let error = #expect(throws: TranslationError.self) {
            try FHIRReading.read("0.11.1/add-service-request") { json in
                try FHIRReading.set([], "MessageHeader", "extension", in: &json)
                try FHIRReading.set([], "MessageHeader", "focus", in: &json)
                FHIRReading.remove("ServiceRequest", in: &json)
                FHIRReading.remove("DocumentReference", in: &json)
            }
        }
        #expect(error?.code == .noReference)
    }

    @Test("what is no bundle with a header is refused as unknown format")
    func unknownFormat() throws {
        for json: JSONValue in [["resourceType": "Patient"], [], ["resourceType": "Bundle", "entry": "x"], 3] {
            let error = #expect(throws: TranslationError.self) {
                try OceanFHIRReader().read(json, bytes: [], mediaType: "application/json")
            }
            #expect(error?.code == .unknownFormat)
        }
    }

    @Test("a wait time as valueString is read like one as valueCoding")
    func waitTime() throws {
        let message = try FHIRReading.read("0.11.1/notify-update-service-requests") { json in
            let position = try FHIRReading.position(of: "Appointment", in: json)
            var element = try #require(json["entry"]?[position]?["resource"]?["extension"]?[0])
            element["valueCoding"] = nil
            element["valueString"] = "wait-2"
            try FHIRReading.set([element], "Appointment", "extension", in: &json)
        }
        #expect(message.canonical.referral?.appointments.first?.waitTimeMilestone == "wait-2")
    }

    @Test("a focus on an appointment makes an update an appointment change")
    func appointmentFocus() throws {
        let message = try FHIRReading.read("0.11.1/notify-update-service-requests") { json in
            let position = try FHIRReading.position(of: "Appointment", in: json)
            let url = try #require(json["entry"]?[position]?["fullUrl"])
            try FHIRReading.set([["reference": url]], "MessageHeader", "focus", in: &json)
        }
        #expect(message.type == .appointmentChanged)
        #expect(message.subject == "5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10")
        #expect(message.canonical.referral?.sent != nil)
    }

    @Test("a subject that leads nowhere never takes another patient, and a missing one takes the only patient")
    func subject() throws {
        let dangling = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.set(["reference": "Patient/elsewhere"], "ServiceRequest", "subject", in: &json)
        }
        #expect(dangling.canonical.referral?.patient == nil)
        #expect(dangling.canonical.referral?.unmapped.contains { $0.value["resourceType"] == "Patient" } == true)
        let alone = try FHIRReading.read("0.11.1/notify-update-service-requests") { json in
            FHIRReading.remove("ServiceRequest", in: &json)
        }
        #expect(alone.subject == "5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10")
        #expect(alone.canonical.referral?.patient?.names.first?.family == "Lachapelle")
    }

    @Test("the test label counts on any resource")
    func testLabel() throws {
        let message = try FHIRReading.read("0.11.1/add-service-request-no-priority") { json in
            try FHIRReading.set(["security": [["code": "HTEST"]]], "Patient", "meta", in: &json)
        }
        #expect(message.attributes.test)
    }

    @Test("the needs-to-be-seen flag outweighs the Task's code")
    func consult() throws {
        let message = try FHIRReading.read("0.10.0/notify-update-service-request") { json in
            try FHIRReading.set(
                [
                    [
                        "url": .string(ExtensionURL.patientNeedsToBeSeen),
                        "valueBoolean": false,
                    ]
                ], "Task", "extension", in: &json)
        }
        #expect(message.canonical.referral?.kind == .consult)
    }

    @Test("values of the wrong kind are refused, kept in unmapped and told in the ledger")
    func wrongKinds() throws {
        let message = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.set(19_571_130, "Patient", "birthDate", in: &json)
            try FHIRReading.set("ON", "Patient", "address", in: &json)
            try FHIRReading.set(["x", ["family": "Lachapelle"]], "Patient", "name", in: &json)
        }
        let patient = try #require(message.canonical.referral?.patient)
        #expect(patient.birthDate == nil)
        #expect(patient.addresses.isEmpty)
        #expect(patient.names.map(\.family) == ["Lachapelle"])
        let refused = message.ledger.entries.filter { $0.disposition == .refused }
        #expect(
            refused.map(\.source) == [
                "/entry/1/resource/name/0", "/entry/1/resource/birthDate", "/entry/1/resource/address",
            ])
        #expect(
            refused.allSatisfy { $0.target.hasPrefix("/referral/unmapped/") && $0.note?.hasPrefix("expected") == true })
    }

    @Test(
        "the dialect is told by header extension, profile version and fullUrl",
        arguments: [
            ("0.11.1/add-service-request", "|1.0.1", "0.11.1"), ("0.11.1/add-service-request", "|1.1.0", "0.12"),
            ("0.11.1/add-service-request", "%7C1.2.0", "0.12"), ("0.10.0/add-service-request", "%7C1.0.0", "0.10.0"),
            ("0.10.0/add-service-request", "|1.0.0", "0.10.0"), ("0.10.0/add-service-request", "|1.0.1", "0.11.1"),
        ])
    func dialect(_ name: String, _ suffix: String, _ dialect: String) throws {
        let message = try FHIRReading.read(name) { json in
            let profile = "http://ehealthontario.ca/fhir/StructureDefinition/ca-on-eReferral-profile-MessageHeader"
            try FHIRReading.set(
                ["profile": [.string(profile + suffix)]], "MessageHeader", "meta", in: &json)
        }
        #expect(message.attributes.dialect == dialect)
    }

    @Test("bytes that are no UTF-8 are kept as base64")
    func binary() throws {
        let (_, json, _) = try FHIRReading.fixture("0.11.1/add-service-request")
        let message = try OceanFHIRReader().read(json, bytes: [0xFF, 0xFE], mediaType: "application/json")
        #expect(message.canonical.original.isBase64)
        #expect(message.canonical.original.body == "//4=")
    }
}
