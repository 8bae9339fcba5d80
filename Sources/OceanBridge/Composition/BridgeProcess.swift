// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import CDSHooks
import Embedded
import Gateway
package import Logging
import Metrics
import Ocean
import OceanClient
import ServiceLifecycle
import Synchronization
import Telemetry
import UnixSignals
package import Workers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One running bridge: the parts that its roles need, in the order in which they start and stop.
///
/// Bus and store open first and close last; the ingress starts last and stops first, so that nothing is accepted that
/// could not be carried on.
package final class BridgeProcess: Sendable {
    /// The ports that were bound, for settings with port 0.
    package struct Ports: Sendable, Hashable {
        package var publicListener: Int?
        package var operationsListener: Int?
    }

    private let settings: Settings
    private let logger: Logger
    private let observer: any HopObserver
    private let onPort: @Sendable (Ports) async -> Void
    private let handlesSignals: Bool
    private let running = Mutex<Running>(.notYet)

    private enum Running {
        case notYet
        case stopped
        case group(ServiceGroup)
    }

    /// - Parameters:
    ///   - observer: sees every hop, for the demo.
    ///   - handlesSignals: SIGTERM and SIGINT stop the process gracefully.
    ///   - onPort: told each port once it is bound.
    package init(
        settings: Settings, logger: Logger? = nil, observer: any HopObserver = SilentObserver(),
        handlesSignals: Bool = true, onPort: @escaping @Sendable (Ports) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.logger = logger ?? Observability.logger(level: settings.logLevel)
        self.observer = observer
        self.handlesSignals = handlesSignals
        self.onPort = onPort
    }

    /// Runs until a signal, cancellation, or a part that cannot go on.
    ///
    /// - Throws: `StartError` when a part cannot be opened.
    package func run() async throws {
        guard handlesSignals else { return try await runOnOwnBus() }
        // Of the whole run, also of the closing after the services: a second signal must not cut that short.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.stop(at: signals) }
            let outcome: Result<Void, any Error>
            do {
                try await self.runOnOwnBus()
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            // Nothing is left to stop; the traps go with the sequence.
            for number in [SIGTERM, SIGINT] { signal(number, SIG_IGN) }
            group.cancelAll()
            try outcome.get()
        }
    }

    /// Beyond `workers.stopTimeout`: for requests that wait for a confirm, and for closing bus and store.
    package static let stopMargin: Duration = .seconds(10)

    /// Stops at the first signal; later ones change nothing.
    private func stop(at signals: UnixSignalsSequence) async {
        var iterator = signals.makeAsyncIterator()
        guard let caught = await iterator.next() else { return }
        logger.notice("stopping", metadata: ["signal": "\(caught)"])
        await stop()
        do { try await Task.sleep(for: settings.workers.stopTimeout + Self.stopMargin) } catch { return }
        // Whatever hangs, the supervisor's SIGKILL would do no better: what is not settled comes again.
        logger.warning("the stop took longer than workers.stopTimeout; what is in hand comes again after the start")
        _exit(0)
    }

    private func runOnOwnBus() async throws {
        let bus = try settings.makeBus(logger)
        let outcome: Result<Void, any Error>
        do {
            try await run(on: bus)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await bus.shutdown()
        try outcome.get()
    }

    /// Stops gracefully, as SIGTERM does; `run` returns when what was in work is done.
    package func stop() async {
        let group: ServiceGroup? = running.withLock { state in
            defer { if case .notYet = state { state = .stopped } }
            if case .group(let group) = state { return group }
            return nil
        }
        await group?.triggerGracefulShutdown()
    }

    /// Runs on a bus that the caller owns; it is left open.
    package func run(on bus: any MessageBus) async throws {
        let store = try settings.makeStore(logger)
        let ocean: OceanHTTPClient
        do {
            ocean = try settings.makeOceanClient()
        } catch {
            await store.shutdown()
            throw error
        }
        let claims = settings.makeClaimStore()
        let outcome: Result<Void, any Error>
        do {
            let patientKey = PatientKey(secret: try await store.patientSecret())
            let launchSecret = try await settings.launchSecret(store)
            let guards = (
                crash: CrashGuard(history: store, limit: settings.workers.crashLimit, logger: logger),
                lanes: SideLanes(logger: logger), letters: DeadLetterDesk(bus: bus, book: store, logger: logger)
            )
            try await settings.withSpool(before: bus, logger) { spool in
                try await serve(
                    Parts(
                        settings: settings, bus: bus, spool: spool, store: store, ocean: ocean, claims: claims,
                        patientKey: patientKey, launchSecret: launchSecret,
                        crashGuard: guards.crash, sideLanes: guards.lanes, deadLetters: guards.letters,
                        tokens: settings.accessTokens,
                        hookKeys: KeySetCache(source: KeySetFetcher(), logger: logger), logger: logger))
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await ocean.shutdown()
        await claims.shutdown()
        await store.shutdown()
        try outcome.get()
    }

    private func serve(_ parts: Parts) async throws {
        let readiness = Readiness()
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(
                service: TopologyService(
                    bus: parts.bus, topology: settings.topology, readiness: readiness,
                    logger: logger)),
            .init(service: ReplayService(desk: parts.deadLetters, readiness: readiness, logger: logger)),
            .init(
                service: PruneService(
                    store: parts.store, keepEndedReferrals: settings.keepEndedReferrals, clock: parts.clock,
                    logger: logger)),
        ]
        // Stopped side by side, so that their times do not add up.
        var carriers: [any Service] = []
        if settings.roles.contains(.translator) {
            carriers.append(WorkerService(readiness: readiness, worker: parts.translator(observer)))
        }
        if settings.roles.contains(.publisher) {
            carriers.append(WorkerService(readiness: readiness, worker: parts.publisher(observer)))
            carriers.append(WorkerService(readiness: readiness, worker: parts.forms(observer)))
        }
        if settings.roles.contains(.documents), settings.documents.enabled {
            carriers.append(WorkerService(readiness: readiness, worker: parts.documents(observer)))
            services.append(
                .init(
                    service: DocumentPruneService(
                        claims: parts.claims, keep: settings.documents.keep, clock: parts.clock, logger: logger)))
        }
        if let spool = parts.spool { carriers.append(SpoolDrainService(spool: spool)) }
        if !carriers.isEmpty { services.append(.init(service: SideBySide(services: carriers))) }
        let onPort = onPort
        do throws(GatewayError) {
            if settings.roles.contains(.console) {
                services.append(
                    .init(
                        service: try parts.operations(readiness).service { port in
                            await onPort(Ports(publicListener: nil, operationsListener: port))
                        }))
            }
            let responder = settings.roles.contains(.responder) ? try parts.responder(readiness) : nil
            services += (responder?.services ?? []).map { .init(service: $0) }
            // One public listener for both.
            if settings.roles.contains(.ingress) || settings.roles.contains(.responder) {
                services.append(
                    .init(
                        service: try parts.ingress(responder).service { port in
                            await onPort(Ports(publicListener: port, operationsListener: nil))
                        }))
            }
        } catch {
            throw StartError(part: "http", message: error.description)
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [], logger: quiet(logger))
        // For a bridge inside another program; a process of its own has ended by then.
        configuration.maximumGracefulShutdownDuration =
            settings.workers.stopTimeout + Self.stopMargin + .seconds(5)
        logger.info(
            "started",
            metadata: [
                "version": "\(ProductVersion.text)", "bus": settings.bus.isEmbedded ? "embedded" : "rabbitmq",
                "roles": "\(settings.roles.map(\.rawValue).sorted().joined(separator: ","))",
            ])
        let group = ServiceGroup(configuration: configuration)
        let isStopped = running.withLock { state in
            if case .stopped = state { return true }
            state = .group(group)
            return false
        }
        if isStopped { return }
        try await group.run()
        logger.info("stopped")
    }

    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        if logger.logLevel < .warning { logger.logLevel = .warning }
        return logger
    }
}
