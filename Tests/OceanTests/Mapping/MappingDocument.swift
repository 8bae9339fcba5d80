// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON

@testable import Ocean

/// docs/mapping.md, made by translating: Ocean's fixtures are read, generated messages are written, and the ledgers say
/// what went where.
struct MappingDocument {
    /// Fixed: the document must not hang on the run.
    private static let seed: UInt64 = 2_026
    private static let messages = 250

    /// Made once for all that ask.
    static let shared = Result { try MappingDocument() }

    private let notes: [String: String]
    private var fromFHIR: [String: FieldPaths] = [:]
    private var fromJSON = FieldPaths()
    private var json = FieldPaths()
    private var native = FieldPaths()
    private var carried = FieldPaths()

    init() throws {
        notes = try FieldNotes.read()
        for dialect in ["0.10.0", "0.11.1"] {
            var paths = FieldPaths()
            for name in try Fixture.names(in: "ocean-fhir/\(dialect)") { try Self.readFHIR(name, into: &paths) }
            fromFHIR[dialect] = paths
        }
        for name in try Fixture.names(in: "ocean-json") { try Self.readJSON(name, into: &fromJSON) }
        var generator = BridgeTestKit.ReferralGenerator(seed: Self.seed, fullness: [15, 30, 45])
        for _ in 0..<Self.messages { try write(generator.message()) }
        try write(Self.sealed)
    }

    /// Stands in dead letters only, so the generator makes too few of it.
    private static var sealed: CanonicalMessage {
        var part = SealedPart()
        part.noteID = "n-1"
        part.externalPatientRef = "CH-1"
        var message = CanonicalMessage()
        message.engagement = Engagement()
        message.engagement?.patientRef = "690"
        message.engagement?.sealed = SealedContent()
        message.engagement?.sealed?.patient = part
        message.engagement?.sealed?.note = part
        return message
    }

    private static func readFHIR(_ name: String, into paths: inout FieldPaths) throws {
        let bytes = try Fixture.bytes(name)
        let bundle = try JSONValue(parsing: bytes)
        let message = try OceanFHIRReader().read(bundle, bytes: bytes, mediaType: "application/fhir+json")
        paths.note(message.canonical)
        for entry in message.ledger.entries where entry.disposition == .kept && !entry.target.hasPrefix("/original") {
            paths.add(FieldPaths.inBundle(entry.source, bundle), for: FieldPaths.field(entry.target))
        }
    }

    private static func readJSON(_ name: String, into paths: inout FieldPaths) throws {
        let bytes = try Fixture.bytes(name)
        let (_, ledger) = try OceanJSONReader().read(try JSONValue(parsing: bytes), keys: nil)
        for entry in ledger.rooted(at: "/referral").entries where entry.disposition == .kept {
            paths.add(FieldPaths.inJSON(entry.source), for: FieldPaths.field(entry.target))
        }
    }

    private mutating func write(_ canonical: CanonicalMessage) throws {
        let message = NormalisedRoundTripTests.message(canonical)
        let written = try NormalisedFHIRWriter().write(message, canonical)
        let bundle = try JSONValue(parsing: written.body)
        for entry in written.ledger.entries where entry.disposition == .kept && entry.note == nil {
            let place = FieldPaths.inBundle(entry.target, bundle)
            if place.contains("extension(") && place.hasSuffix(")") {
                carried.add(place, for: FieldPaths.field(entry.source))
            } else {
                native.add(place, for: FieldPaths.field(entry.source))
            }
        }
        for entry in try OceanJSONWriter().write(message, canonical).ledger.entries
        where entry.disposition == .kept && !entry.source.contains("/unmapped/") && !entry.source.contains("/profile/")
        {
            json.add(FieldPaths.inJSON(entry.target), for: FieldPaths.field(entry.source))
        }
    }

    var text: String {
        var lines = [Self.introduction]
        for type in Self.records {
            lines += ["", "## \(type.definitionName)", ""]
            lines += [
                "| Field | Meaning | Ocean FHIR 0.10.0 | Ocean FHIR 0.11.1 | Ocean JSON | Normalised FHIR |",
                "|---|---|---|---|---|---|",
            ]
            for (field, record) in Self.members(of: type) {
                lines.append(row(field, of: type.definitionName, record))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where normalised FHIR has the field: an element, else its extension.
    func normalised(_ key: String) -> [String] {
        let places = native.places(of: key)
        return places.isEmpty ? carried.places(of: key) : places
    }

    private func row(_ field: String, of record: String, _ inner: (any JSONRecord.Type)?) -> String {
        let key = "\(record).\(field)"
        let ocean = ["0.10.0", "0.11.1"].map { dialect in
            let paths = fromFHIR[dialect]
            if inner == nil, record != "Original", paths?.isDerived(key) == true { return "derived" }
            return Self.list(paths?.places(of: key) ?? [])
        }
        let members = json.places(of: key).isEmpty ? fromJSON.places(of: key) : json.places(of: key)
        let link = inner.map { "[\($0.definitionName)](#\($0.definitionName.lowercased()))" }
        let meaning = [notes[key], link].compactMap { $0 }.joined(separator: " → ")
        let cells =
            ["`\(field)`", Self.escaped(meaning)] + ocean + [Self.list(members), Self.list(normalised(key))]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func list(_ places: [String]) -> String {
        places.map { "`\($0)`" }.joined(separator: ", ")
    }

    private static func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }

    /// Records in the order in which the tables name them.
    static var records: [any JSONRecord.Type] {
        var output: [any JSONRecord.Type] = []
        var open: [any JSONRecord.Type] = [CanonicalMessage.self]
        while !open.isEmpty {
            let type = open.removeFirst()
            guard !output.contains(where: { $0.definitionName == type.definitionName }) else { continue }
            output.append(type)
            open += members(of: type).compactMap(\.record)
        }
        return output
    }

    static func fields(of type: any JSONRecord.Type) -> [String] { members(of: type).map(\.name) }

    static func members(
        of type: any JSONRecord.Type
    ) -> [(name: String, record: (any JSONRecord.Type)?)] {
        func read<Record: JSONRecord>(_ type: Record.Type) -> [(name: String, record: (any JSONRecord.Type)?)] {
            Record.fields.map { ($0.name, $0.record) }
        }
        return read(type)
    }

    private static let introduction = """
        # Field table

        Which field of the canonical message stands where in Ocean's formats and in the normalised FHIR that hospital
        systems get. Made by `OCEAN_BRIDGE_UPDATE_GOLDEN=1 swift test --filter MappingTests` and checked by `make test`:
        Ocean's recorded bundles and referrals are read, generated messages are written, and the ledgers of these
        translations are the table. At most three places are named, the most frequent first; an empty cell means that
        the format has no place for the field, or that no recorded message has it; `derived` means that the reader
        makes it from other fields.

        Normalised FHIR holds every field. What R4 has no element for, and what is not of the form that R4 asks for,
        stands in an extension of the element, one for each field:
        `\(NormalisedForm.root)Record-field`, shown as `extension(Record-field)`. Texts, numbers and flags are its
        `value[x]`; the members of a record are extensions in it named like them, the elements of a list extensions
        named `item`; what neither can say is JSON text in an extension named `json`. Three more extensions help to read
        a message back exactly as it was:

        - `\(NormalisedForm.absent)`: `valueCode` names a field that the message has not; the element holds a value
          only because R4 asks for one.
        - `\(NormalisedForm.field)`: `valueCode` names the field that this element of a list repeats.
        - `\(NormalisedForm.empty)`: an element of a list that says nothing.

        Only `original.body`, Ocean's own bytes, is left out: take it from `hospital.canonical`. The extensions
        `Original-…` of MessageHeader say which bytes they were.
        """
}
