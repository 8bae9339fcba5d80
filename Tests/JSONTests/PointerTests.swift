// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("JSON Pointer, RFC 6901")
struct PointerTests {
    /// RFC 6901 §5.
    private static let document =
        #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#

    @Test(
        "the RFC's examples name what the RFC says",
        arguments: [
            ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3), ("/g|h", 4),
            ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
        ] as [(String, JSONValue)])
    func resolves(text: String, expected: JSONValue) throws {
        let pointer = try JSONPointer(text)
        #expect(try JSONValue(parsing: Self.document).value(at: pointer) == expected)
        #expect(try JSONDocument(parsing: Array(Self.document.utf8)).root.node(at: pointer)?.value == expected)
        #expect(pointer.description == text)
    }

    @Test("the empty pointer names the whole")
    func root() throws {
        let value = try JSONValue(parsing: Self.document)
        #expect(try JSONPointer("") == .root)
        #expect(value.value(at: .root) == value)
        #expect(JSONPointer.root.description.isEmpty)
    }

    @Test(
        "what is not there is nil",
        arguments: [
            "/x", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/", "/foo/0/x", "/foo/99999999999999999999",
        ])
    func absent(text: String) throws {
        let pointer = try JSONPointer(text)
        var value = try JSONValue(parsing: Self.document)
        #expect(value.value(at: pointer) == nil)
        #expect(try JSONDocument(parsing: Array(Self.document.utf8)).root.node(at: pointer) == nil)
        if !["/x", "/foo/2", "/foo/-"].contains(text) {
            let before = value
            let isSet = value.set(1, at: pointer)
            #expect(!isSet)
            #expect(value == before)
        }
    }

    @Test(
        "a malformed pointer is refused at its byte",
        arguments: [
            ("a", .missingSlash, 0), ("~0", .missingSlash, 0), ("/~", .invalidEscape, 2), ("/a~2", .invalidEscape, 3),
            ("/~/", .invalidEscape, 2),
        ] as [(String, JSONPointerError.Code, Int)])
    func malformed(text: String, code: JSONPointerError.Code, offset: Int) {
        do throws(JSONPointerError) {
            _ = try JSONPointer(text)
            Issue.record("accepted")
        } catch {
            #expect(error.code == code)
            #expect(error.offset == offset)
        }
    }

    @Test("tokens are escaped in the right order")
    func escapes() throws {
        let pointer = JSONPointer.root.appending("~1").appending("a/b").appending(3).appending("")
        #expect(pointer.description == "/~01/a~1b/3/")
        #expect(try JSONPointer(pointer.description) == pointer)
        #expect(pointer.tokens == ["~1", "a/b", "3", ""])
    }

    @Test("values are replaced, added and appended in place")
    func sets() throws {
        var value: JSONValue = ["a": [["b": 1], 2], "z": "kept"]
        let steps: [(String, JSONValue, Bool)] = [
            ("/a/0/b", "new", true), ("/a/0/c", true, true), ("/a/-", 3, true), ("/a/3", 4, true), ("/a/9", 5, false),
            ("/absent/x", 5, false), ("/a/-/x", 5, false), ("/z/x", 5, false),
        ]
        for (pointer, part, expected) in steps {
            let isSet = value.set(part, at: try JSONPointer(pointer))
            #expect(isSet == expected, "\(pointer)")
        }
        #expect(value.text() == #"{"a":[{"b":"new","c":true},2,3,4],"z":"kept"}"#)
        let isSet = value.set(.null, at: .root)
        #expect(isSet && value.isNull)
    }
}
