// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import NIOCore
import NIOPosix
import NIOSSL
import Ocean
import Testing

@testable import OceanBridge

@Suite("What check finds", .timeLimit(.minutes(15)))
struct CheckTests {
    private static func settings(_ more: String, ocean: String = "http://127.0.0.1:9") throws -> Settings {
        let text = """
            ocean: { host: "\(ocean)" }
            sites:
              "1234":
                oauth: { clientId: test-client-id-0123456789abcdef0123, clientSecret: test-secret-0123456789abcdef012345 }
              "77": { dryRun: true, actions: { deny: [forward], allow: [accept, forward] } }
            integrations:
              ereferral: { kind: ereferral-fhir, site: "1234", auth: { none: true } }
            http: { operations: { address: "127.0.0.1:1" }\(more) }
            """
        return try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
    }

    @Test("every way in which credentials fail has its own remedy")
    func remedies() throws {
        let settings = try Self.settings("")
        let errors = [
            OceanServiceError(.unauthorized, "token"), OceanServiceError(.unauthorized, "call", status: 401),
            OceanServiceError(.unauthorized, "call", status: 403), OceanServiceError(.refused, "call", status: 404),
            OceanServiceError(.network, "call"), OceanServiceError(.unavailable, "call", status: 503),
            OceanServiceError(.invalidAnswer, "call", status: 200), OceanServiceError(.refused, "call", status: 418),
        ]
        let remedies = errors.map { SiteCheck.remedy($0, settings) }
        #expect(Set(remedies).count == errors.count)
        #expect(remedies[0].contains("Manage Credentials"))
        #expect(remedies[0].contains("not the site key"))
        #expect(remedies[2].contains("Cloud Connect"))
    }

    @Test("sites that cannot be right, dry runs and switched-off actions are told")
    func oddities() throws {
        let settings = try Self.settings("")
        let found = SiteCheck.oddities(of: try #require(settings.sites["77"])).map(\.message)
        #expect(found.contains { $0.contains("4 to 7 digits") })
        #expect(found.contains { $0.contains("dryRun") })
        #expect(found.contains { $0.contains("never sent: forward") })
        #expect(found.contains { $0.contains("only these actions are sent: accept, forward") })
        #expect(SiteCheck.oddities(of: try #require(settings.sites["1234"])).isEmpty)
    }

    @Test("without a public address the webhooks are not tried, and that is said")
    func noAddress() async throws {
        let findings = await WebhookCheck(settings: try Self.settings("")).run()
        #expect(findings.map(\.verdict) == [.warning])
        #expect(findings.first?.message.contains("http.public.url is not set") == true)
    }

    @Test("a public address where nobody listens is a failure, plain http and this machine are warnings")
    func nobody() async throws {
        let findings = await WebhookCheck(settings: try Self.settings(", public: { url: 'http://127.0.0.1:1' }")).run()
        #expect(findings.map(\.verdict) == [.warning, .warning, .bad])
        #expect(findings[0].message.contains("Ocean cannot reach"))
        #expect(findings[1].message.contains("plain http"))
        #expect(findings[2].message.contains("no answer from http://127.0.0.1:1/ocean/ereferral"))
    }

    @Test(
        "addresses of private networks are known",
        arguments: [
            ("10.1.2.3", true), ("172.16.0.1", true), ("172.32.0.1", false), ("192.168.9.9", true), ("127.0.0.1", true),
            ("169.254.1.1", true), ("100.64.0.1", true), ("100.128.0.1", false), ("::1", true), ("fd00::1", true),
            ("fe80::1", true), ("2001:db8::1", false), ("8.8.8.8", false),
        ])
    func privateAddresses(_ address: String, _ isPrivate: Bool) {
        #expect(PublicAddress.isPrivate(address) == isPrivate)
    }

    @Test("each answer to the challenge that is not the bridge's has its own remedy")
    func answers() {
        let remedies = [200, 302, 401, 404, 413, 502, 418].map { WebhookCall.remedy($0) }
        #expect(Set(remedies).count == remedies.count)
    }

    @Test("the days of a certificate are counted")
    func certificateDays() {
        func finding(_ outcome: CertificateProbe.Outcome) -> ConnectionCheck.Finding {
            PublicAddress.certificateFinding(outcome, now: 1_800_000_000)
        }
        #expect(finding(.trusted(until: 1_800_000_000 + 90 * 86_400)).verdict == .good)
        let soon = finding(.trusted(until: 1_800_000_000 + 5 * 86_400))
        #expect(soon.verdict == .warning)
        #expect(soon.message.contains("ends in 5 days"))
        let over = finding(.untrusted(reason: "x", until: 1_800_000_000 - 3 * 86_400))
        #expect(over.verdict == .bad)
        #expect(over.message.contains("ended 3 days ago"))
        #expect(finding(.untrusted(reason: "its chain", until: 1_900_000_000)).message.contains("its chain"))
        #expect(finding(.noTLS(reason: "no answer")).verdict == .bad)
    }

    /// A TLS server that says nothing, with the certificate of `directory`.
    private static func withServer(
        _ directory: String, _ body: (Int) async throws -> Void
    ) async throws {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile("\(directory)/server.pem").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(directory)/server.key", format: .pem)))
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(channel.localAddress?.port ?? 0)
            try await channel.close().get()
        } catch {
            try await channel.close().get()
            throw error
        }
    }

    @Test("a certificate is trusted by its authority and for its name only, and its end is read")
    func certificate() async throws {
        try await withTemporaryDirectory { directory in
            try await TestCertificates.make(in: directory)
            let now = SystemClock().now().milliseconds / 1000
            try await Self.withServer(directory) { port in
                let trusting = CertificateProbe(trust: .file("\(directory)/ca.pem"))
                guard case .trusted(let until) = await trusting.look(host: "localhost", port: port) else {
                    Issue.record("the authority is trusted")
                    return
                }
                #expect((now + 86_400...now + 2 * 86_400 + 60).contains(until))
                guard case .untrusted(let reason, _) = await CertificateProbe().look(host: "localhost", port: port)
                else {
                    Issue.record("the authority is unknown")
                    return
                }
                #expect(reason.contains("authority"))
                guard case .untrusted = await trusting.look(host: "127.0.0.1", port: port) else {
                    Issue.record("the certificate names no address")
                    return
                }
            }
        }
    }

    @Test("an expired certificate is told as such, a port without TLS too")
    func expired() async throws {
        try await withTemporaryDirectory { directory in
            try await TestCertificates.make(in: directory, isExpired: true)
            try await Self.withServer(directory) { port in
                let probe = CertificateProbe(trust: .file("\(directory)/ca.pem"))
                // It ends with the second in which it was made.
                var outcome = await probe.look(host: "localhost", port: port)
                while case .trusted = outcome { outcome = await probe.look(host: "localhost", port: port) }
                guard case .untrusted = outcome else {
                    Issue.record("found \(outcome)")
                    return
                }
                let later = SystemClock().now().milliseconds / 1000 + 2 * 86_400
                #expect(PublicAddress.certificateFinding(outcome, now: later).message.contains("ended"))
            }
            guard case .noTLS = await CertificateProbe().look(host: "127.0.0.1", port: 1) else {
                Issue.record("nobody listens there")
                return
            }
        }
    }

    @Test("the running bridge's own count of webhooks is read from its metrics")
    func counts() {
        let text = """
            # TYPE ocean_bridge_ingress_requests_total counter
            ocean_bridge_ingress_requests_total{integration="ereferral",status="200"} 3
            ocean_bridge_ingress_requests_total{integration="ereferral",status="202"} 17
            ocean_bridge_ingress_requests_total{integration="ereferral",status="401"} 2
            ocean_bridge_ingress_requests_total{integration="forms",status="202"} 5
            """
        let counts = IngressCount.counts(in: text, of: "ereferral")
        #expect(counts == IngressCount.Counts(challenges: 3, taken: 17))
        #expect(IngressCount.counts(in: "", of: "ereferral") == IngressCount.Counts())
    }

    @Test("the advice on the portal names sign, cause and remedy of what goes wrong most")
    func advice() {
        let text = PortalAdvice.lines.joined(separator: "\n")
        for word in [
            "not linked to the integration", "Cloud Connect is off", "not stored in Cloud Connect",
            "another site number", "wrong type",
        ] { #expect(text.contains(word), "\(word)") }
        #expect(PortalAdvice.lines.count == PortalAdvice.troubles.count + 1)
    }
}
