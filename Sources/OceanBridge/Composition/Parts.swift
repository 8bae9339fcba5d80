// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CDSHooks
import Embedded
import Gateway
import Logging
import Ocean
import OceanClient
import Spool
import Telemetry
import Workers

/// The opened parts of one process and how the roles are made of them.
struct Parts: Sendable {
    let settings: Settings
    let bus: any MessageBus
    /// Before the bus, for what this process accepts; nil when it is not in use.
    let spool: SpoolingBus?
    let store: SQLiteStateStore
    let ocean: OceanHTTPClient
    let claims: any ClaimCheckStore
    let patientKey: PatientKey
    /// One for the process: a message that is tried alone must be alone in all of it.
    let crashGuard: CrashGuard
    /// One for the process: a closed lane is told once.
    let sideLanes: SideLanes
    let deadLetters: DeadLetterDesk
    /// One for the process: whoever gives tokens and whoever checks them must have the same key.
    let tokens: AccessTokens
    /// One for the process: the key sets of CDS clients.
    let hookKeys: KeySetCache
    let clock: any WallClock = SystemClock()
    let ids = UUIDv7Source()
    let logger: Logger

    /// Reads every kind of webhook body, with the keys of the settings.
    var reader: OceanInboundReader {
        .standard(
            keys: { [settings] site in site.flatMap { settings.encryptionKeys(site: $0) } },
            statusMaps: settings.ocean.statusMaps)
    }

    var backoff: Backoff {
        Backoff(RetryPolicy(base: settings.workers.firstRetry, cap: settings.workers.longestRetry))
    }

    func ingress() throws(GatewayError) -> PublicGateway {
        let listener = settings.publicListener
        var tls: ListenerTLS?
        if let certificate = listener.certificateFile, let key = listener.keyFile {
            tls = ListenerTLS(certificateFile: certificate, keyFile: key)
        }
        var configuration = PublicGatewayConfiguration(
            address: ListenerAddress(host: listener.address.host, port: listener.address.port), tls: tls,
            limits: publicLimits,
            integrations: settings.roles.contains(.ingress)
                ? settings.integrations.mapValues(Self.integration) : [:],
            publishTimeout: settings.bus.publishTimeout, tokenLifetime: listener.tokenLifetime,
            tokenKey: listener.tokenKey.map { Gateway.Secret($0) })
        configuration.authentications = hookAuthentications
        return try PublicGateway(
            configuration: configuration, bus: spool ?? bus, reader: reader, clock: clock, ids: ids, tokens: tokens,
            routes: settings.roles.contains(.responder) ? try responderRoutes() : [], logger: logger)
    }

    var publicLimits: ListenerLimits {
        var limits = ListenerLimits()
        limits.bodyBytes = settings.publicListener.maximumBodyBytes
        limits.request = settings.publicListener.requestTimeout
        limits.connections = settings.publicListener.maximumConnections
        return limits
    }

    private static func integration(_ setting: Settings.Integration) -> Integration {
        Integration(
            name: setting.name, kind: Integration.Kind(rawValue: setting.kind) ?? .ereferralFHIR, site: setting.site,
            authentication: authentication(setting.authentication))
    }

    static func authentication(_ setting: Settings.Authentication) -> Integration.Authentication {
        switch setting {
        case .none: .none
        case .basic(let username, let password): .basic(user: username, password: Gateway.Secret(password))
        case .bearer(let token): .bearer(token: Gateway.Secret(token))
        case .header(let name, let value): .header(name: name, value: Gateway.Secret(value))
        case .oauth2(let id, let secret): .oauth2(clientID: id, secret: Gateway.Secret(secret))
        }
    }

    func operations(_ readiness: Readiness) -> OperationsGateway {
        let listener = settings.operationsListener
        let configuration = OperationsGatewayConfiguration(
            address: ListenerAddress(host: listener.address.host, port: listener.address.port),
            token: listener.token.map { Gateway.Secret($0) }, publishTimeout: settings.bus.publishTimeout)
        let checks = [
            ReadinessCheck(name: "bus", verdict: { [self] in await busVerdict() }),
            ReadinessCheck(name: "store") { [store] in
                do throws(StoreError) {
                    try await store.check()
                    return nil
                } catch {
                    return error.message
                }
            },
            ReadinessCheck(
                name: "topology",
                verdict: { [spool] in
                    guard let reason = readiness.reason else { return .ready }
                    // Accepted messages wait in the spool for the topology, too.
                    guard readiness.isBusAway, let spool, !spool.status.isFull else { return .notReady(reason: reason) }
                    return .degraded(reason: reason)
                }),
        ]
        let documents = settings.documents.enabled ? [ReadinessCheck(name: "documents", verdict: documentsVerdict)] : []
        let registry = Observability.metrics
        let queues = QueueGauges(bus: bus, topology: settings.topology, clock: clock)
        return OperationsGateway(
            configuration: configuration, bus: bus, updates: spool,
            updateReader: OceanUpdateReader(statusMaps: settings.ocean.statusMaps),
            readiness: checks + documents,
            metricsText: { [spool] in
                spool?.measure()
                return await registry.text() + queues.text()
            }, clock: clock, ids: ids,
            routes: ParkingRoutes(lot: store, audit: store, clock: clock).routes
                + LossRoutes(book: store).routes
                + DeadLetterRoutes(DeadLetterCounter(desk: deadLetters).answer).routes
                + DocumentRoutes(claims: claims, audit: store, clock: clock).routes
                + RehearsalRoutes(limits: configuration.limits, clock: clock, ids: ids, rehearsal().answer).routes,
            logger: logger)
    }

    /// A store that takes no documents makes a process not ready, but one that also takes webhooks: those are taken and
    /// carried on all the same, and a load balancer must go on sending them.
    private func documentsVerdict() async -> ReadinessCheck.Verdict {
        guard settings.roles.contains(.documents) else { return .ready }
        let answer = await Deadline.value(within: .milliseconds(1500), cancelling: true) { [claims] () -> String? in
            do throws(ClaimCheckError) {
                try await claims.check()
                return nil
            } catch {
                return error.description
            }
        }
        guard let fault = answer ?? "no answer within 1.5 s" else { return .ready }
        return settings.roles.contains(.ingress)
            ? .degraded(reason: "documents wait: \(fault)") : .notReady(reason: fault)
    }

    /// While the spool takes what the bus does not, a load balancer must go on sending.
    private func busVerdict() async -> ReadinessCheck.Verdict {
        guard let spool else {
            if case .notReady(let reason) = await bus.health() { return .notReady(reason: reason) }
            return .ready
        }
        let status = spool.status
        guard status.isPrimaryUp else {
            if status.isFull { return .notReady(reason: "the bus is away and the spool takes no more") }
            return .degraded(reason: "spooling: the bus is away, \(status.messages) messages are kept here")
        }
        // Before the readiness check's own deadline.
        let health = await Deadline.value(within: .milliseconds(1500), cancelling: true) { [bus] in
            await bus.health()
        }
        guard health == .ready else {
            var reason = "no answer within 1.5 s"
            if case .notReady(let told) = health { reason = told }
            return status.isFull ? .notReady(reason: reason) : .degraded(reason: "spooling: \(reason)")
        }
        guard status.messages == 0 else {
            return .degraded(reason: "spooling: \(status.messages) messages are being drained")
        }
        return .ready
    }
}
