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

/// One condition of being ready.
package struct ReadinessCheck: Sendable {
    package let name: String
    /// Nil when ready, else a reason fit for everybody: no secrets, no patient data.
    package let reason: @Sendable () async -> String?

    package init(name: String, reason: @escaping @Sendable () async -> String?) {
        self.name = name
        self.reason = reason
    }
}

/// The listener for operators and hospital systems: health, metrics, queues, updates.
package struct OperationsGateway: Sendable {
    private let listener: HTTPListener
    private let desk: LeaseDesk

    /// - Parameters:
    ///   - updateReader: finds the referral in updates that name it in no plain member (FHIR).
    ///   - metricsText: the exposition for `/metrics`, in the Prometheus text format 0.0.4.
    ///   - routes: further routes, such as the console's; they stand behind the same token.
    package init(
        configuration: OperationsGatewayConfiguration, bus: any MessageBus, updateReader: (any UpdateReader)? = nil,
        readiness: [ReadinessCheck] = [], metricsText: @escaping @Sendable () async -> String = { "" },
        clock: any WallClock = SystemClock(), ids: UUIDv7Source = UUIDv7Source(), routes: [Route] = [],
        metrics factory: any MetricsFactory = MetricsSystem.factory, logger: Logger
    ) {
        let desk = LeaseDesk(bus: bus, clock: clock, limits: configuration.leases)
        let updates = UpdateRoute(
            limits: configuration.limits,
            publisher: IngressPublisher(
                bus: bus, timeout: configuration.publishTimeout, metrics: IngressMetrics(factory: factory),
                logger: logger),
            reader: updateReader, ids: ids, clock: clock)
        let guarded =
            [
                Route(.get, "/metrics") { _ in
                    .text(await metricsText(), contentType: "text/plain; version=0.0.4; charset=utf-8")
                },
                Route(.post, "/api/v1/updates") { try await updates.handle($0) },
            ] + QueueRoutes(bus: bus, desk: desk).routes + routes
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
