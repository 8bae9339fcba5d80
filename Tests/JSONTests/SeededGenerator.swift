// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// SplitMix64: the same seed gives the same documents on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

    mutating func value(depth: Int = 0) -> JSONValue {
        switch below(depth > 4 ? 5 : 8) {
        case 0: .null
        case 1: .bool(chance(2))
        case 2: .number(number())
        case 3, 4: .string(text())
        case 5, 6: .object(object(depth: depth))
        default: .array((0..<below(6)).map { _ in value(depth: depth + 1) })
        }
    }

    private mutating func object(depth: Int) -> JSONObject {
        // Now and then past the size where names are compared by sorting.
        let count = chance(20) ? 16 + below(10) : below(6)
        return JSONObject((0..<count).map { _ in JSONMember(name: text(), value: value(depth: depth + 1)) })
    }

    mutating func number() -> JSONNumber {
        var text = chance(3) ? "-" : ""
        text += chance(4) ? "0" : String(1 + below(9)) + digits(below(chance(8) ? 40 : 6))
        if chance(2) { text += "." + digits(1 + below(6)) }
        if chance(4) { text += (chance(2) ? "e" : "E") + ["", "+", "-"][below(3)] + digits(1 + below(3)) }
        return JSONNumber(text: text) ?? 0
    }

    private mutating func digits(_ count: Int) -> String {
        (0..<count).map { _ in String(below(10)) }.joined()
    }

    mutating func text() -> String {
        var text = ""
        for _ in 0..<below(chance(6) ? 60 : 10) { text.unicodeScalars.append(scalar()) }
        return text
    }

    private mutating func scalar() -> Unicode.Scalar {
        let ranges: [ClosedRange<UInt32>] = [
            0x00...0x1F, 0x20...0x7F, 0x20...0x7F, 0x22...0x22, 0x5C...0x5C, 0x80...0x7FF, 0x300...0x30F,
            0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
        ]
        return Unicode.Scalar(UInt32.random(in: ranges[below(ranges.count)], using: &self)) ?? " "
    }

    /// Another spelling of `value`: whitespace anywhere, any character as an escape, numbers as they are.
    mutating func spelling(of value: JSONValue) -> String {
        let body =
            switch value {
            case .object(let object):
                "{"
                    + object.map { member in
                        space() + quoted(member.name) + space() + ":" + spelling(of: member.value)
                    }.joined(separator: ",") + space() + "}"
            case .array(let elements):
                "[" + elements.map { spelling(of: $0) }.joined(separator: ",") + space() + "]"
            case .string(let text): quoted(text)
            case .number(let number): number.text
            case .bool(let flag): String(flag)
            case .null: "null"
            }
        return space() + body + space()
    }

    private mutating func space() -> String {
        chance(4) ? (0..<below(12)).map { _ in [" ", "\n", "\r", "\t"][below(4)] }.joined() : ""
    }

    private mutating func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            let short: [Unicode.Scalar: String] = [
                "\"": "\\\"", "\\": "\\\\", "\u{8}": "\\b", "\u{C}": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
                "/": "\\/",
            ]
            if let escape = short[scalar], chance(2) {
                output += escape
            } else if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || chance(5) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: chance(2))
                    output += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                }
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
