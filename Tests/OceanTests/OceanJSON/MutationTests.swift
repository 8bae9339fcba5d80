// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite("Damaged input")
struct MutationTests {
    private static let fixtures = [
        "ocean-json/referral-decrypted.json", "ocean-json/referral-encrypted.json",
        "ocean-json/referral-eventful.json", "patient-engagement/changelist-object.json", "open-referral/event.json",
    ]

    private let keys = SharedEncryptionKeys(current: SharedEncryptionKey(text: "Bridge#2025aBcD!"))

    private func reader() -> OceanInboundReader {
        let keys = keys
        return OceanInboundReader(
            bundleReader: { (_, _, _) throws(TranslationError) in
                throw TranslationError(.unknownFormat, "no bundles here")
            },
            keys: { _ in keys })
    }

    @Test("changed bytes never trap and are never taken for something unreadable in silence", arguments: fixtures)
    func bytes(name: String) throws {
        let original = try Fixture.bytes(name)
        var random = SeededGenerator(seed: 11)
        let reader = reader()
        var messages = 0
        for _ in 0..<400 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: place)
                }
            }
            if case .message(let message) = reader.read(bytes, mediaType: "application/json") {
                messages += 1
                #expect(!message.subject.isEmpty)
                #expect(Array(message.canonical.original.body.utf8) == bytes)
            }
        }
        #expect(messages > 0)
    }

    @Test(
        "values of other kinds anywhere never trap, and no leaf gets lost",
        arguments: fixtures.filter { $0.hasPrefix("ocean-json") })
    func values(name: String) throws {
        let original = try JSONValue(parsing: Fixture.bytes(name))
        let replacements: [JSONValue] = [
            .null, true, 0, -1, .number(JSONNumber(Int.max)), "", "x", [], [:], [.null], [[:]], [["a": [.null, 1]]],
            ["data": "AAAA", "iv": "x"],
        ]
        var places: Set<JSONPointer> = []
        for leaf in leaves(original) {
            let tokens = try JSONPointer(leaf).tokens
            for depth in 1...tokens.count { places.insert(JSONPointer(tokens: Array(tokens.prefix(depth)))) }
        }
        for place in places {
            for replacement in replacements {
                var json = original
                guard json.set(replacement, at: place),
                    let (_, ledger) = try? OceanJSONReader().read(json, keys: nil)
                else { continue }
                let sources = ledger.entries.map(\.source).sorted()
                try #require(sources == leaves(json).sorted(), "\(place)")
            }
        }
    }
}
