// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FHIR
import JSON
import Testing

@testable import Ocean

/// Canonical → normalised FHIR → canonical: equal for everything but Ocean's own bytes.
@Suite struct NormalisedRoundTripTests {
    static let parts = 20
    /// Times `parts`: at least 10,000 cases a run.
    static let casesPerPart = 500

    static func message(_ canonical: CanonicalMessage) -> Message {
        Message(
            id: "01900000-0000-7000-8000-000000000001", source: "/ocean/ereferral", type: .referralReceived,
            subject: canonical.referral?.ref, time: Timestamp(milliseconds: 1_700_000_000_000), body: [])
    }

    static func back(_ body: [UInt8], detail: LedgerDetail = .everything) throws -> InboundMessage {
        try NormalisedFHIRReader(detail: detail).read(
            try JSONValue(parsing: body), bytes: body, mediaType: "application/fhir+json")
    }

    /// All but the bytes of the source.
    static func content(_ canonical: CanonicalMessage) -> JSONValue {
        var copy = canonical
        copy.original = Original()
        return copy.json
    }

    @Test("what is generated comes back the same", arguments: 0..<parts)
    func property(_ part: Int) throws {
        let seed = PropertySeed.part(part)
        var generator = BridgeTestKit.ReferralGenerator(seed: seed, fullness: [2, 3, 3, 4, 4, 5, 6, 8, 10, 25])
        for number in 0..<Self.casesPerPart {
            let canonical = generator.message()
            let body = try NormalisedFHIRWriter().write(Self.message(canonical), canonical, detail: .losses).body
            let after = Self.content(try Self.back(body, detail: .losses).canonical)
            let before = Self.content(canonical)
            guard after == before else {
                let places = Difference.places(before, after)
                Issue.record(
                    "seed \(PropertySeed.base), part \(part), case \(number): \(places.prefix(5).joined(separator: "; "))"
                )
                return
            }
        }
    }

    @Test("what is written is valid FHIR R4", arguments: 0..<8)
    func valid(_ part: Int) throws {
        var generator = BridgeTestKit.ReferralGenerator(
            seed: PropertySeed.part(1_000 + part), fullness: [5, 10, 20, 40])
        for number in 0..<150 {
            let canonical = generator.message()
            let body = try NormalisedFHIRWriter().write(Self.message(canonical), canonical, detail: .losses).body
            let report = StructureValidator().validate(body)
            if let error = report.issues.first(where: { $0.severity == .error || $0.severity == .fatal }) {
                Issue.record(
                    "seed \(PropertySeed.base), part \(part), case \(number): \(error.description)"
                )
                return
            }
        }
    }

    @Test("of the original the bundle keeps which one it was")
    func provenance() throws {
        var generator = BridgeTestKit.ReferralGenerator(seed: 11)
        let canonical = generator.message()
        let body = try NormalisedFHIRWriter().write(Self.message(canonical), canonical).body
        let bundle = try #require(FHIRBundle(try JSONValue(parsing: body)))
        let header = try #require(bundle.header?.entry.resource)
        let url = NormalisedForm.url(of: "sha256", in: Original.self)
        #expect(header.extensionValue(url)?.stringValue == canonical.original.sha256)
        #expect(try Self.back(body).canonical.original.dialect == canonical.original.dialect)
    }

    @Test("each field that is changed in the bundle is changed in what is read: no value stands in two places unseen")
    func mutation() throws {
        var generator = BridgeTestKit.ReferralGenerator(seed: PropertySeed.part(77))
        for _ in 0..<20 {
            let canonical = generator.message()
            let translated = try NormalisedFHIRWriter().write(Self.message(canonical), canonical)
            let bundle = try JSONValue(parsing: translated.body)
            let before = Self.content(try Self.back(translated.body).canonical)
            for entry in translated.ledger.entries where entry.disposition == .kept && entry.note == nil {
                let pointer = try JSONPointer(entry.target)
                guard entry.target.hasSuffix("/valueString") || entry.target.hasSuffix("/text"),
                    bundle.value(at: pointer)?.stringValue != nil, !entry.source.hasPrefix("/original"),
                    !entry.target.contains("/extension/0/valueString")
                else { continue }
                var changed = bundle
                guard changed.set("changed", at: pointer) else { continue }
                let after = Self.content(try Self.back(changed.bytes()).canonical)
                #expect(after != before, "\(entry.target) is not read; it says \(entry.source)")
            }
        }
    }
}

/// Where two values differ.
enum Difference {
    static func places(_ left: JSONValue?, _ right: JSONValue?, at place: String = "") -> [String] {
        guard left != right else { return [] }
        if let one = left?.objectValue, let other = right?.objectValue {
            let names = one.names + other.names.filter { one[$0] == nil }
            let found = names.flatMap { places(one[$0], other[$0], at: "\(place)/\($0)") }
            return found.isEmpty ? ["\(place): order of members"] : found
        }
        if let one = left?.arrayValue, let other = right?.arrayValue {
            return (0..<max(one.count, other.count)).flatMap {
                places(left?[$0], right?[$0], at: "\(place)/\($0)")
            }
        }
        return ["\(place): \(left?.text() ?? "absent") became \(right?.text() ?? "absent")"]
    }
}
