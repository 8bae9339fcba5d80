// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import Telemetry

/// A public gateway with everything that a test looks at.
struct PublicBench: Sendable {
    let bus: ScriptedBus
    let clock = ManualClock()
    let log = CapturedLog()
    let metrics = PrometheusRegistry()
    var audit: (any AuditTrail)?
    var configuration: PublicGatewayConfiguration

    static let integrations: [Integration] = [
        Integration(name: "open", kind: .ereferralFHIR, site: "1234", authentication: .none),
        Integration(name: "any-site", kind: .ereferralFHIR, site: nil, authentication: .none),
        Integration(
            name: "basic", kind: .ereferralFHIR, site: "1234",
            authentication: .basic(user: "ocean", password: Secret("basic-canary-secret"))),
        Integration(
            name: "bearer", kind: .openEReferral, site: "1234",
            authentication: .bearer(token: Secret("bearer-canary-secret"))),
        Integration(
            name: "header", kind: .patientEngagement, site: "1234",
            authentication: .header(name: "X-Ocean-Key", value: Secret("header-canary-secret"))),
        Integration(
            name: "oauth", kind: .ereferralFHIR, site: "1234",
            authentication: .oauth2(clientID: "ocean-client", secret: Secret("oauth-canary-secret"))),
        Integration(
            name: "oauth-other", kind: .ereferralFHIR, site: "1234",
            authentication: .oauth2(clientID: "other-client", secret: Secret("other-canary-secret"))),
    ]

    init(_ steps: [ScriptedBus.Step] = [], limits: ListenerLimits = ListenerLimits(), tls: ListenerTLS? = nil) {
        bus = ScriptedBus(steps)
        configuration = PublicGatewayConfiguration(
            address: ListenerAddress(host: "127.0.0.1", port: 0), tls: tls, limits: limits,
            integrations: Dictionary(uniqueKeysWithValues: Self.integrations.map { ($0.name, $0) }),
            publishTimeout: .milliseconds(200))
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (Caller) async throws -> Value) async throws -> Value {
        let gateway = try PublicGateway(
            configuration: configuration, bus: bus, reader: SampleReader(), clock: clock,
            ids: UUIDv7Source(clock: clock), audit: audit, metrics: metrics, logger: log.logger())
        return try await withListener({ try gateway.service(bound: $0) }) { port in
            try await body(Caller(port: port))
        }
    }
}
