// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Nothing is lost")
struct RoundTripTests {
    @Test("what is written is read back the same, in every style", arguments: 0..<4)
    func roundTrips(part: Int) throws {
        for seed in 0..<600 {
            var generator = SeededGenerator(seed: UInt64(part * 600 + seed))
            let value = generator.value()
            let bytes = value.bytes()
            #expect(try JSONValue(parsing: bytes) == value, "seed \(part * 600 + seed)")
            #expect(try JSONValue(parsing: bytes).bytes() == bytes, "seed \(part * 600 + seed)")
            #expect(try JSONValue(parsing: value.bytes(.pretty)) == value)
            #expect(try JSONValue(parsing: value.bytes(.canonical)).bytes(.canonical) == value.bytes(.canonical))
        }
    }

    @Test("every spelling of a document is read as the same value")
    func readsEverySpelling() throws {
        for seed in UInt64(10_000)..<10_800 {
            var generator = SeededGenerator(seed: seed)
            let value = generator.value()
            let spelling = Array(generator.spelling(of: value).utf8)
            #expect(try JSONValue(parsing: spelling) == value, "seed \(seed)")
            let document = try JSONDocument(parsing: spelling)
            #expect(document.bytes == spelling)
            #expect(document.root.value == value, "seed \(seed)")
            expectSame(document.root, value)
        }
    }

    @Test("a damaged document is rejected or read exactly, and never traps", arguments: 0..<4)
    func survivesDamage(part: Int) throws {
        var accepted = 0
        var rejected = 0
        for seed in 0..<600 {
            var generator = SeededGenerator(seed: UInt64(20_000 + part * 600 + seed))
            let value = generator.value()
            var bytes = Array(generator.spelling(of: value).utf8)
            for _ in 0...generator.below(3) { damage(&bytes, &generator) }
            guard let read = try? JSONValue(parsing: bytes) else {
                rejected += 1
                #expect(throws: JSONError.self) { try JSONDocument(parsing: bytes) }
                continue
            }
            accepted += 1
            #expect(String(validating: bytes, as: UTF8.self) != nil)
            #expect(try JSONValue(parsing: read.bytes()) == read)
            #expect(try JSONDocument(parsing: bytes).root.value == read)
        }
        #expect(accepted > 20)
        #expect(rejected > 100)
    }

    private func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = generator.below(bytes.count)
        let grammar = Array("{}[]\",:\\u0123-.eE tfn".utf8)
        let byte = generator.chance(2) ? UInt8(generator.below(256)) : grammar[generator.below(grammar.count)]
        switch generator.below(4) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2: bytes.remove(at: place)
        default: bytes.removeLast(min(bytes.count, generator.below(4)))
        }
    }

    /// Every accessor of a node against the value it stands for.
    private func expectSame(_ node: JSONNode, _ value: JSONValue) {
        #expect(node.kind == value.kind)
        #expect(node.boolValue == value.boolValue)
        #expect(node.numberValue == value.numberValue)
        #expect(node.intValue == value.intValue)
        #expect(node.isNull == value.isNull)
        #expect(node.stringValue.map(JSONValue.string) == value.stringValue.map(JSONValue.string))
        if let text = value.stringValue {
            #expect(node.equals(text))
            #expect(!node.equals(text + "x"))
        }
        #expect((try? JSONValue(parsing: node.rawBytes)) == value)
        let elements = Array(node.elements)
        #expect(elements.count == value.arrayValue?.count ?? 0)
        for (place, element) in elements.enumerated() {
            expectSame(element, value[place] ?? .null)
            #expect(node[place]?.rawRange == element.rawRange)
        }
        let members = Array(node.members)
        #expect(members.count == value.objectValue?.count ?? 0)
        for (member, expected) in zip(members, value.objectValue ?? [:]) {
            #expect(JSONValue.string(member.name) == .string(expected.name))
            #expect(node[expected.name]?.rawRange == member.value.rawRange)
            expectSame(member.value, expected.value)
        }
        #expect(node.count == elements.count + members.count)
    }
}
