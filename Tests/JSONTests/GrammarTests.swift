// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("What RFC 8259 allows and forbids")
struct GrammarTests {
    @Test(
        "a JSON text is accepted, with the value meant",
        arguments: [
            ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("\"\"", ""), ("0", 0), ("[]", []),
            ("{}", [:]), (" \t\r\n[ \n1\t,\r2 ]\n", [1, 2]), ("{ \"a\" : 1 , \"b\" : [ ] }", ["a": 1, "b": []]),
            ("[[[[]]]]", [[[[]]]]), ("[null]", [.null]), ("{\"\":0}", ["": 0]), ("\"a/b\"", "a/b"),
            ("[{\"a\":[{}]},true]", [["a": [[:]]], true]), ("\"\u{7F}\"", "\u{7F}"),
            ("                [          1          ]", [1]),
            ("{\"a\":{\"a\":{\"a\":1}}}", ["a": ["a": ["a": 1]]]),
        ] as [(String, JSONValue)])
    func accepts(text: String, meant: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == meant)
        #expect(try JSONDocument(parsing: Array(text.utf8)).root.value == meant)
    }

    @Test(
        "what is no JSON text is rejected for its reason",
        arguments: [
            ("", .emptyInput), (" \n\t", .emptyInput), ("\u{FEFF}1", .byteOrderMark), ("[1,]", .unexpectedByte),
            ("{\"a\":1,}", .unexpectedByte), ("[,1]", .unexpectedByte), ("[1 2]", .unexpectedByte),
            ("[1", .unexpectedEnd), ("[", .unexpectedEnd), ("[1,", .unexpectedEnd), ("{", .unexpectedEnd),
            ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd), ("{\"a\":1", .unexpectedEnd),
            ("{\"a\":1,", .unexpectedEnd), ("\"a", .unexpectedEnd), ("\"a\\", .unexpectedEnd),
            ("\"\\u12", .unexpectedEnd), ("tru", .unexpectedEnd), ("fals", .unexpectedEnd), ("n", .unexpectedEnd),
            ("-", .unexpectedEnd), ("1.", .unexpectedEnd), ("1e", .unexpectedEnd), ("1e+", .unexpectedEnd),
            ("trux", .unexpectedByte), ("True", .unexpectedByte), ("fAlse", .unexpectedByte), ("nulL", .unexpectedByte),
            ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte), ("-Infinity", .invalidNumber),
            ("undefined", .unexpectedByte), ("'a'", .unexpectedByte), ("{a:1}", .unexpectedByte),
            ("{1:1}", .unexpectedByte), ("{\"a\" 1}", .unexpectedByte), ("{\"a\":1:2}", .unexpectedByte),
            ("{\"a\":}", .unexpectedByte), ("{\"a\",\"b\"}", .unexpectedByte), ("{,}", .unexpectedByte),
            ("[1}", .unexpectedByte), ("{\"a\":1]", .unexpectedByte), ("]", .unexpectedByte), ("[:]", .unexpectedByte),
            ("// c\n1", .unexpectedByte), ("[1/* c */]", .unexpectedByte), ("1 // c", .trailingContent),
            ("1 2", .trailingContent), ("{}{}", .trailingContent), ("[]]", .trailingContent),
            ("nullnull", .trailingContent), ("\"a\"b", .trailingContent), ("1\u{0}", .trailingContent),
            ("[1\u{A0}]", .unexpectedByte), ("\u{B}1", .unexpectedByte), ("\u{C}1", .unexpectedByte),
            ("[\u{2028}1]", .unexpectedByte), ("{\"a\":1,\"a\":1}", .duplicateKey), ("\u{0}", .unexpectedByte),
        ] as [(String, JSONError.Code)])
    func rejects(text: String, code: JSONError.Code) {
        #expect(failure(text)?.code == code)
        #expect(throws: JSONError.self) { try JSONDocument(parsing: Array(text.utf8)) }
    }

    @Test("every short text of the grammar's tokens is judged as the plain grammar judges it")
    func agreesWithReference() {
        let tokens = ["[", "]", "{", "}", ",", ":", "\"a\"", "1", " "]
        var texts = [""]
        var accepted = 0
        for _ in 0..<5 {
            texts = texts.flatMap { text in tokens.map { text + $0 } }
            for text in texts {
                let isAccepted = (try? JSONValue(parsing: text)) != nil
                if isAccepted { accepted += 1 }
                if isAccepted != ReferenceGrammar.accepts(text) { Issue.record("judged differently: \(text)") }
            }
        }
        #expect(accepted > 100)
    }

    @Test("a slice and a lazy collection are parsed as an array is")
    func acceptsOtherCollections() throws {
        let bytes = Array("xx[1,\"é\"]yy".utf8)
        #expect(try JSONValue(parsing: bytes[2..<10]) == [1, "é"])
        #expect(try JSONValue(parsing: CollectionOfOne(UInt8(0x37))) == 7)
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes[2..<9]) }
    }
}

/// The error that a text is rejected with; nil when it is accepted.
func failure(_ text: String, limits: JSONLimits = .default) -> JSONError? {
    failure(Array(text.utf8), limits: limits)
}

func failure(_ bytes: [UInt8], limits: JSONLimits = .default) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONValue(parsing: bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}
