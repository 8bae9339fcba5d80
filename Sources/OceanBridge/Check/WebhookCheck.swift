// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import NIOCore
import NIOSSL

/// Calls the bridge's webhooks the way Ocean does: from `http.public.url` on, with each integration's credentials.
///
/// It sees what this machine sees: a firewall may let it through and not Ocean, or the other way round.
struct WebhookCheck: Sendable {
    typealias Finding = ConnectionCheck.Finding

    let settings: Settings
    var trust: NIOSSLTrustRoots = .default
    var clock: any WallClock = SystemClock()

    func run() async -> [Finding] {
        guard settings.roles.contains(.ingress), !settings.integrations.isEmpty else { return [] }
        guard let text = settings.publicListener.publicURL, let address = PublicAddress(text) else {
            return [
                Finding(
                    part: PublicAddress.part, verdict: .warning,
                    message: "http.public.url is not set: whether Ocean reaches the bridge was not tried")
            ]
        }
        var findings = await address.findings(
            CertificateProbe(trust: trust), now: clock.now().milliseconds / 1000)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.trustRoots = trust
        configuration.tlsConfiguration = tls
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        for name in settings.integrations.keys.sorted() {
            guard let integration = settings.integrations[name] else { continue }
            findings += await WebhookCall(
                settings: settings, base: address.base, integration: integration, client: client
            ).findings()
        }
        // Fails only when called twice, and then there is nothing left to close.
        try? await client.shutdown()
        return findings
    }
}
