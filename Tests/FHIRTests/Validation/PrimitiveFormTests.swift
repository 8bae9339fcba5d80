// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FHIR

@Suite struct PrimitiveFormTests {
    private static let good: [(PrimitiveType, [String])] = [
        (.date, ["2026", "2026-03", "2026-03-02", "2024-02-29", "0001-01-01", "2000-02-29"]),
        (.dateTime, ["2026", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00.123456789-05:00", "2016-12-31T23:59:60Z"]),
        (.instant, ["2026-03-02T10:00:00Z", "2026-03-02T00:00:00+14:00", "2026-03-02T00:00:00.0+13:59"]),
        (.time, ["00:00:00", "23:59:60", "08:30:00.5"]),
        (.code, ["a", "a b", "final", "<="]), (.id, ["a", "A-1.b", String(repeating: "x", count: 64)]),
        (.uri, ["http://example.org/a|1", "urn:oid:1.2", "#x", "é"]), (.oid, ["urn:oid:2.16.840", "urn:oid:0.0"]),
        (.uuid, ["urn:uuid:6b0d549b-6f03-475a-9600-a35a099950d8"]),
        (.base64Binary, ["SGk=", "SG k=\n", "AAAA", "AA=="]), (.integer, ["0", "-1", "2147483647", "-2147483648"]),
        (.unsignedInt, ["0", "2147483647"]), (.positiveInt, ["1"]), (.decimal, ["1.0e400", "-0.0"]),
        (.string, ["a", " ", "é\n\t"]), (.markdown, ["# a"]),
        (.xhtml, ["<div>a</div>", " <div xmlns=\"http://www.w3.org/1999/xhtml\"><p/></div>\n"]),
    ]
    private static let bad: [(PrimitiveType, [String])] = [
        (
            .date,
            [
                "", "26", "2026-3", "2026-13", "2026-00", "2026-02-30", "2023-02-29", "1900-02-29", "0000",
                "2026-03-02T",
                "2026-03-02T10:00:00Z", " 2026", "2026-", "20260302", "2026-04-31",
            ]
        ),
        (
            .dateTime,
            [
                "2026-03-02T10:00:00", "2026-03-02T10:00Z", "2026-03T10:00:00Z", "2026-03-02 10:00:00Z",
                "2026-03-02T24:00:00Z", "2026-03-02T10:00:61Z", "2026-03-02T10:00:00+14:01", "2026-03-02T10:00:00+0500",
                "2026-03-02T10:00:00.Z", "2026-03-02T10:00:00ZZ", "not a date",
            ]
        ),
        (.instant, ["2026", "2026-03-02"]), (.time, ["10:00", "24:00:00", "10:00:00Z", "1:00:00"]),
        (.code, ["", " a", "a ", "a  b"]), (.id, ["", "a_b", "a b", "é", String(repeating: "x", count: 65)]),
        (.uri, ["", "a b", "a\t"]), (.oid, ["1.2", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02", "urn:oid:1..2"]),
        (
            .uuid,
            ["6b0d549b-6f03-475a-9600-a35a099950d8", "urn:uuid:6B0D549B-6F03-475A-9600-A35A099950D8", "urn:uuid:x"]
        ),
        (.base64Binary, ["", "A", "AA=", "=AAA", "A=AA", "A-A_", "===="]),
        (.integer, ["1.0", "1e2", "-0", "01", "2147483648", "-2147483649", "99999999999999999999"]),
        (.unsignedInt, ["-1"]), (.positiveInt, ["0", "-1"]), (.string, ["", "a\u{B}"]),
        (.xhtml, ["", "a", "<div>", "<div></div>", "<div> \n</div>", "<divx>a</divx>", "<p>a</p>"]),
    ]

    @Test("values of the right form are accepted", arguments: good)
    func accepted(_ type: PrimitiveType, _ texts: [String]) {
        for text in texts { #expect(type.accepts(Array(text.utf8)[...]), "\(type): \(text)") }
    }

    @Test("values of another form are not", arguments: bad)
    func refused(_ type: PrimitiveType, _ texts: [String]) {
        for text in texts { #expect(!type.accepts(Array(text.utf8)[...]), "\(type): \(text)") }
    }

    @Test("a text of more than 1,048,576 characters is too long, whatever its bytes")
    func long() {
        let full = String(repeating: "é", count: 1_048_576)
        #expect(PrimitiveType.string.accepts(Array(full.utf8)[...]))
        #expect(!PrimitiveType.string.accepts(Array((full + "a").utf8)[...]))
    }

    @Test("moments are compared as far as both are given, with time zones and fractions")
    func order() throws {
        let cases: [(String, String, Bool)] = [
            ("2026-03-02", "2026-03-01", true), ("2026-03", "2026-03-01", false), ("2027", "2026-12-31", true),
            ("2026-03-02T10:00:00Z", "2026-03-02T10:30:00+01:00", true),
            ("2026-03-02T10:00:00Z", "2026-03-02T11:00:00+01:00", false),
            ("2026-03-02T10:00:00.5Z", "2026-03-02T10:00:00Z", true),
            ("2026-03-02T10:00:00.50Z", "2026-03-02T10:00:00.5Z", false),
            ("2026-03-02T10:00:00.49Z", "2026-03-02T10:00:00.5Z", false),
            ("2026-03-01T00:00:00Z", "2026-02-28T23:59:59Z", true),
        ]
        for (left, right, expected) in cases {
            let first = try #require(DateScan(dateTime: Array(left.utf8)[...]))
            let second = try #require(DateScan(dateTime: Array(right.utf8)[...]))
            #expect(first.isAfter(second) == expected, "\(left) \(right)")
        }
    }
}
