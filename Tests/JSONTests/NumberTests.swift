// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Numbers")
struct NumberTests {
    @Test(
        "a number keeps its spelling",
        arguments: [
            "0", "-0", "1.00", "1.10", "0.010", "1e2", "1E+2", "1e-02", "0e0", "-0.0", "123456789", "0.1e1", "1e400",
            "1234567890123456789012345678901234567890", "0.1234567890123456789012345678901234567890", "43.25600",
        ])
    func keepsSpelling(text: String) throws {
        let value = try JSONValue(parsing: "[\(text)]")
        #expect(value[0]?.numberValue?.text == text)
        #expect(value.text() == "[\(text)]")
        #expect(JSONNumber(text: text)?.description == text)
        #expect(try JSONDocument(parsing: Array("[\(text)]".utf8)).root[0]?.numberValue?.text == text)
    }

    @Test(
        "what is no number is rejected",
        arguments: [
            "01", "-01", "00", "1.", ".5", "-.5", "+1", "1e", "1e+", "--1", "1.2.3", "1e2.5", "0x1F", "1_000", "-",
            "1.e2", "1ee2", "١", "1,0", " 1", "1 ", "", "NaN", "1f",
        ])
    func rejects(text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    @Test(
        "a leading zero, plus or point is an error also inside a document", arguments: ["01", "1.", ".5", "+1", "1e"])
    func rejectsInside(text: String) {
        #expect(failure("[\(text)]") != nil)
        if text.first?.isNumber == true { #expect(failure("[\(text)]")?.code == .invalidNumber) }
        #expect(failure("[\(text),2]") != nil)
    }

    @Test("every short text of a number's characters is judged as RFC 8259's grammar judges it")
    func agreesWithGrammar() throws {
        let grammar = try Regex("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")
        var texts = [""]
        for _ in 0..<4 {
            texts = texts.flatMap { text in "01-+.eE".map { text + String($0) } }
            for text in texts {
                let isNumber = text.wholeMatch(of: grammar) != nil
                if (JSONNumber(text: text) != nil) != isNumber { Issue.record("as a number: \(text)") }
                if ((try? JSONValue(parsing: text)) != nil) != isNumber { Issue.record("as a document: \(text)") }
            }
        }
    }

    @Test(
        "the integer is exact or absent",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.00", 0), ("42", 42), ("1e2", 100), ("1.0", 1), ("1.50e1", 15), ("100e-2", 1),
            ("0e99999999999999999999", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("-922337203685477580.8e1", .min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
            ("1e19", nil), ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil), ("1.5", nil),
            ("15e-2", nil), ("0.1", nil), ("12345678901234567890123", nil), ("1000000000000000000000e-20", 10),
        ] as [(String, Int?)])
    func exactInteger(text: String, value: Int?) {
        #expect(JSONNumber(text: text)?.intValue == value)
    }

    @Test("the nearest double is given for arithmetic")
    func nearestDouble() {
        #expect(JSONNumber(text: "1.10")?.doubleValue == 1.1)
        #expect(JSONNumber(text: "-2.5e3")?.doubleValue == -2500)
        #expect(JSONNumber(text: "1e400")?.doubleValue == .infinity)
    }

    @Test("numbers are equal when their spellings are")
    func equality() {
        #expect(JSONNumber(text: "1.0") != JSONNumber(text: "1"))
        #expect(JSONNumber(text: "1") == 1)
        #expect(JSONNumber(Int64.min).intValue == .min)
    }
}
