// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Writing")
struct WriterTests {
    private let value: JSONValue = [
        "b": [1, [:], [], ["x": "é/\u{7F}"]], "a": "\"\\\n\t\u{8}\u{C}\r\u{0}\u{1F}", "é": .null, "Z": true,
    ]

    @Test("compact has no whitespace, and escapes only what it must")
    func compact() {
        #expect(
            value.text()
                == #"{"b":[1,{},[],{"x":"é/"# + "\u{7F}"
                + #""}],"a":"\"\\\n\t\b\f\r\u0000\u001f","é":null,"Z":true}"#)
    }

    @Test("pretty indents by two spaces")
    func pretty() {
        let expected = """
            {
              "b": [
                1,
                {},
                [],
                {
                  "x": 1.50
                }
              ],
              "c": {}
            }
            """
        #expect((try? JSONValue(parsing: #"{"b":[1,{},[],{"x":1.50}],"c":{}}"#))?.text(.pretty) == expected)
    }

    @Test("canonical sorts names by their bytes at every level and keeps numbers as spelled")
    func canonical() throws {
        let text =
            "{\"é\":1.0,\"z\":{\"b\":1,\"a\":2},\"\u{10000}\":0,\"\u{FFFF}\":0,\"Z\":[{\"b\":1,\"a\":1e2}],\"\":0}"
        let expected =
            "{\"\":0,\"Z\":[{\"a\":1e2,\"b\":1}],\"z\":{\"a\":2,\"b\":1},\"é\":1.0,\"\u{FFFF}\":0,\"\u{10000}\":0}"
        #expect(try JSONValue(parsing: text).bytes(.canonical) == Array(expected.utf8))
        // Unicode's order puts the decomposed é after f.
        let names: JSONValue = ["\u{E9}": 3, "f": 2, "e\u{301}": 1]
        #expect(names.bytes(.canonical) == Array("{\"e\u{301}\":1,\"f\":2,\"\u{E9}\":3}".utf8))
    }

    @Test("a text of any length is embedded as a string without loss")
    func embeds() throws {
        for length in [0, 1, 7, 8, 9, 127, 128, 129, 255, 256, 257, 1_000] {
            for filler in ["a", "\"", "\u{1}", "é", "a\\", "\n😀"] {
                let text = String(String(repeating: filler, count: length).prefix(length))
                var output: [UInt8] = [0x5B]
                appendJSONString(utf8: Array(text.utf8), to: &output)
                output.append(0x2C)
                appendJSONString(utf8: Array("xx\(text)".utf8).dropFirst(2), to: &output)
                output.append(0x5D)
                #expect(try JSONValue(parsing: output) == [.string(text), .string(text)])
            }
        }
    }

    @Test("every byte below 0x80 is written so that it is read back, at every place in a word")
    func escapesEverywhere() throws {
        for byte in UInt8(0)..<0x80 {
            for padding in 0..<17 {
                let text = String(repeating: "é", count: padding / 2) + String(repeating: "a", count: padding % 9)
                let value = JSONValue.string(text + String(UnicodeScalar(byte)) + " tail ¢")
                if try JSONValue(parsing: value.bytes()) != value { Issue.record("byte \(byte) after \(padding)") }
            }
        }
    }

    @Test("a writer appends to what is there")
    func appends() {
        var output = Array("data: ".utf8)
        JSONWriter().append(["a": 1], to: &output)
        #expect(String(decoding: output, as: UTF8.self) == #"data: {"a":1}"#)
    }
}
