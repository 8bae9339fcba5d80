// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

/// Each direction of translation, and directions put together, account for every value of their source once.
@Suite struct LedgerTests {
    private static let fixtures: [String] =
        (try? Fixture.names(in: "ocean-fhir/0.10.0") + Fixture.names(in: "ocean-fhir/0.11.1")) ?? []

    private static func read(_ name: String) throws -> (JSONValue, InboundMessage) {
        let bytes = try Fixture.bytes(name)
        let json = try JSONValue(parsing: bytes)
        return (json, try OceanFHIRReader().read(json, bytes: bytes, mediaType: "application/fhir+json"))
    }

    /// Leaves of `json` that stand in no entry, or in two, neither themselves nor by what is round them.
    static func faults(_ ledger: Ledger, of json: JSONValue, at root: String = "") -> [String] {
        var counts: [String: Int] = [:]
        for entry in ledger.entries where !entry.source.isEmpty { counts[entry.source, default: 0] += 1 }
        var faults = counts.filter { $0.value > 1 }.map { "\($0.key) stands \($0.value) times" }
        JSONLeaves.each(of: json, at: root) { leaf, _ in
            var places = 0
            var place = leaf[...]
            while !place.isEmpty {
                if counts[String(place)] != nil { places += 1 }
                guard let slash = place.utf8.lastIndex(of: 0x2F) else { break }
                place = place[..<slash]
            }
            if places != 1 { faults.append("\(leaf) stands in \(places) entries") }
        }
        return faults.sorted()
    }

    @Test("canonical to normalised FHIR, and back", arguments: 0..<6)
    func normalised(_ part: Int) throws {
        var generator = BridgeTestKit.ReferralGenerator(seed: PropertySeed.part(200 + part))
        for _ in 0..<25 {
            let canonical = generator.message()
            let written = try NormalisedFHIRWriter().write(NormalisedRoundTripTests.message(canonical), canonical)
            #expect(Self.faults(written.ledger, of: canonical.json) == [])
            let bundle = try JSONValue(parsing: written.body)
            for entry in written.ledger.entries where entry.disposition != .dropped && entry.note != "empty" {
                #expect(bundle.value(at: try JSONPointer(entry.target)) != nil, "\(entry.source) → \(entry.target)")
            }
            let losses = written.ledger.losses.map(\.source)
            #expect(losses.allSatisfy { $0 == "/original/body" || $0 == "/original/base64" }, "\(losses)")
            let back = try NormalisedRoundTripTests.back(written.body)
            #expect(Self.faults(back.ledger, of: bundle) == [])
        }
    }

    @Test("canonical to Ocean JSON", arguments: 0..<4)
    func oceanJSON(_ part: Int) throws {
        var generator = BridgeTestKit.ReferralGenerator(seed: PropertySeed.part(300 + part))
        for _ in 0..<25 {
            let referral = generator.referral()
            var canonical = CanonicalMessage()
            canonical.referral = referral
            let written = try OceanJSONWriter().write(NormalisedRoundTripTests.message(canonical), canonical)
            #expect(Self.faults(written.ledger, of: referral.json, at: "/referral") == [])
        }
    }

    @Test("Ocean FHIR to normalised FHIR, end to end", arguments: fixtures)
    func composedFHIR(_ name: String) throws {
        let (json, inbound) = try Self.read(name)
        let written = try NormalisedFHIRWriter().write(WriterTests.message(inbound), inbound.canonical)
        let ledger = inbound.ledger.composed(with: written.ledger)
        #expect(Self.faults(ledger, of: json) == [])
        let bundle = try JSONValue(parsing: written.body)
        for entry in ledger.entries where entry.disposition == .kept && !entry.target.isEmpty {
            let target = bundle.value(at: try JSONPointer(entry.target))
            #expect(target != nil, "\(entry.source) → \(entry.target)")
            guard entry.note == nil else { continue }
            let source = json.value(at: try JSONPointer(entry.source))
            // A flag is told by a label, a text by its code: the value stands there for all but these.
            guard let text = source?.stringValue, let written = target?.stringValue else { continue }
            // What R4 has no form for travels as JSON text, with the value in it.
            let isWithin = (written.hasPrefix("{") || written.hasPrefix("[")) && written.contains(text)
            #expect(written == text || isWithin, "\(entry.source) → \(entry.target)")
        }
        #expect(ledger.losses.isEmpty, "\(ledger.losses.map(\.source))")
    }

    @Test("Ocean FHIR to Ocean JSON, end to end", arguments: fixtures)
    func composedJSON(_ name: String) throws {
        let (json, inbound) = try Self.read(name)
        let written = try OceanJSONWriter().write(WriterTests.message(inbound), inbound.canonical)
        #expect(Self.faults(inbound.ledger.composed(with: written.ledger), of: json) == [])
    }

    @Test("without a report nothing else changes, and only losses are listed", arguments: fixtures)
    func losses(_ name: String) throws {
        let bytes = try Fixture.bytes(name)
        let json = try JSONValue(parsing: bytes)
        let (_, full) = try Self.read(name)
        let lean = try OceanFHIRReader(detail: .losses).read(json, bytes: bytes, mediaType: "application/fhir+json")
        #expect(lean.canonical == full.canonical)
        #expect(lean.ledger.entries == full.ledger.entries.filter { $0.disposition == .refused })
        let message = WriterTests.message(full)
        for writer in [NormalisedFHIRWriter(), OceanJSONWriter(), CanonicalWriter()] as [any HospitalWriter] {
            let written = try writer.write(message, full.canonical, detail: .losses)
            let reported = try writer.write(message, full.canonical)
            #expect(written.body == reported.body)
            #expect(written.ledger.losses == reported.ledger.losses)
        }
    }

    @Test("composing keeps what each step says")
    func composition() {
        var first = Ledger()
        first.add(.kept, source: "/a", target: "/x")
        first.add(.kept, source: "/b", target: "/y/1", note: "read")
        first.add(.refused, source: "/c", target: "/z")
        first.add(.dropped, source: "/d", note: "odd")
        first.add(.kept, source: "/e", target: "/original/body", note: "address")
        first.add(.kept, source: "/f", target: "/w")
        first.add(.kept, source: "/g", target: "/gone")
        var second = Ledger()
        second.add(.kept, source: "/x", target: "/1")
        second.add(.dropped, source: "/y", note: "no member")
        second.add(.kept, source: "/z", target: "/3")
        second.add(.kept, source: "/w/deep", target: "/4")
        second.add(.kept, source: "/derived", target: "/5")
        second.add(.defaulted, source: "", target: "/6", note: "required")
        let entries = first.composed(with: second).entries.map {
            "\($0.disposition.rawValue) \($0.source) \($0.target) \($0.note ?? "")"
        }
        #expect(
            entries == [
                "kept /a /1 ", "dropped /b  read; no member", "refused /c /3 ", "dropped /d  odd",
                "dropped /e  \(Ledger.structure)", "kept /f /4 ", "dropped /g  no part of the target says it",
                "defaulted  /5 made from /derived", "defaulted  /6 required",
            ])
    }

    @Test("an update accounts for every value, found out by changing it", arguments: UpdateAction.allCases)
    func update(_ action: UpdateAction) throws {
        var update = ReferralUpdate(referral: "dd46f301-8e4f-4f41-9e6d-3c8d3c4e5f04", site: "1234", action: action)
        update.text = "Please bring the images"
        update.reason = "Not our region"
        update.senderName = "Ward Clerk"
        update.targetListing = "9b1c1e3a-1f0d-4f5a-8a53-1d2f3c4b5a69"
        update.category = Coding(system: "http://snomed.info/sct", code: "394579002", display: "Cardiology")
        update.redirectURL = "https://other.example/r/1"
        update.occurredAt = "2026-02-03T10:00:00-05:00"
        var appointment = Appointment()
        appointment.start = "2026-03-04T09:30:00-05:00"
        appointment.minutes = 30
        update.appointment = appointment
        var patient = Patient()
        var name = PersonName()
        name.family = "Muster"
        patient.names = [name]
        update.patient = patient
        func translate(_ json: JSONValue) -> JSONValue? {
            var unknown: [JSONPointer] = []
            let context = UpdateContext(
                dialect: .fhir0111, oceanHost: "https://ocean.example", sourceEndpoint: "https://bridge.example",
                messageID: UUIDv5.make(namespace: UUIDv5.bridge, name: json.text()),
                messageTime: Timestamp(milliseconds: 0))
            guard let update = try? ReferralUpdate.read(json, unknown: &unknown),
                let bundle = try? OceanUpdateWriter().bundle(for: update, in: context)
            else { return nil }
            return try? JSONValue(parsing: bundle.body)
        }
        let source = update.json
        guard let target = translate(source) else { return }
        let ledger = ProvenanceProbe.ledger(of: source, target: target, translate: translate)
        #expect(Self.faults(ledger, of: source) == [])
        for entry in ledger.entries where entry.disposition == .kept && !entry.target.isEmpty && entry.note == nil {
            #expect(
                target.value(at: try JSONPointer(entry.target)) == source.value(at: try JSONPointer(entry.source)))
        }
        let byReference = ledger.entries.first { $0.source == "/referral" }
        #expect(byReference?.disposition == .kept && byReference?.target.isEmpty == false)
        if action == .message {
            let text = ledger.entries.first { $0.source == "/text" }
            #expect(text?.target.hasSuffix("contentString") == true, "\(text?.target ?? "none")")
            #expect(ledger.losses.contains { $0.source == "/targetListing" })
        }
    }

    @Test("a value that changes nothing is dropped, one without which nothing is written is kept")
    func probe() {
        let source: JSONValue = ["a": "one", "b": 2, "c": true, "unused": "x", "needed": "yes", "empty": ""]
        func translate(_ json: JSONValue) -> JSONValue? {
            guard json["needed"] == "yes", case .number(let number)? = json["b"] else { return nil }
            return [
                "id": .string(UUIDv5.make(namespace: UUIDv5.bridge, name: json.text())), "text": json["a"] ?? "none",
                "list": [.number(number)], "flag": json["c"] == true ? "on" : "off",
            ]
        }
        let ledger = ProvenanceProbe.ledger(of: source, target: translate(source) ?? .null, translate: translate)
        #expect(
            ledger.entries.map { "\($0.disposition.rawValue) \($0.source) \($0.target)" } == [
                "kept /a /text", "kept /b /list/0", "kept /c /flag", "dropped /unused ", "kept /needed ",
                "kept /empty ",
            ])
    }
}
