// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import CoreMetrics
import HTTPTypes
package import Logging
package import Ocean
package import ServiceLifecycle

/// Settings of the public listener.
package struct PublicGatewayConfiguration: Sendable {
    package var address: ListenerAddress
    package var tls: ListenerTLS?
    package var limits: ListenerLimits
    /// By name, the last part of the webhook's path.
    package var integrations: [String: Integration]
    /// Within how long the bus itself answers a publish; half a second later the request is answered 503.
    package var publishTimeout: Duration
    package var tokenLifetime: Duration
    /// Shared by instances that accept each other's tokens.
    package var tokenKey: Secret?
    /// What tokens open besides the integrations, such as CDS services.
    package var authentications: [Integration.Authentication] = []

    package init(
        address: ListenerAddress = ListenerAddress(host: "127.0.0.1", port: 8080), tls: ListenerTLS? = nil,
        limits: ListenerLimits = ListenerLimits(), integrations: [String: Integration] = [:],
        publishTimeout: Duration = .seconds(10), tokenLifetime: Duration = .seconds(3600), tokenKey: Secret? = nil
    ) {
        self.address = address
        self.tls = tls
        self.limits = limits
        self.integrations = integrations
        self.publishTimeout = publishTimeout
        self.tokenLifetime = tokenLifetime
        self.tokenKey = tokenKey
    }
}

/// The listener that Ocean reaches: webhooks and the token endpoint.
package struct PublicGateway: Sendable {
    private let listener: HTTPListener

    /// - Parameters:
    ///   - tokens: what further routes check tokens with; made from the configuration when nil.
    ///   - routes: further routes of the public listener.
    ///   - metrics: where the listener counts.
    /// - Throws: `badIntegration`.
    package init(
        configuration: PublicGatewayConfiguration, bus: any MessageBus, reader: any InboundReader,
        clock: any WallClock = SystemClock(), ids: UUIDv7Source = UUIDv7Source(), tokens: AccessTokens? = nil,
        routes: [Route] = [],
        metrics factory: any MetricsFactory = MetricsSystem.factory, logger: Logger
    ) throws(GatewayError) {
        for (name, integration) in configuration.integrations {
            guard name == integration.name else {
                throw GatewayError(.badIntegration, "integration \(name) is filed under another name")
            }
            try integration.check(tls: configuration.tls)
        }
        let metrics = IngressMetrics(factory: factory)
        let tokens = tokens ?? AccessTokens(secret: configuration.tokenKey, lifetime: configuration.tokenLifetime)
        let webhooks = WebhookIngress(
            integrations: configuration.integrations, limits: configuration.limits,
            caller: CallerCheck(tokens: tokens, clock: clock), reader: reader,
            publisher: IngressPublisher(
                bus: bus, timeout: configuration.publishTimeout, metrics: metrics, logger: logger),
            ids: ids, clock: clock, metrics: metrics, logger: logger)
        let token = TokenEndpoint(
            authentications: configuration.integrations.sorted { $0.key < $1.key }.map(\.value.authentication)
                + configuration.authentications,
            tokens: tokens, clock: clock, metrics: metrics)
        listener = HTTPListener(
            address: configuration.address, tls: configuration.tls, limits: configuration.limits,
            routes: [
                Route(.post, "/ocean/{integration}") { try await webhooks.handle($0) },
                Route(.post, "/oauth2/token") { try await token.handle($0) },
            ] + routes,
            logger: logger)
    }

    /// The listener as a service.
    ///
    /// - Parameter bound: told the port once connections are taken.
    /// - Throws: `badCertificate`.
    package func service(
        bound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(GatewayError) -> any Service {
        try listener.service(companions: [], bound: bound)
    }
}
