// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import Launch
import Testing

@Suite("Pages of a launch")
struct LaunchPageTests {
    private func application(embeds: Bool) throws -> LaunchApplication {
        var application = LaunchApplication(
            name: "booking", companyName: #"A <b>"Company"</b> & 'Sons'"#, applicationName: "<script>App</script>",
            target: try LaunchTarget("https://app.example/start", parameters: [], includesReferral: false),
            frameAncestor: "https://ocean.example")
        application.embeds = embeds
        return application
    }

    @Test("the frame holds the application, and Ocean alone may hold the page")
    func frame() throws {
        let application = try application(embeds: true)
        let page = LaunchPage(framing: "https://app.example/start?a=1&handle=H", of: application)
        #expect(page.html.contains(#"<iframe src="https://app.example/start?a=1&amp;handle=H" title="&lt;script&gt;"#))
        #expect(!page.html.contains("<script"))
        #expect(!page.html.contains("<b>"))
        #expect(!page.html.contains("allow-top-navigation"))
        #expect(page.html.contains(#"<html lang="en">"#))
        #expect(page.policy.contains("frame-ancestors https://ocean.example"))
        #expect(page.policy.contains("frame-src https://app.example;"))
        #expect(page.policy.contains("default-src 'none'"))
    }

    @Test("without the frame nobody may hold a page")
    func notice() throws {
        let page = LaunchPage(
            notice: "Not now", lines: ["a < b & c"], application: try application(embeds: false))
        #expect(page.html.contains("<p>a &lt; b &amp; c</p>"))
        #expect(page.html.contains("&lt;script&gt;App&lt;/script&gt;, A &lt;b&gt;&quot;Company&quot;&lt;/b&gt; &amp;"))
        #expect(page.policy.contains("frame-ancestors 'none'"))
        #expect(page.policy.contains("frame-src 'none'"))
        #expect(LaunchPage(notice: "x", lines: [], application: nil).policy.contains("frame-ancestors 'none'"))
    }

    @Test("the policy allows the page's own style by its digest, and no other")
    func style() throws {
        let page = LaunchPage(notice: "x", lines: [], application: nil)
        let style = try #require(page.html.split(separator: "<style>").last?.split(separator: "</style>").first)
        let digest = Data(SHA256.hash(data: Array(style.utf8))).base64EncodedString()
        #expect(page.policy.contains("style-src 'sha256-\(digest)';"))
        #expect(!page.policy.contains("unsafe"))
    }
}
