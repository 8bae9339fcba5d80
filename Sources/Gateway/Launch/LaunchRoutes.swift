// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import CoreMetrics
import HTTPTypes
package import Launch
package import Logging

/// `GET /launch/{application}`: where Ocean sends a browser after a referral was sent; and
/// `POST /launch/handles/{handle}`: where the application learns what the browser's handle stands for.
package struct LaunchRoutes: Sendable {
    /// An application with how its exchange calls are known.
    package struct Guest: Sendable {
        package let application: LaunchApplication
        /// `none` for an application without a secret, which must use a code challenge.
        package let authentication: Integration.Authentication

        package init(_ application: LaunchApplication, authentication: Integration.Authentication) {
            self.application = application
            self.authentication = authentication
        }
    }

    private let landing: LaunchLanding
    private let exchange: LaunchExchange

    /// - Parameters:
    ///   - guests: the applications.
    ///   - bus: where launches are published; durable when it returns.
    ///   - publishTimeout: within how long it answers.
    /// - Throws: `badIntegration` when no exchange call could ever be right.
    package init(
        guests: [Guest], desk: LaunchDesk, bus: any MessageBus, publishTimeout: Duration,
        clock: any WallClock = SystemClock(), metrics factory: any MetricsFactory = MetricsSystem.factory,
        logger: Logger
    ) throws(GatewayError) {
        var integrations: [String: Integration] = [:]
        for guest in guests {
            // Checked as an integration's credentials are.
            let integration = Integration(
                name: guest.application.name, kind: .ereferralFHIR, site: guest.application.site,
                authentication: guest.authentication)
            try integration.check(tls: nil)
            integrations[integration.name] = integration
        }
        let applications = Dictionary(uniqueKeysWithValues: guests.map { ($0.application.name, $0.application) })
        let metrics = LaunchMetrics(factory: factory)
        landing = LaunchLanding(
            applications: applications, desk: desk,
            publisher: IngressPublisher(
                bus: bus, timeout: publishTimeout, metrics: IngressMetrics(factory: factory), logger: logger),
            metrics: metrics, logger: logger)
        exchange = LaunchExchange(
            applications: applications, integrations: integrations, desk: desk,
            caller: CallerCheck(tokens: AccessTokens(), clock: clock), clock: clock, metrics: metrics, logger: logger)
    }

    /// For the public listener.
    package var routes: [Route] {
        [
            Route(.get, "/launch/{application}") { await landing.handle($0) },
            Route(.post, "/launch/handles/{handle}") { try await exchange.handle($0) },
        ]
    }
}
