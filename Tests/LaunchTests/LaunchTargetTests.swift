// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Launch

@Suite("Where a launch leads")
struct LaunchTargetTests {
    private let parameters: Set<String> = ["lang", "next"]

    private func target(_ template: String, includesReferral: Bool = false) throws -> LaunchTarget {
        try LaunchTarget(template, parameters: parameters, includesReferral: includesReferral)
    }

    @Test("whole values are filled in; what has none is left out; handle and state are always there")
    func filling() throws {
        let full = try target("https://app.example:8443/start/here?v=2&lang={lang}&h={handle}&s={state}&next={next}")
        #expect(full.origin == "https://app.example:8443")
        #expect(
            full.url(.init(handle: "H", state: "a b", parameters: ["lang": "fr"]))
                == "https://app.example:8443/start/here?v=2&lang=fr&h=H&s=a%20b")
        let bare = try target("https://app.example")
        #expect(bare.url(.init(handle: "H")) == "https://app.example/?handle=H")
        #expect(bare.url(.init(handle: "H", state: "s")) == "https://app.example/?handle=H&state=s")
    }

    @Test("the referral stands in the address only where the settings say so")
    func referral() throws {
        #expect(throws: LaunchError.self) { try target("https://app.example/?r={referral}") }
        let named = try target("https://app.example/?r={referral}", includesReferral: true)
        #expect(named.url(.init(handle: "H", referral: "ref-1")) == "https://app.example/?r=ref-1&handle=H")
    }

    @Test(
        "no value leads anywhere else",
        arguments: [
            "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "@evil.example",
            "a&handle=forged", "a#fragment", "a?b", "\r\nLocation: https://evil.example", "%0d%0a", "../..", "{handle}",
            "é€😀", "\u{202E}moc.live", "a;b,c|d<e>f\"g'h`i", String(repeating: "/", count: 256), "%2e%2e%2f", "\0",
        ])
    func hostile(value: String) throws {
        let template = try target("https://app.example/start?a={lang}&b={next}&c=1")
        let url = template.url(
            .init(handle: value, state: value, referral: value, parameters: ["lang": value, "next": value]))
        let escaped = LaunchTarget.escaped(value)
        #expect(
            url == "https://app.example/start?a=\(escaped)&b=\(escaped)&c=1&handle=\(escaped)&state=\(escaped)")
        let isHarmless = escaped.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "-._~%".utf8.contains($0)
        }
        #expect(isHarmless)
    }

    @Test(
        "a template that could lead elsewhere, or that a browser might read otherwise, is refused",
        arguments: [
            "", "/start", "//app.example/", "http://app.example/", "HTTPS://app.example/", "ftp://app.example/",
            "javascript:alert(1)", "data:text/html,x", "https://", "https:///start", "https://{lang}/",
            "https://{lang}.app.example/",
            "https://app.example:{lang}/", "https://app.example/{lang}", "https://app.example/start#x",
            "https://app.example/#{handle}", "https://user@app.example/", "https://user:pw@app.example/",
            "https://app.example\\@evil.example/", "https://app.example\\evil", "https://app.example:0/",
            "https://app.example:65536/", "https://app.example:/", "https://app.example:80:80/",
            "https://app..example/",
            "https://app.example./", "https://-/%", "https://app.example/%4", "https://app.example/a b",
            "https://äpp.example/",
            "https://app.example/\u{9}", "https://app.example/../x", "https://app.example/./x", "https://[::1/",
            "https://[]/", "https://[::1]x/", "https://app.example?x={unknown}", "https://app.example/?x={lang}y",
            "https://app.example/?x=y{lang}", "https://app.example/?x={lang}{next}", "https://app.example/?{lang}=1",
            "https://app.example/?{lang}", "https://app.example/?=1", "https://app.example/?a=1&a=2",
            "https://app.example/?handle=mine", "https://app.example/?state=mine",
            "https://app.example/?a={handle}&b={handle}",
            "https://app.example/?a={referral}", "https://app.example/?a={}", "https://app.example/?a={lang",
            "https://app.example/?a=<b>",
            "http://127.0.0.1.evil.example/", "http://localhost.evil.example/", "http://127.1/", "http://[::2]/",
            "http://10.0.0.1/",
        ])
    func refused(template: String) {
        #expect(throws: LaunchError.self) { try target(template) }
    }

    @Test(
        "addresses that are taken",
        arguments: [
            "https://app.example/", "https://app.example:8443/a/b-c_d.e~f", "https://10.1.2.3/x",
            "https://[2001:db8::1]:8443/",
            "http://localhost:3000/", "http://127.0.0.1:3000/cb", "http://[::1]:3000/", "https://app.example/a%20b;c=1",
            "https://app.example?x=https://other.example/&flag",
        ])
    func taken(template: String) throws {
        let url = try target(template).url(.init(handle: "H"))
        #expect(url.hasPrefix(String(template.split(separator: "?")[0])))
        #expect(url.hasSuffix("handle=H"))
    }
}
