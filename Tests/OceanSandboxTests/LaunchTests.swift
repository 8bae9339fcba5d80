// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import NIOHTTP1
import Testing

@testable import OceanSandbox

@Suite("Referral System Launch of the pretend Ocean", .timeLimit(.minutes(5)))
struct PretendLaunchTests {
    private func withLaunch(
        embeds: Bool = false, url: String = "https://bridge.example/launch/booking",
        _ body: (Bench) async throws -> Void
    ) async throws {
        try await Bench.run(
            { configuration in
                configuration.launches = [
                    PretendLaunch(
                        name: "booking", companyName: "Invented <Hospital>", applicationName: "Booking", url: url,
                        embeds: embeds)
                ]
                configuration.sites[0].listings[1].launch = "booking"
            }, body)
    }

    @Test("the address has the parameters that are assumed")
    func address() async throws {
        try await withLaunch { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let launch = try await bench.ocean.launch(reference)
            #expect(
                launch.url == "https://bridge.example/launch/booking?referralRef=\(reference)&siteNum=4500"
                    + "&listingRef=new-1&externalServiceId=svc-new")
            let answer = try await bench.call(.POST, "/sandbox/api/referrals/\(reference)/launch")
            #expect(answer.status == 200)
            #expect(answer.json == ["url": .string(launch.url), "iframe": false])
        }
    }

    @Test("a referral of another listing, or none, has no launch")
    func none() async throws {
        try await withLaunch { bench in
            let reference = try await bench.ocean.send(.backPain, to: "old-1")
            #expect(try await bench.call(.POST, "/sandbox/api/referrals/\(reference)/launch").status == 404)
            #expect(try await bench.call(.POST, "/sandbox/api/referrals/nobody/launch").status == 404)
            let page = try await bench.call(.GET, "/sandbox/referrals/\(reference)")
            #expect(!String(decoding: page.body, as: UTF8.self).contains("Referral System Launch"))
        }
    }

    @Test("the page shows the way on after sending, or the application in a frame", arguments: [false, true])
    func page(embeds: Bool) async throws {
        try await withLaunch(embeds: embeds, url: "https://bridge.example/launch/booking?a=1") { bench in
            let sent = try await bench.call(
                .POST, "/sandbox/portal", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("do=send&kind=back-pain&listing=new-1".utf8))
            let text = String(decoding: sent.body, as: UTF8.self)
            #expect(text.contains(#"href="https://bridge.example/launch/booking?a=1&amp;referralRef="#))
            #expect(text.contains("Booking, Invented &lt;Hospital&gt;"))
            #expect(text.contains("<iframe") == embeds)
            let policy = sent.headers.first(name: "Content-Security-Policy") ?? ""
            #expect(policy.contains("frame-src \(embeds ? "https://bridge.example" : "'none'")"))
        }
    }

    @Test("a scenario launches, and its report tells the address")
    func scenario() async throws {
        try await withLaunch { bench in
            let steps = #"{"steps":[{"do":"send","listing":"new-1","as":"a"},{"do":"launch","referral":"a"}]}"#
            let answer = try await bench.call(.POST, "/sandbox/api/scenarios", body: Array(steps.utf8))
            #expect(answer.json["passed"] == true)
            let url = answer.json["steps"]?[1]?["url"]?.stringValue
            #expect(url?.hasPrefix("https://bridge.example/launch/booking?referralRef=") == true)
            let wrong = #"{"steps":[{"do":"launch"}]}"#
            #expect(try await bench.call(.POST, "/sandbox/api/scenarios", body: Array(wrong.utf8)).status == 400)
        }
    }

    @Test("an address that no browser could be sent to is refused, as is a launch that is not there")
    func flaws() {
        for url in ["", "booking", "ftp://x", "https://a b", "https://a\"b"] {
            var configuration = PretendOceanConfiguration()
            configuration.launches = [PretendLaunch(name: "a", companyName: "b", applicationName: "c", url: url)]
            #expect(throws: SandboxConfigurationError.self) { try configuration.check() }
        }
        var configuration = PretendOceanConfiguration.demonstration(webhook: "http://127.0.0.1:1/x")
        configuration.sites[0].listings[0].launch = "nobody"
        #expect(throws: SandboxConfigurationError.self) { try configuration.check() }
    }
}
