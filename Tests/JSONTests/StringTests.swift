// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Strings")
struct StringTests {
    @Test(
        "escapes are decoded",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0000""#, "\u{0}"),
            (#""\u0041\u00e9\u00E9""#, "Aéé"),
            (#""\u20ac""#, "€"), (#""\ud83d\ude00""#, "😀"), (#""\uD83D\uDE00""#, "😀"),
            (#""\ud800\udc00""#, "\u{10000}"),
            (#""\udbff\udfff""#, "\u{10FFFF}"), (#""\uffff\ufffe""#, "\u{FFFF}\u{FFFE}"), (#""a\u0062c\n1""#, "abc\n1"),
            (#""\ud7ff\ue000""#, "\u{D7FF}\u{E000}"), (#""\\u0041""#, #"\u0041"#), (#""\u005C\u0022""#, "\\\""),
        ])
    func decodes(text: String, meant: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(value == .string(meant))
        #expect(try JSONDocument(parsing: Array(text.utf8)).root.stringValue == meant)
        #expect(try JSONValue(parsing: value.text()) == value)
    }

    @Test(
        "a broken escape is rejected",
        arguments: [
            (#""\x""#, .invalidEscape, 2), (#""\U0041""#, .invalidEscape, 2), (#""\'""#, .invalidEscape, 2),
            (#""\u12G4""#, .invalidEscape, 5), (#""\u""#, .invalidEscape, 3), (#""\ud800""#, .loneSurrogate, 1),
            (#""a\ud800b""#, .loneSurrogate, 2), (#""\udc00""#, .loneSurrogate, 1),
            (#""\udfff\ud800""#, .loneSurrogate, 1),
            (#""\ud800\ud800""#, .loneSurrogate, 1), (#""\udc00\udc00""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1),
            (#""\ud800\n""#, .loneSurrogate, 1), (#""\ud800\u00""#, .invalidEscape, 11),
        ] as [(String, JSONError.Code, Int)])
    func rejectsEscape(text: String, code: JSONError.Code, offset: Int) {
        #expect(failure(text)?.code == code)
        #expect(failure(text)?.offset == offset)
    }

    @Test("every control byte must be escaped, at every place in a word", arguments: UInt8(0)..<0x20)
    func rejectsControl(byte: UInt8) {
        for padding in 0..<17 {
            let bytes = Array("\"".utf8) + Array(repeating: 0x61, count: padding) + [byte] + Array("bcdefghij\"".utf8)
            let error = failure(bytes)
            #expect(error?.code == .invalidString)
            #expect(error?.offset == padding + 1)
        }
    }

    @Test("every sequence of two to four bytes is accepted if and only if it is UTF-8")
    func judgesUTF8() {
        var sequences: [[UInt8]] = []
        let edges: [UInt8] = [0x61, 0x7F, 0x80, 0xBF, 0xC0, 0xFF]
        for lead in UInt8(0x80)...0xFF {
            sequences.append([lead])
            for second in UInt8(0x60)...0xFF where second != 0x7F || lead > 0xC0 {
                sequences.append([lead, second])
                guard lead >= 0xE0 else { continue }
                for third in edges {
                    sequences.append([lead, second, third])
                    if lead >= 0xF0 { sequences += [0x7F, 0x80, 0xBF, 0xC0].map { [lead, second, third, $0] } }
                }
            }
        }
        for sequence in sequences where !sequence.contains(0x5C) {
            let bytes = [0x22, 0x61] + sequence + [0x22]
            let text = String(validating: [0x61] + sequence, as: UTF8.self)
            let value = try? JSONValue(parsing: bytes)
            if value?.stringValue.map({ Array($0.utf8) }) != text.map({ Array($0.utf8) }) {
                Issue.record("judged differently: \(sequence)")
            }
        }
    }

    @Test("bytes that are no UTF-8 are named by their first byte, also when the input ends in them")
    func placesInvalidUTF8() {
        #expect(failure([0x22, 0x61, 0xC0, 0xAF, 0x22])?.offset == 2)
        #expect(failure([0x22, 0x61, 0xC0, 0xAF, 0x22])?.code == .invalidUTF8)
        #expect(failure([0x22, 0xED, 0xA0, 0x80, 0x22])?.code == .invalidUTF8)
        #expect(failure([0x22, 0xF0, 0x9F, 0x98])?.code == .invalidUTF8)
        #expect(failure([0xC3, 0xA9])?.code == .unexpectedByte)
        #expect(failure(Array("{\"é".utf8) + [0xFF] + Array("\":1}".utf8))?.code == .invalidUTF8)
    }

    @Test("canonically equivalent spellings are different strings and different names")
    func comparesBytes() throws {
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        // Also where the lengths agree: the Ångström sign, and A with a ring.
        #expect(JSONValue.string("\u{212B}") != .string("A\u{30A}"))
        let value = try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(Set([JSONValue.string("\u{E9}"), .string("e\u{301}")]).count == 2)
    }

    @Test("long strings are cut at the right byte whatever their length")
    func endsAtEveryLength() throws {
        for length in 0..<40 {
            let text = String(repeating: "a", count: length)
            #expect(try JSONValue(parsing: "[\"\(text)\",\"\(text)é\"]") == [.string(text), .string(text + "é")])
            #expect(failure("\"\(text)")?.offset == length + 1)
        }
    }
}
