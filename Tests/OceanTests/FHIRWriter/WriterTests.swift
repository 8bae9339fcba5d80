// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FHIR
import JSON
import Testing

@testable import Ocean

@Suite struct WriterTests {
    static func message(_ inbound: InboundMessage) -> Message {
        Message(
            id: "01900000-0000-7000-8000-000000000001", source: "/ocean/ereferral", type: inbound.type,
            subject: inbound.subject, time: inbound.time ?? Timestamp(milliseconds: 0),
            attributes: inbound.attributes, body: [])
    }

    static func written(_ inbound: InboundMessage) throws -> Translated {
        try NormalisedFHIRWriter().write(message(inbound), inbound.canonical)
    }

    private static func read(_ name: String) throws -> InboundMessage {
        let bytes = try Fixture.bytes(name)
        return try OceanFHIRReader().read(try JSONValue(parsing: bytes), bytes: bytes, mediaType: "application/json")
    }

    @Test("the normalised form of each message is as it was", arguments: try FHIRReading.all)
    func golden(_ name: String) throws {
        let body = try JSONValue(parsing: try Self.written(try Self.read(name)).body)
        let target = "golden/normalised-fhir/\(name.split(separator: "/").dropFirst().joined(separator: "-"))"
        let bytes = body.bytes(.pretty) + [0x0A]
        if Fixture.isUpdatingGolden { try Fixture.write(bytes, to: target) }
        #expect(try Fixture.bytes(target) == bytes)
    }

    @Test("each normalised bundle keeps the rules of FHIR R4", arguments: try FHIRReading.all)
    func rules(_ name: String) throws {
        let json = try JSONValue(parsing: try Self.written(try Self.read(name)).body)
        #expect(NormalRules.faults(in: json) == [])
    }

    @Test("the same message gives the same bytes", arguments: try FHIRReading.all)
    func repeatable(_ name: String) throws {
        #expect(try Self.written(try Self.read(name)).body == Self.written(try Self.read(name)).body)
    }

    @Test("canonical to FHIR and back keeps the referral", arguments: try FHIRReading.all)
    func roundTrip(_ name: String) throws {
        let inbound = try Self.read(name)
        let body = try Self.written(inbound).body
        let back = try NormalisedFHIRReader().read(
            try JSONValue(parsing: body), bytes: body, mediaType: "application/fhir+json")
        let before = try #require(inbound.canonical.referral)
        let after = try #require(back.canonical.referral)
        #expect(after.json.text(.pretty) == before.json.text(.pretty))
        #expect(back.canonical.event == inbound.canonical.event)
        #expect(back.type == inbound.type)
        #expect(back.subject == inbound.subject)
        #expect(back.time == inbound.time)
        #expect(back.attributes.service == inbound.attributes.service)
    }

    @Test(
        "the writer's ledger accounts for every canonical value and points to the same value",
        arguments: try FHIRReading.all)
    func ledger(_ name: String) throws {
        let inbound = try Self.read(name)
        let translated = try Self.written(inbound)
        let canonical = inbound.canonical.json
        let bundle = try JSONValue(parsing: translated.body)
        let sources = translated.ledger.entries.filter { !$0.source.isEmpty }.map(\.source)
        #expect(Set(sources).count == sources.count)
        for leaf in FHIRReading.leaves(canonical) {
            #expect(sources.contains { leaf == $0 || leaf.hasPrefix($0 + "/") }, "\(leaf)")
        }
        for entry in translated.ledger.entries where entry.disposition == .kept {
            let target = bundle.value(at: try JSONPointer(entry.target))
            #expect(target != nil, "\(entry.source) → \(entry.target)")
        }
        for entry in translated.ledger.entries where entry.disposition == .defaulted {
            #expect(bundle.value(at: try JSONPointer(entry.target)) != nil, "\(entry.target)")
        }
        #expect(translated.ledger.losses.map(\.source) == ["/original/body"])
    }

    @Test("a message without content is refused as unsupported")
    func nothing() throws {
        let inbound = try Self.read("ocean-fhir/0.11.1/add-service-request.json")
        var canonical = inbound.canonical
        canonical.referral = nil
        let error = #expect(throws: TranslationError.self) {
            try NormalisedFHIRWriter().write(Self.message(inbound), canonical)
        }
        #expect(error?.code == .unsupported)
    }

    @Test("a form with its note becomes Patient, QuestionnaireResponse and a document of plain text")
    func engagement() throws {
        var engagement = Engagement()
        engagement.patientRef = "8123"
        engagement.sessionID = "1759442545187t415674"
        engagement.noteID = "n-1"
        engagement.externalPatientRef = "C-77"
        engagement.note = ProgressNote()
        engagement.note?.title = "Tablet form"
        engagement.note?.text = "Answered: yes"
        var form = Form()
        form.ref = "phq9"
        var item = FormItem()
        item.linkID = "q1"
        item.answers = [2, "often", true, ["code": "x"]]
        form.items = [item]
        engagement.forms = [form]
        var canonical = CanonicalMessage()
        canonical.event.code = "notify-patient-message-forms-completion"
        canonical.engagement = engagement
        let message = Message(
            id: "m", source: "/ocean/forms", type: .formCompleted, subject: "8123", time: Timestamp(milliseconds: 0),
            body: [])
        let translated = try NormalisedFHIRWriter().write(message, canonical)
        let json = try JSONValue(parsing: translated.body)
        #expect(NormalRules.faults(in: json) == [])
        let bundle = try #require(FHIRBundle(json))
        #expect(bundle.timestamp == "1970-01-01T00:00:00.000Z")
        let response = try #require(bundle.entries(of: "QuestionnaireResponse").first)
        #expect(
            response.resource["item"]?[0]?["answer"]?.text()
                == #"[{"valueInteger":2},{"valueString":"often"},{"valueBoolean":true},{"valueCoding":{"code":"x"}}]"#)
        let note = try #require(bundle.entries(of: "DocumentReference").first)
        #expect(note.resource["content"]?[0]?["attachment"]?["data"] == "QW5zd2VyZWQ6IHllcw==")
        #expect(bundle.header?.focus.count == 2)
    }

    @Test("values that no FHIR form allows stand in extensions")
    func invalidForms() throws {
        var inbound = try Self.read("ocean-fhir/0.11.1/add-service-request.json")
        inbound.canonical.referral?.patient?.birthDate = "30 November"
        inbound.canonical.referral?.patient?.gender = "F"
        var appointment = Appointment()
        appointment.status = "booked"
        appointment.start = "2024-09-01"
        inbound.canonical.referral?.appointments = [appointment]
        let translated = try Self.written(inbound)
        let json = try JSONValue(parsing: translated.body)
        #expect(NormalRules.faults(in: json) == [])
        for source in ["/referral/patient/birthDate", "/referral/patient/gender", "/referral/appointments/0/status"] {
            let entry = translated.ledger.entries.first { $0.source == source }
            #expect(entry?.disposition == .kept && entry?.target.contains("/extension/") == true, "\(source)")
        }
        let bundle = try #require(FHIRBundle(json))
        #expect(bundle.entries(of: "Appointment").first?.resource["requestedPeriod"]?[0]?["start"] == "2024-09-01")
    }

    @Test("the canonical writer writes the message data compactly")
    func canonical() throws {
        let inbound = try Self.read("ocean-fhir/0.11.1/add-service-request.json")
        let translated = try CanonicalWriter().write(Self.message(inbound), inbound.canonical)
        #expect(translated.body == inbound.canonical.json.bytes(.compact))
        #expect(CanonicalWriter().contentType == "application/json")
    }

    @Test("UUIDs of version 5 are those of RFC 9562")
    func uuid() {
        let id = UUIDv5.make(namespace: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", name: "www.example.com")
        #expect(id == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
        #expect(UUIDv5.make(namespace: UUIDv5.bridge, name: "a") != UUIDv5.make(namespace: UUIDv5.bridge, name: "b"))
    }
}
