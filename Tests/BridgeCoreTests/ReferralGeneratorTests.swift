// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

struct ReferralGeneratorTests {
    @Test("every field of the canonical model is generated, with more than one value")
    func everyField() {
        var generator = ReferralGenerator(seed: 1)
        var seen = SeenFields()
        for _ in 0..<600 { seen.note(generator.message()) }
        let missing = seen.missing(in: CanonicalMessage.self)
        #expect(missing.isEmpty, "never generated: \(missing.joined(separator: ", "))")
        let constant = seen.values.filter { $0.value.count < 2 && !SeenFields.isFlag($0.key) }.map(\.key).sorted()
        #expect(constant.isEmpty, "always the same: \(constant)")
    }

    @Test("the same seed gives the same message, another seed another")
    func seed() {
        var first = ReferralGenerator(seed: 7)
        var again = ReferralGenerator(seed: 7)
        var other = ReferralGenerator(seed: 8)
        let one = first.message()
        #expect(one == again.message())
        #expect(one != other.message())
        #expect(one != first.message())
    }

    @Test("what is generated survives its own JSON form")
    func json() throws {
        var generator = ReferralGenerator(seed: 3)
        for _ in 0..<300 {
            let message = generator.message()
            let bytes = message.json.bytes(.compact)
            var unknown: [JSONPointer] = []
            let back = try CanonicalMessage(
                json: JSONValue(parsing: bytes), at: .root, unknown: &unknown)
            #expect(back.json.bytes(.compact) == bytes)
            #expect(unknown.isEmpty)
        }
    }

    @Test("odd cases occur: empty texts, lone marks, control characters, dates of each precision, deep forms")
    func oddities() {
        var generator = ReferralGenerator(seed: 5)
        var all: [UInt8] = []
        for _ in 0..<400 { all += generator.message().json.bytes(.compact) }
        let text = String(decoding: all, as: UTF8.self)
        for piece in [":\"\"", "\\u0000", "e\u{301}", "<br", "-02-30\"", "👩🏽‍⚕️", ".5Z\"", "\"items\":[{", "1.50"] {
            #expect(text.utf8.firstRange(of: piece.utf8) != nil, "never generated: \(piece.debugDescription)")
        }
    }
}

/// Which members of which records occurred, and with how many values.
private struct SeenFields {
    var values: [String: Set<JSONValue>] = [:]
    private var types: [String: any JSONRecord.Type] = [:]

    static func isFlag(_ field: String) -> Bool {
        ["test", "hidden", "internalOnly", "thin", "base64"].contains { field.hasSuffix("." + $0) }
            || field.hasPrefix("CanonicalMessage.")
    }

    mutating func note<Record: JSONRecord>(_ record: Record) { note(record.json, as: Record.self) }

    private mutating func note(_ json: JSONValue, as type: any JSONRecord.Type) { visit(json, type) }

    private mutating func visit<Record: JSONRecord>(_ json: JSONValue, _ type: Record.Type) {
        for field in Record.fields {
            guard let value = json[field.name] else { continue }
            let key = "\(Record.definitionName).\(field.name)"
            if values[key, default: []].count < 2 { values[key, default: []].insert(value) }
            guard let record = field.record else { continue }
            for element in value.arrayValue ?? [value] { note(element, as: record) }
        }
    }

    func missing(in root: any JSONRecord.Type) -> [String] {
        var output: [String] = []
        var open: [any JSONRecord.Type] = [root]
        var visited: Set<String> = []
        while let type = open.popLast() {
            guard visited.insert(type.definitionName).inserted else { continue }
            let found = Self.fields(of: type)
            output += found.names.filter { values[$0] == nil }
            open += found.records
        }
        // `base64` is for bodies that are no text; the generator's are.
        return output.filter { $0 != "Original.base64" }.sorted()
    }

    private static func fields(of type: any JSONRecord.Type) -> (names: [String], records: [any JSONRecord.Type]) {
        func read<Record: JSONRecord>(_ type: Record.Type) -> ([String], [any JSONRecord.Type]) {
            (Record.fields.map { "\(Record.definitionName).\($0.name)" }, Record.fields.compactMap(\.record))
        }
        return read(type)
    }
}
