// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Embedded
import Gateway
import Logging
import Ocean
import OceanClient
import Telemetry
import Workers

/// The opened parts of one process and how the roles are made of them.
struct Parts: Sendable {
    let settings: Settings
    let bus: any MessageBus
    let store: SQLiteStateStore
    let ocean: OceanHTTPClient
    let patientKey: PatientKey
    /// One for the process: a message that is tried alone must be alone in all of it.
    let crashGuard: CrashGuard
    /// One for the process: a closed lane is told once.
    let sideLanes: SideLanes
    let deadLetters: DeadLetterDesk
    let clock: any WallClock = SystemClock()
    let ids = UUIDv7Source()
    let logger: Logger

    /// Reads every kind of webhook body, with the keys of the settings.
    var reader: OceanInboundReader {
        .standard { [settings] site in site.flatMap { settings.encryptionKeys(site: $0) } }
    }

    var backoff: Backoff {
        Backoff(RetryPolicy(base: settings.workers.firstRetry, cap: settings.workers.longestRetry))
    }

    func ingress() throws(GatewayError) -> PublicGateway {
        let listener = settings.publicListener
        var limits = ListenerLimits()
        limits.bodyBytes = listener.maximumBodyBytes
        limits.request = listener.requestTimeout
        limits.connections = listener.maximumConnections
        var tls: ListenerTLS?
        if let certificate = listener.certificateFile, let key = listener.keyFile {
            tls = ListenerTLS(certificateFile: certificate, keyFile: key)
        }
        let configuration = PublicGatewayConfiguration(
            address: ListenerAddress(host: listener.address.host, port: listener.address.port), tls: tls,
            limits: limits, integrations: settings.integrations.mapValues(Self.integration),
            publishTimeout: settings.bus.publishTimeout, tokenLifetime: listener.tokenLifetime,
            tokenKey: listener.tokenKey.map { Gateway.Secret($0) })
        return try PublicGateway(
            configuration: configuration, bus: bus, reader: reader, clock: clock, ids: ids, logger: logger)
    }

    private static func integration(_ setting: Settings.Integration) -> Integration {
        let authentication: Integration.Authentication =
            switch setting.authentication {
            case .none: .none
            case .basic(let username, let password): .basic(user: username, password: Gateway.Secret(password))
            case .bearer(let token): .bearer(token: Gateway.Secret(token))
            case .header(let name, let value): .header(name: name, value: Gateway.Secret(value))
            case .oauth2(let id, let secret): .oauth2(clientID: id, secret: Gateway.Secret(secret))
            }
        return Integration(
            name: setting.name, kind: Integration.Kind(rawValue: setting.kind) ?? .ereferralFHIR, site: setting.site,
            authentication: authentication)
    }

    func operations(_ readiness: Readiness) -> OperationsGateway {
        let listener = settings.operationsListener
        let configuration = OperationsGatewayConfiguration(
            address: ListenerAddress(host: listener.address.host, port: listener.address.port),
            token: listener.token.map { Gateway.Secret($0) }, publishTimeout: settings.bus.publishTimeout)
        let checks = [
            ReadinessCheck(name: "bus") { [bus] in
                if case .notReady(let reason) = await bus.health() { reason } else { nil }
            },
            ReadinessCheck(name: "store") { [store] in
                do throws(StoreError) {
                    try await store.check()
                    return nil
                } catch {
                    return error.message
                }
            },
            ReadinessCheck(name: "topology") { readiness.reason },
        ]
        let registry = Observability.metrics
        let queues = QueueGauges(bus: bus, partitions: settings.bus.partitions, clock: clock)
        return OperationsGateway(
            configuration: configuration, bus: bus, updateReader: OceanUpdateReader(), readiness: checks,
            metricsText: { await registry.text() + queues.text() }, clock: clock, ids: ids,
            routes: ParkingRoutes(lot: store, audit: store, clock: clock).routes
                + DeadLetterRoutes(DeadLetterCounter(desk: deadLetters).answer).routes, logger: logger)
    }
}
