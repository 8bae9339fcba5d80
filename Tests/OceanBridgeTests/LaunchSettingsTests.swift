// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Launch
import OceanSandbox
import Testing

@testable import OceanBridge

@Suite("Settings of a Referral System Launch")
struct LaunchSettingsTests {
    private static let booking = """
        companyName: Invented Hospital, applicationName: Booking, url: "https://booking.hospital.example/start?l={lang}",
        parameters: lang
        """
    private static let auth = "auth: { bearer: { token: t } }"

    private func settings(_ launch: String, _ more: String = "") throws -> Settings {
        let text = """
            ocean: { host: "https://test.cognisantmd.com/" }
            sites: { "1234": { oauth: { clientId: a, clientSecret: b } } }
            integrations: { ereferral: { kind: ereferral-fhir, site: "1234", auth: { none: true } } }
            http: { public: { url: "https://bridge.hospital.example" } }
            launch: { booking: { \(launch) } }
            \(more)
            """
        return try Settings(SettingsValues(yaml: (text, "ocean-bridge.yaml"), environment: [:]))
    }

    private func problems(_ launch: String, _ more: String = "") -> [String] {
        do {
            _ = try settings(launch, more)
            return []
        } catch let error as SettingsError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("what is left out has the documented values")
    func defaults() throws {
        let entry = try #require(try settings("\(Self.booking), \(Self.auth)").launches["booking"])
        let application = entry.application
        #expect(application.name == "booking")
        #expect(application.companyName == "Invented Hospital")
        #expect(application.parameters == ["lang"])
        #expect(application.correlation == CorrelationNames())
        #expect(application.handleLifetime == .seconds(60))
        #expect(application.launchesPerMinute == 300)
        #expect(application.frameAncestor == "https://test.cognisantmd.com")
        #expect(!application.embeds && !application.requiresChallenge)
        #expect(application.site == nil && application.services.isEmpty)
    }

    @Test("all of it can be said")
    func complete() throws {
        let text = """
            \(Self.booking), category: Scheduling, iframe: true, site: "1234", services: "IMAGING, ORTHO",
            correlation: { referral: id, site: s, service: x }, handleLifetime: 2m, launchesPerMinute: 5,
            auth: { header: { name: X-Key, value: v }, pkce: true }
            """
        let entry = try #require(try settings(text).launches["booking"])
        #expect(entry.category == "Scheduling")
        #expect(entry.application.embeds && entry.application.requiresChallenge)
        #expect(entry.application.services == ["IMAGING", "ORTHO"])
        #expect(entry.application.correlation.referral == ["id"])
        #expect(entry.application.site == "1234")
        #expect(entry.application.handleLifetime == .seconds(120))
    }

    @Test(
        "what cannot be is said with its place",
        arguments: [
            ("applicationName: B, url: \"https://a.example/\", \(auth)", "companyName, applicationName and url"),
            ("companyName: C, applicationName: B, url: \"http://a.example/\", \(auth)", "must begin with https://"),
            ("companyName: C, applicationName: B, url: \"https://{lang}/\", parameters: lang, \(auth)", "host name"),
            (
                "companyName: C, applicationName: B, url: \"https://a.example/?x={ref}\", parameters: ref, \(auth)",
                "{ref}"
            ),
            (
                "companyName: C, applicationName: B, url: \"https://a.example/?x={referral}\", \(auth)",
                "includeReferral"
            ),
            ("\(booking)", "exactly one complete scheme"),
            ("\(booking), auth: { basic: { username: u } }", "exactly one"),
            ("\(booking), auth: { bearer: { token: t }, header: { name: a, value: b } }", "exactly one"),
            ("\(booking), \(auth), site: \"9\"", "not under sites"),
            ("\(booking), \(auth), handleLifetime: 1h", "5s to 10m"),
            ("\(booking), \(auth), correlation: { site: state }", "state cannot be taken"),
            ("\(booking), \(auth), iframes: true", "did you mean launch.booking.iframe"),
        ])
    func flaws(text: String, word: String) {
        let found = problems(text)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(word) == true, "\(found)")
    }

    @Test("the referral's own names may stand in the address once that is allowed")
    func includeReferral() throws {
        let text = """
            companyName: C, applicationName: B, url: "https://a.example/?x={ref}&y={referral}", parameters: ref,
            includeReferral: true, \(Self.auth)
            """
        #expect(try settings(text).launches.count == 1)
    }

    @Test("launches need hospital.canonical")
    func canonical() {
        let found = problems("\(Self.booking), \(Self.auth)", "delivery: { canonical: false }")
        #expect(found.count == 1)
        #expect(found.first?.contains("delivery.canonical") == true)
    }

    @Test("a public application needs no secret, its challenge is needed instead")
    func publicApplication() throws {
        let entry = try #require(try settings("\(Self.booking), auth: { pkce: true }").launches["booking"])
        guard case .none = entry.authentication else {
            Issue.record("must be none")
            return
        }
        #expect(entry.application.requiresChallenge)
    }

    @Test("check tells what to type into the portal, and the pretend Ocean has it typed in")
    func portal() throws {
        let settings = try settings("\(Self.booking), iframe: true, category: Scheduling, \(Self.auth)")
        #expect(
            LaunchAdvice.lines(settings) == [
                "launch booking: in Ocean's portal (Activate a Referral System Launch when Sending a Referral):",
                "  Company Name: Invented Hospital", "  Application Name: Booking", "  Category: Scheduling",
                "  Base launch URL: https://bridge.hospital.example/launch/booking", "  Use Embedded <iframe>: yes",
            ])
        let pretend = settings.pretendOcean(bridge: "http://127.0.0.1:8080")
        #expect(pretend.launches.map(\.url) == ["http://127.0.0.1:8080/launch/booking"])
        #expect(pretend.launches.first?.embeds == true)
        #expect(pretend.sites.flatMap(\.listings).allSatisfy { $0.launch == "booking" })
        try pretend.check()
    }
}
