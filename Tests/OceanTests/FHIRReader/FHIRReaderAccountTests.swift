// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite struct FHIRReaderAccountTests {
    @Test("every value of a fixture stands in the ledger exactly once", arguments: try FHIRReading.all)
    func exactlyOnce(_ name: String) throws {
        let bytes = try Fixture.bytes(name)
        let json = try JSONValue(parsing: bytes)
        let message = try OceanFHIRReader().read(json, bytes: bytes, mediaType: "application/fhir+json")
        #expect(message.ledger.entries.map(\.source).sorted() == FHIRReading.leaves(json).sorted())
    }

    @Test("what the ledger calls kept stands at its target with the same value", arguments: try FHIRReading.all)
    func targets(_ name: String) throws {
        let bytes = try Fixture.bytes(name)
        let json = try JSONValue(parsing: bytes)
        let message = try OceanFHIRReader().read(json, bytes: bytes, mediaType: "application/fhir+json")
        let canonical = message.canonical.json
        for entry in message.ledger.entries {
            let target = canonical.value(at: try JSONPointer(entry.target))
            #expect(target != nil, "\(entry.source) → \(entry.target)")
            guard entry.note == nil || entry.target.hasPrefix("/referral/unmapped/") else { continue }
            #expect(target == json.value(at: try JSONPointer(entry.source)), "\(entry.source) → \(entry.target)")
        }
    }

    @Test("a canonical message survives its own JSON", arguments: try FHIRReading.all)
    func canonicalJSON(_ name: String) throws {
        let bytes = try Fixture.bytes(name)
        let canonical = try OceanFHIRReader().read(try JSONValue(parsing: bytes), bytes: bytes, mediaType: "a/b")
            .canonical
        var unknown: [JSONPointer] = []
        let again = try CanonicalMessage(
            json: try JSONValue(parsing: canonical.json.bytes()), at: .root, unknown: &unknown)
        #expect(again == canonical)
        #expect(unknown.isEmpty)
    }

    @Test("ordinary messages leave nothing unmapped but what has no canonical field")
    func unmapped() throws {
        let paths = try FHIRReading.referral("0.11.1/add-service-request").unmapped.map(\.path)
        #expect(paths == [])
    }

    @Test("random damage is read or refused, never trapped, and never loses a value", .timeLimit(.minutes(15)))
    func damage() throws {
        var random = SplitMix(state: 20_240_624)
        for name in try FHIRReading.all {
            let original = try JSONValue(parsing: try Fixture.bytes(name))
            for _ in 0..<6 {
                var json = original
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let places = FHIRReading.leaves(json)
                    guard let place = places.randomElement(using: &random) else { continue }
                    var tokens = try JSONPointer(place).tokens
                    if Bool.random(using: &random) {
                        tokens.removeLast(Int.random(in: 0...min(2, tokens.count), using: &random))
                    }
                    _ = json.set(Self.junk(&random, original), at: JSONPointer(tokens: tokens))
                }
                do {
                    let message = try OceanFHIRReader().read(json, bytes: [], mediaType: "application/json")
                    #expect(message.ledger.entries.map(\.source).sorted() == FHIRReading.leaves(json).sorted())
                    let writer = NormalisedFHIRWriter()
                    _ = try writer.write(WriterTests.message(message), message.canonical)
                } catch {
                    #expect([.noReference, .unknownFormat].contains(error.code))
                }
            }
        }
    }

    private static func junk(_ random: inout SplitMix, _ original: JSONValue) -> JSONValue {
        switch Int.random(in: 0..<11, using: &random) {
        case 0: .null
        case 1: .bool(true)
        case 2: .number(JSONNumber(Int.random(in: -9...9_999_999, using: &random)))
        case 3: ""
        case 4: "urn:uuid:00000000-0000-4000-8000-000000000000"
        case 5: .array([])
        case 6: .object([:])
        case 7: .array([.null, "x", ["value": ["value": 1]], [[]]])
        case 8: ["resourceType": "ServiceRequest", "extension": [["url": 1, "valueX": []]]]
        case 9: "2024-02-30T99:99:99+99:99"
        default: original["entry"]?[Int.random(in: 0..<10, using: &random)]?["resource"] ?? "\u{0}"
        }
    }

    @Test("a hundred thousand entries and ten mebibytes of values are read in bounded time", .timeLimit(.minutes(15)))
    func hostile() throws {
        let (_, json, _) = try FHIRReading.fixture("0.11.1/add-service-request")
        let entries = try #require(json["entry"]?.arrayValue)
        var wide = json
        wide["entry"] = .array(
            entries + (0..<100_000).map { ["resource": ["resourceType": "Basic", "id": .string("b\($0)")]] })
        let many = try OceanFHIRReader().read(wide, bytes: [], mediaType: "application/json")
        #expect(many.canonical.referral?.resources.count == 100)
        #expect(many.canonical.referral?.unmapped.count == Unmapped.limit)
        #expect(many.ledger.losses.map(\.source) == ["/entry/\(entries.count + 100 + Unmapped.limit)/resource"])
        #expect(many.canonical.referral?.patient != nil)
        var deep = json
        deep["filler"] = .array(Array(repeating: .null, count: 5 << 20))
        let large = try OceanFHIRReader().read(deep, bytes: [], mediaType: "application/json")
        #expect(large.canonical.referral?.unmapped.map(\.path) == ["/filler"])
        #expect(large.ledger.entries.count { $0.source.hasPrefix("/filler") } == 1)
    }

    @Test("circular references end", .timeLimit(.minutes(15)))
    func circular() throws {
        let message = try FHIRReading.read("0.11.1/split-child") { json in
            for (index, entry) in (json["entry"]?.arrayValue ?? []).enumerated() {
                guard let url = entry["fullUrl"] else { continue }
                let reference: JSONValue = ["reference": url]
                for member in ["practitioner", "basedOn", "requester", "subject", "organization"] {
                    let value: JSONValue = member == "basedOn" ? [reference] : reference
                    _ = json.set(value, at: try JSONPointer("/entry/\(index)/resource/\(member)"))
                }
            }
        }
        #expect(message.subject == "dd46f301-8e4f-4f41-9e6d-3c8d3c4e5f04")
    }
}

/// A small generator with a fixed seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
