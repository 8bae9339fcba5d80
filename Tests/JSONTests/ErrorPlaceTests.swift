// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("The place of an error")
struct ErrorPlaceTests {
    @Test(
        "offset, line and column point at the offending byte",
        arguments: [
            ("[1,]", 3, 1, 4), ("\n\n  x", 4, 3, 3), ("{\n  \"a\": 1,\n  \"b\": 01\n}", 20, 3, 9),
            ("{\"a\"\r\n:\r\n!}", 9, 3, 1), ("[\"é\", x]", 7, 1, 8), ("[1", 2, 1, 3), ("[1\n", 3, 2, 1), ("", 0, 1, 1),
            ("  ", 2, 1, 3), ("\n", 1, 2, 1), ("tru ", 3, 1, 4), ("1 \n 1", 4, 2, 2), ("\"a\nb\"", 2, 1, 3),
            ("{\"a\":1\n,\n\"a\":2}", 9, 3, 1), ("\"\\ud800\"", 1, 1, 2),
        ])
    func isExact(text: String, offset: Int, line: Int, column: Int) {
        let error = failure(text)
        #expect(error?.offset == offset)
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test("the description names place, expectation and byte, and nothing else of the input")
    func describes() {
        #expect(
            failure("{\"secret\": 1\n \"b\": 2}")?.description
                == "line 2, column 2 (offset 14): expected ',' or '}', found byte 0x22 [unexpectedByte]")
        #expect(
            failure("{\"secret\": [1")?.description
                == "line 1, column 14 (offset 13): expected ',' or ']' [unexpectedEnd]")
        #expect(failure("\u{1}")?.description.contains("0x01") == true)
    }

    @Test("no error tells more of the input than one byte")
    func keepsInputPrivate() throws {
        let words = ["Zebulon", "Quixote"]
        let text = "{\"Zebulon\":[\"Quixote\",{\"Quixote\":\"Zebulon\"}]}"
        for length in 0..<text.utf8.count {
            for extra in ["", "\u{1}", "\\x", "x", "}", "]", "\"Zebulon"] {
                guard let error = failure(String(text.prefix(length)) + extra) else { continue }
                for word in words { #expect(!error.description.contains(word)) }
            }
        }
    }
}
