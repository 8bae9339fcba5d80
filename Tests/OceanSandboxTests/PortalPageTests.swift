// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import NIOHTTP1
import Testing

@testable import OceanSandbox

@Suite("The pages of the pretend Ocean", .timeLimit(.minutes(15)))
struct PortalPageTests {
    private func post(_ bench: Bench, _ form: String, _ headers: [(String, String)] = []) async throws -> Bench.Answer {
        try await bench.call(
            .POST, "/sandbox/portal", headers: [("Content-Type", "application/x-www-form-urlencoded")] + headers,
            body: Array(form.utf8))
    }

    private func text(_ answer: Bench.Answer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test("a person sends, writes, forwards, sends again and cancels with forms")
    func portal() async throws {
        try await Bench.run { bench in
            // The client follows the answer to the page of the referral.
            let sent = try await post(bench, "do=send&kind=back-pain&listing=new-1")
            #expect(sent.status == 200)
            let reference = try #require(await bench.ocean.snapshot().first?.reference)
            #expect(text(sent).contains(reference))
            let written = try await post(bench, "do=message&referral=\(reference)&text=%3Cb%3EWhen%3F%3C%2Fb%3E")
            #expect(text(written).contains("&lt;b&gt;When?&lt;/b&gt;"))
            #expect(!text(written).contains("<b>When?"))
            #expect(text(try await post(bench, "do=resend&referral=\(reference)&as=new")).contains("resent as new"))
            let forwarded = try await post(bench, "do=forward&referral=\(reference)&listing=other-1")
            let other = try #require(await bench.ocean.snapshot().last?.reference)
            #expect(text(forwarded).contains(other))
            #expect(text(try await post(bench, "do=cancel&referral=\(other)")).contains("Cancelled"))
            let overview = try await bench.call(.GET, "/")
            #expect(overview.status == 200)
            #expect(text(overview).contains("Forwarded (All)"))
            #expect(overview.headers.first(name: "Content-Security-Policy")?.contains("default-src 'none'") == true)
        }
    }

    @Test("what Ocean would not do is refused on a page, with the reason")
    func refused() async throws {
        try await Bench.run { (bench) async throws in
            #expect(try await post(bench, "do=send&listing=nowhere").status == 404)
            #expect(try await post(bench, "do=dance").status == 400)
            #expect(try await post(bench, "").status == 400)
            #expect(try await bench.call(.GET, "/sandbox/referrals/unknown").status == 404)
            #expect(await bench.ocean.snapshot().isEmpty)
        }
    }

    @Test(
        "a form that another page sent does nothing",
        arguments: [
            ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil.example"),
            ("Origin", "null"),
        ])
    func foreign(header: String, value: String) async throws {
        try await Bench.run { bench in
            let answer = try await post(bench, "do=send&kind=back-pain&listing=new-1", [(header, value)])
            #expect(answer.status == 403)
            #expect(await bench.ocean.snapshot().isEmpty)
        }
    }
}
