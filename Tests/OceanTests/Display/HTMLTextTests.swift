// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite struct HTMLTextTests {
    @Test(
        "HTML becomes plain text",
        arguments: [
            ("a<br>b<BR/>c", "a\nb\nc"), ("<p>one</p><p>two</p>", "one\ntwo"),
            ("plain\ntext\nstays", "plain\ntext\nstays"), ("a < b and c > d", "a < b and c > d"),
            ("<!-- hidden -->seen", "seen"), ("<style>p{}</style>text", "text"), ("x<br><br><br>y", "x\n\ny"),
            ("<div>  wide\n  line </div>", "wide line"), ("", ""), ("<b>", ""), ("a <b", "a <b"),
            ("<b>bold</b><i>er</i>", "bolder"), ("a <b>b</b> c", "a b c"),
        ])
    func plain(_ html: String, _ text: String) {
        #expect(HTMLText.plain(html) == text)
    }

    @Test(
        "entities, named and numeric, are resolved",
        arguments: [
            ("&lt;5&nbsp;mg&#8217;s &#x2265; &eacute;t&eacute; &bogus; &", "<5 mg’s ≥ été &bogus; &"),
            ("&#0;&#xD800;", "&#0;&#xD800;"), ("&alpha;&beta; &frac12; &thetasym;", "αβ ½ ϑ"), ("&#150;&#146;", "–’"),
            ("R&D &amp D &amp;amp;", "R&D & D &amp;"), ("&nbsp", ""), ("x&#160;y", "x y"), ("&#x1F600;", "😀"),
            ("&copy 2025 &copy; 2025", "&copy 2025 © 2025"), ("&#99999999999;", "&#99999999999;"),
            ("&;&#;&#x;", "&;&#;&#x;"),
        ])
    func entities(_ html: String, _ text: String) {
        #expect(HTMLText.plain(html) == text)
    }

    @Test(
        "lists and tables keep their structure",
        arguments: [
            ("<ul><li>x</li><li>y</li></ul>", "- x\n- y"), ("<ol><li>x<li>y</ol>z", "1. x\n2. y\nz"),
            ("a<ul><li>b<ul><li>c</li></ul></li></ul>d", "a\n- b\n  - c\nd"), ("<li>alone", "- alone"),
            ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A | B\n1 | 2"),
            ("<tr><td></td><td>only</td></tr>", "only"), ("<dl><dt>T</dt><dd>D</dd></dl>", "T\nD"),
        ])
    func structure(_ html: String, _ text: String) {
        #expect(HTMLText.plain(html) == text)
    }

    @Test(
        "nothing that runs or hides gets through",
        arguments: [
            ("a<script>alert('<b>x</b>')</script>b", "ab"), ("<SCRIPT SRC=x>y</SCRIPT >z", "z"),
            ("<img src=x onerror=alert(1)>t", "t"), ("<a href=\"javascript:x\" title='>'>link</a>", "link"),
            ("<iframe>inside</iframe>out", "out"), ("<title>no</title>yes", "yes"),
            ("a\u{202E}b\u{0}c\u{1B}[31m", "abc[31m"),
            ("<?xml version='1.0'?>x", "x"), ("<!DOCTYPE html>x", "x"), ("&#x202E;a&#7;b", "ab"), ("\u{FEFF}x", "x"),
        ])
    func safe(_ html: String, _ text: String) {
        #expect(HTMLText.plain(html) == text)
    }

    @Test(
        "broken markup is read as far as it goes",
        arguments: [
            ("<b>a", "a"), ("a</b></p>b", "a\nb"), ("<a title=\"x>y", "y"), ("<script>never closed", ""),
            ("<!-- never closed", "<!-- never closed"), ("<!-- a > b", ""), ("a<>b", "a<>b"), ("5<6>4", "5<6>4"),
            ("<p<b>x", "x"), ("</", "</"), ("<", "<"),
        ])
    func broken(_ html: String, _ text: String) {
        #expect(HTMLText.plain(html) == text)
    }

    @Test("plain text stands beside the original only where it differs")
    func beside() {
        #expect(HTMLText.plainIfMarkup("Affected side <b>(required)</b>") == "Affected side (required)")
        #expect(HTMLText.plainIfMarkup("Affected side") == nil)
        #expect(HTMLText.plainIfMarkup("a & b < c") == nil)
        #expect(HTMLText.plainIfMarkup(nil) == nil)
    }

    @Test("a megabyte of open brackets takes no more than one pass", .timeLimit(.minutes(15)))
    func hostile() {
        for unit in [
            "<", "<a", "&", "<!--", "<script>", "<p>", "<a =\"", "<a ='>", "<ul>", "<td>", "&#", "&amp", "</p",
        ] {
            let text = String(repeating: unit, count: 1 << 17)
            #expect(HTMLText.plain(text).utf8.count <= text.utf8.count)
        }
    }

    @Test("the plain text is bounded", .timeLimit(.minutes(15)))
    func bounded() {
        let item = "<ol><ol><ol><ol><ol>" + String(repeating: "<li>x", count: 300_000)
        #expect(HTMLText.plain(item).unicodeScalars.count <= HTMLText.longest + 16)
        #expect(HTMLText.plain(String(repeating: "x", count: HTMLText.longest + 10)).hasSuffix("x…"))
    }

    @Test("notes and captions have their plain text in all three forms", arguments: FHIRReading.offered)
    func inUse(_ dialect: String) throws {
        let message = try FHIRReading.fixture("\(dialect)/notify-update-service-request-note").message
        let note = try #require(message.canonical.referral?.notes.first)
        let plain = """
            Medications:
            - acetaminophen 500 mg
            - ramipril ½ tablet
            Date | BP
            Mar 1 | 142/88
            Weight ≥ 80 kg – see letter
            """
        #expect(note.plainText == plain)
        #expect(note.text?.hasPrefix("<p>Medications") == true)
        let bundle = try JSONValue(parsing: try WriterTests.written(message).body)
        let request = try #require(bundle["entry"]?.arrayValue?.first { $0["resource"]?["intent"] != nil })
        let annotation = try #require(request["resource"]?["note"]?[0])
        #expect(annotation["text"]?.stringValue == note.text)
        #expect(
            annotation["extension"]?[0] == [
                "url": .string(NormalisedForm.url(of: "plainText", in: Note.self)), "valueString": .string(plain),
            ])
        let oceanJSON = try OceanJSONWriter().write(WriterTests.message(message), message.canonical)
        let json = try JSONValue(parsing: oceanJSON.body)
        #expect(json["ptData"]?["notes"]?[0]?["plainText"]?.stringValue == plain)
        guard dialect == "0.11.1" else { return }
        let item = try #require(message.canonical.referral?.forms.first?.items.first { $0.linkID == "side" })
        #expect(item.text == "Affected side <b>(required)</b>")
        #expect(item.plainText == "Affected side (required)")
        let form = try #require(bundle["entry"]?.arrayValue?.first { $0["resource"]?["item"] != nil })
        let caption = form["resource"]?["item"]?.arrayValue?.first { $0["linkId"] == "side" }
        #expect(caption?["extension"]?[0]?["valueString"] == "Affected side (required)")
    }
}
