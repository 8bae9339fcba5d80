// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OceanSandbox

@Suite("The letter")
struct PDFTests {
    @Test("every entry of the cross-reference table points to its object")
    func crossReferences() throws {
        let bytes = PDFDocument(title: "A (b) \\ é 你", pages: [["one", "two"], ["three"]]).bytes
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("%PDF-1.4\n"))
        #expect(text.hasSuffix("%%EOF\n"))
        #expect(bytes.allSatisfy { $0 < 0x80 })
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = try #require(lines.firstIndex(of: "xref"))
        let offsets = lines[(start + 3)...].prefix { $0.hasSuffix(" 00000 n ") }.compactMap { Int($0.prefix(10)) }
        #expect(offsets.count == 8)
        for (index, offset) in offsets.enumerated() {
            #expect(String(decoding: bytes[offset...].prefix(7), as: UTF8.self) == "\(index + 1) 0 obj")
        }
        let marker = try #require(lines.firstIndex(of: "startxref"))
        let place = try #require(Int(lines[marker + 1]))
        #expect(String(decoding: bytes[place...].prefix(4), as: UTF8.self) == "xref")
        #expect(text.contains("(A \\(b\\) \\\\ \\351 ?)"))
        #expect(text.contains("/Count 2"))
    }

    @Test("the status page escapes what it shows")
    func escapes() {
        #expect(HTML.escape("<a href='x'>\"&\"</a>") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;")
    }
}
