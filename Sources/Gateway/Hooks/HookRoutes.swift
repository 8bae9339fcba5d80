// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import CDSHooks
package import CoreMetrics
import HTTPTypes
import JSON
package import Logging

/// The CDS Hooks 2.0 server: `GET /cds-services`, `POST /cds-services/{id}`, `POST /cds-services/{id}/feedback`, and
/// `OPTIONS` of each.
package struct HookRoutes: Sendable {
    /// What the routes work with.
    package struct Parts: Sendable {
        package var desk: HookDesk
        /// Of the token endpoint.
        package var tokens: AccessTokens
        /// Nil when no service takes JWTs.
        package var clientTokens: ClientTokenCheck?
        package var bus: any MessageBus
        package var audit: any AuditTrail
        package var clock: any WallClock
        package var logger: Logger

        package init(
            desk: HookDesk, tokens: AccessTokens, clientTokens: ClientTokenCheck? = nil, bus: any MessageBus,
            audit: any AuditTrail, clock: any WallClock = SystemClock(), logger: Logger
        ) {
            self.desk = desk
            self.tokens = tokens
            self.clientTokens = clientTokens
            self.bus = bus
            self.audit = audit
            self.clock = clock
            self.logger = logger
        }
    }

    let endpoints: [String: HookEndpoint]
    let limits: ListenerLimits
    let parts: Parts
    let origins: CrossOrigin
    let caller: HookCaller
    let publisher: IngressPublisher
    let metrics: HookMetrics
    private let discovery: JSONValue

    /// - Parameters:
    ///   - origins: whose pages may call.
    ///   - publicURL: how clients reach the listener, without a trailing slash: the root of the `aud` of their JWTs.
    ///   - publishTimeout: as for webhooks.
    package init(
        _ endpoints: [HookEndpoint], origins: CrossOrigin, publicURL: String?, limits: ListenerLimits,
        publishTimeout: Duration, parts: Parts, metrics factory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.endpoints = Dictionary(endpoints.map { ($0.service.id, $0) }) { first, _ in first }
        self.limits = limits
        self.parts = parts
        self.origins = origins
        metrics = HookMetrics(factory: factory)
        caller = HookCaller(
            caller: CallerCheck(tokens: parts.tokens, clock: parts.clock), tokens: parts.clientTokens,
            publicURL: publicURL, metrics: metrics, logger: parts.logger)
        publisher = IngressPublisher(
            bus: parts.bus, timeout: publishTimeout, metrics: IngressMetrics(factory: factory), logger: parts.logger)
        discovery = HookService.discovery(endpoints.map(\.service))
    }

    package var routes: [Route] {
        let service = "/cds-services/{service}"
        return [
            Route(.get, "/cds-services") { discover($0) },
            Route(.post, service) { try await call($0) },
            Route(.post, service + "/feedback") { try await takeFeedback($0) },
            Route(.options, "/cds-services") { origins.preflight($0.headers) },
            Route(.options, service) { origins.preflight($0.headers) },
            Route(.options, service + "/feedback") { origins.preflight($0.headers) },
        ]
    }

    /// Names no patient, so that nobody needs to show who he is: clients ask before they are set up.
    private func discover(_ request: RouteRequest) -> Answer {
        guard origins.allows(request.headers) else { return finished(Self.foreignOrigin, request) }
        var answer = Answer.json(discovery)
        answer.headers[.cacheControl] = "max-age=60"
        return origins.apply(to: answer, of: request.headers)
    }

    /// Everything but discovery concerns a patient.
    func finished(_ answer: Answer, _ request: RouteRequest) -> Answer {
        var answer = origins.apply(to: answer, of: request.headers)
        answer.headers[.cacheControl] = "no-store"
        return answer
    }

    static let foreignOrigin = Answer.problem(.forbidden, "this origin may not call from a browser")
}
