// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Views of a document")
struct NodeTests {
    private let text = #"{"a":[1, 2.50 ,{"b\n":"x\u0041"}],"long name here":"é","":null,"t":true}"#

    @Test("members and elements are found, absent ones are nil")
    func finds() throws {
        let root = try JSONDocument(parsing: Array(text.utf8)).root
        #expect(root["a"]?[1]?.numberValue?.text == "2.50")
        #expect(root["a"]?[2]?["b\n"]?.stringValue == "xA")
        #expect(root["a"]?[2]?["b\n"]?.equals("xA") == true)
        #expect(root["a"]?[2]?["b\n"]?.equals(#"x\u0041"#) == false)
        #expect(root["long name here"]?.stringValue == "é")
        #expect(root[""]?.isNull == true)
        #expect(root["t"]?.boolValue == true)
        #expect(root["absent"] == nil)
        #expect(root["long name her"] == nil)
        #expect(root["a"]?[3] == nil)
        #expect(root["a"]?[-1] == nil)
        #expect(root[0] == nil)
        #expect(root["a"]?["a"] == nil)
        #expect(root["t"]?["a"] == nil)
        #expect(root.elements.first { _ in true } == nil)
        #expect(root["a"]?.members.first { _ in true } == nil)
    }

    @Test("the received bytes of a part are given as they came")
    func givesRawBytes() throws {
        let bytes = Array(text.utf8)
        let root = try JSONDocument(parsing: Array("  ".utf8) + bytes + [0x0A]).root
        #expect(Array(root.rawBytes) == bytes)
        #expect(root["a"].map { String(decoding: $0.rawBytes, as: UTF8.self) } == #"[1, 2.50 ,{"b\n":"x\u0041"}]"#)
        #expect(root["a"]?[2]?["b\n"].map { String(decoding: $0.rawBytes, as: UTF8.self) } == #""x\u0041""#)
        #expect(root["a"]?[1]?.rawRange == 11..<15)
    }

    @Test("a part outlives its document")
    func outlives() throws {
        func part() throws -> JSONNode? { try JSONDocument(parsing: Array(text.utf8)).root["a"]?[2] }
        #expect(try part()?.value == ["b\n": "xA"])
    }
}
