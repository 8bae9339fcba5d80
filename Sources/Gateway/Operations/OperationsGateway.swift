// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import CoreMetrics
import HTTPTypes
import JSON
package import Logging
package import Ocean
package import ServiceLifecycle

/// Settings of the operations listener.
package struct OperationsGatewayConfiguration: Sendable {
    package var address: ListenerAddress
    package var tls: ListenerTLS?
    package var limits: ListenerLimits
    /// When set, everything but `/livez` and `/readyz` asks for `Authorization: Bearer`.
    package var token: Secret?
    package var publishTimeout: Duration
    package var leases: LeaseDesk.Limits

    package init(
        address: ListenerAddress = ListenerAddress(host: "127.0.0.1", port: 9090), tls: ListenerTLS? = nil,
        limits: ListenerLimits = ListenerLimits(), token: Secret? = nil, publishTimeout: Duration = .seconds(10),
        leases: LeaseDesk.Limits = LeaseDesk.Limits()
    ) {
        self.address = address
        self.tls = tls
        self.limits = limits
        self.token = token
        self.publishTimeout = publishTimeout
        self.leases = leases
    }
}

/// One condition of being ready. Reasons are fit for everybody: no secrets, no patient data.
package struct ReadinessCheck: Sendable {
    package enum Verdict: Sendable, Hashable {
        case ready
        /// Takes requests and keeps its promise, and an operator should know of something.
        case degraded(reason: String)
        case notReady(reason: String)
    }

    package let name: String
    package let verdict: @Sendable () async -> Verdict

    package init(name: String, verdict: @escaping @Sendable () async -> Verdict) {
        self.name = name
        self.verdict = verdict
    }

    /// - Parameter reason: nil when ready.
    package init(name: String, reason: @escaping @Sendable () async -> String?) {
        self.init(name: name, verdict: { await reason().map { .notReady(reason: $0) } ?? .ready })
    }
}

/// The listener for operators and hospital systems: health, metrics, queues, updates.
package struct OperationsGateway: Sendable {
    private let listener: HTTPListener
    private let desk: LeaseDesk

    /// - Parameters:
    ///   - updates: takes what comes to `/api/v1/updates`; nil for `bus` itself.
    ///   - updateReader: finds the referral in updates that name it in no plain member (FHIR).
    ///   - formLane: a lane for the form requests of one patient that does not tell who it is; nil takes none.
    ///   - metricsText: the exposition for `/metrics`, in the Prometheus text format 0.0.4.
    ///   - routes: further routes, such as the console's; they stand behind the same token.
    package init(
        configuration: OperationsGatewayConfiguration, bus: any MessageBus, updates updateBus: (any MessageBus)? = nil,
        updateReader: (any UpdateReader)? = nil,
        formLane: (@Sendable (_ patient: String, _ site: String) -> String)? = nil,
        readiness: [ReadinessCheck] = [], metricsText: @escaping @Sendable () async -> String = { "" },
        clock: any WallClock = SystemClock(), ids: UUIDv7Source = UUIDv7Source(), routes: [Route] = [],
        metrics factory: any MetricsFactory = MetricsSystem.factory, logger: Logger
    ) {
        let desk = LeaseDesk(bus: bus, clock: clock, limits: configuration.leases)
        let updates = UpdateRoute(
            limits: configuration.limits,
            publisher: IngressPublisher(
                bus: updateBus ?? bus, timeout: configuration.publishTimeout, metrics: IngressMetrics(factory: factory),
                logger: logger),
            reader: updateReader, ids: ids, clock: clock)
        let forms = formLane.map { lane in
            FormRoute(
                limits: configuration.limits,
                publisher: IngressPublisher(
                    bus: updateBus ?? bus, timeout: configuration.publishTimeout,
                    metrics: IngressMetrics(factory: factory), logger: logger),
                lane: lane, ids: ids, clock: clock)
        }
        let formRoutes = forms.map { forms in [Route(.post, "/api/v1/forms") { try await forms.handle($0) }] } ?? []
        let guarded =
            [
                Route(.get, "/metrics") { _ in
                    .text(await metricsText(), contentType: "text/plain; version=0.0.4; charset=utf-8")
                },
                Route(.post, "/api/v1/updates") { try await updates.handle($0) },
            ] + formRoutes + QueueRoutes(bus: bus, desk: desk).routes
            + AnswerRoute(
                desk: desk, port: bus as? any AnswerPort, limits: configuration.limits,
                publishTimeout: configuration.publishTimeout, ids: ids, clock: clock
            ).routes + routes
        let fence = OperationsFence(token: configuration.token)
        self.desk = desk
        listener = HTTPListener(
            address: configuration.address, tls: configuration.tls, limits: configuration.limits,
            routes: HealthRoutes(checks: readiness).routes + guarded.map { fence.guarding($0) }, logger: logger)
    }

    /// The listener as a service, with the lease desk behind it.
    ///
    /// - Parameter bound: told the port once connections are taken.
    /// - Throws: `badCertificate`.
    package func service(
        bound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(GatewayError) -> any Service {
        try listener.service(companions: [LeaseDeskService(desk: desk)], bound: bound)
    }
}
