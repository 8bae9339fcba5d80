// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import Logging
import OceanSandbox
import ServiceLifecycle
import UnixSignals

/// The whole bridge, the pretend Ocean and the hospital's systems in one process.
package struct Demo: Sendable {
    private let port: Int
    private let once: Bool
    private let keep: Bool
    private let print: @Sendable (String) -> Void

    /// How long everything may take to arrive; on two busy cores it takes about two seconds.
    private static let patience: Duration = .seconds(60)

    /// - Parameters:
    ///   - port: for the webhooks; 0 picks a free one.
    ///   - once: return after the round instead of staying up.
    ///   - keep: leave the files of bus and store.
    ///   - print: writes one line.
    package init(port: Int, once: Bool, keep: Bool, print: @escaping @Sendable (String) -> Void) {
        self.port = port
        self.once = once
        self.keep = keep
        self.print = print
    }

    /// - Returns: whether everything arrived.
    package func run() async throws -> Bool {
        let directory = FileManager.default.temporaryDirectory.path + "/ocean-bridge-demo-" + UUIDv7Source().next()
        let complete: Result<Bool, any Error>
        do {
            complete = .success(try await run(in: directory))
        } catch {
            complete = .failure(error)
        }
        if keep {
            print("files kept in \(directory)")
        } else {
            do {
                try FileManager.default.removeItem(atPath: directory)
            } catch {
                print("cannot remove \(directory)")
            }
        }
        return try complete.get()
    }

    private func run(in directory: String) async throws -> Bool {
        let printer = DemoPrinter(print: print)
        let logger = Observability.logger(level: "error")
        let secret = UUIDv7Source().next()
        // The pretend Ocean must know the bridge's address and the bridge Ocean's: webhooks are set once both are up.
        let plan = try settings(directory, ocean: "http://127.0.0.1:9", secret: secret)
        let ocean = try PretendOcean(configuration: plan.pretendOcean(bridge: "http://127.0.0.1:9"), logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let oceanGroup = ServiceGroup(
                configuration: ServiceGroupConfiguration(services: [.init(service: ocean)], logger: logger))
            group.addTask { try await oceanGroup.run() }
            let events = ocean.events()
            let settings = try settings(directory, ocean: try await ocean.address(), secret: secret)
            let bus = try settings.makeBus(logger)
            let board = DemoBoard(expected: DemoScript.services.count + 1)
            group.addTask {
                for await event in events {
                    printer.sandbox(event)
                    if case .webhookAttempt(let attempt) = event, let status = attempt.status {
                        await board.webhook(Self.boardKey(attempt.reference, event: attempt.event), status: status)
                    }
                }
            }
            let outcome: Result<Bool, any Error>
            do {
                outcome = .success(
                    try await round(settings, ocean: ocean, bus: bus, board: board, printer: printer, logger: logger))
            } catch {
                outcome = .failure(error)
            }
            await bus.shutdown()
            await oceanGroup.triggerGracefulShutdown()
            try await group.waitForAll()
            return try outcome.get()
        }
    }

    private enum Part {
        case bridge, hospital, patience
    }

    /// Runs the bridge on `bus` and plays the script.
    private func round(
        _ settings: Settings, ocean: PretendOcean, bus: any MessageBus, board: DemoBoard, printer: DemoPrinter,
        logger: Logger
    ) async throws -> Bool {
        let ports = PortBoard()
        let process = BridgeProcess(settings: settings, logger: logger, observer: printer, handlesSignals: false) {
            await ports.set($0)
        }
        let hospital = DemoHospital(
            bus: bus, board: board, clock: SystemClock(), ids: UUIDv7Source(), say: { printer.say($0, $1) })
        try await bus.declare(.bridge(partitions: settings.bus.partitions))
        try await hospital.bind()
        return try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                try await process.run(on: bus)
                return .bridge
            }
            group.addTask {
                try await hospital.run()
                return .hospital
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                await board.giveUp()
                return .patience
            }
            let bound = await ports.both()
            let bridge = "http://127.0.0.1:\(bound.publicListener ?? 0)"
            let plan = settings.pretendOcean(bridge: bridge)
            for webhook in plan.webhooks { try ocean.set(webhook) }
            for client in plan.decisionSupport { try ocean.set(client) }
            printer.say("bridge", "webhooks on \(bridge), operations on 127.0.0.1:\(bound.operationsListener ?? 0)")
            let isStopped = await sendStopped(ocean, printer)
            try await send(ocean, board)
            let arrived = await board.outcome()
            let isKnown = try await askAgain(ocean, printer)
            let complete = arrived && isStopped && isKnown
            let folders = await summary(ocean, board, printer, complete: complete)
            if !once {
                print("")
                print("The bridge stays up: pretend Ocean at \(try await ocean.address())/,")
                print("metrics at http://127.0.0.1:\(bound.operationsListener ?? 0)/metrics. Ctrl-C ends it.")
                await Self.interrupted()
            }
            await process.stop()
            while let part = try await group.next(), part != .bridge {}
            // Ends the hospital's subscriptions and the patience.
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
            return complete && folders
        }
    }

    /// A referral that the orthopaedic clinic does not want: a critical card keeps it from being sent.
    private func sendStopped(_ ocean: PretendOcean, _ printer: DemoPrinter) async -> Bool {
        do throws(RefusedChange) {
            try await ocean.send(.urgentImaging, to: DemoScript.services[0].listing)
        } catch {
            return error.code == .stopped
        }
        printer.say("Ocean", "the referral was sent in spite of its card")
        return false
    }

    /// The same patient again: the store knows the first referral by now.
    private func askAgain(_ ocean: PretendOcean, _ printer: DemoPrinter) async throws -> Bool {
        let talks = try await ocean.ask(about: .backPain, to: DemoScript.services[0].listing)
        let isTold = talks.flatMap(\.cards).contains { $0.summary.contains("open referral") }
        if !isTold { printer.say("Ocean", "no card tells of the open referral") }
        return isTold
    }

    private func send(_ ocean: PretendOcean, _ board: DemoBoard) async throws {
        let kinds: [SyntheticReferral.Kind] = [.backPain, .attachments, .accents]
        for (service, kind) in zip(DemoScript.services, kinds) {
            let reference = try await ocean.send(kind, to: service.listing)
            await board.add(
                reference: reference, dialect: service.dialect, service: service.name, answers: service.answers,
                documents: service.documents)
        }
        let patient = try await ocean.completeForm(site: DemoScript.site)
        await board.add(
            reference: Self.formKey(patient), dialect: "patient engagement", service: "form", answers: [])
    }

    /// The table of what arrived; says whether every referral is in the folder where it belongs.
    private func summary(
        _ ocean: PretendOcean, _ board: DemoBoard, _ printer: DemoPrinter, complete: Bool
    ) async -> Bool {
        let snapshots = await ocean.snapshot()
        var allInPlace = true
        var rows: [[String]] = []
        for row in await board.rows {
            let snapshot = snapshots.first { $0.reference == row.reference }
            let wanted = DemoScript.service(row.service)?.folder
            let inPlace = snapshot?.receiverFolder == wanted
            if !inPlace { allInPlace = false }
            let answers = row.answers.isEmpty ? "-" : row.delivered.map(\.rawValue).joined(separator: ", ")
            rows.append([
                DemoPrinter.short(row.reference), row.dialect, row.service, row.webhook.map(String.init) ?? "none",
                "\(row.exchanges.count) of 3", "\(row.documents.count)", answers.isEmpty ? "none" : answers,
                "\(row.echoes)",
                snapshot?.receiverFolder.rawValue ?? "-", row.isComplete && inPlace ? "yes" : "NO",
            ])
        }
        print("")
        printer.table(
            [
                "message", "from Ocean as", "service", "webhook", "exchanges", "documents", "answers", "echoes",
                "Ocean's folder",
                "arrived",
            ],
            rows)
        print("")
        print(complete && allInPlace ? "everything arrived" : "something is missing, see the table")
        return allInPlace
    }

    private func settings(_ directory: String, ocean: String, secret: String) throws -> Settings {
        try DemoScript.writeRules(to: directory)
        let text = DemoScript.settings(
            directory: directory, ocean: ocean, publicPort: port, operationsPort: 0, secret: secret)
        return try Settings(SettingsValues(yaml: (text, "demo.yaml"), environment: [:]))
    }

    /// Messages of a form event carry `patient-{site}-{ref}` as subject, the pretend Ocean's events the bare reference.
    private static func boardKey(_ reference: String, event: String) -> String {
        event.hasPrefix("notify-patient-") ? formKey(reference) : reference
    }

    private static func formKey(_ patient: String) -> String { "patient-\(DemoScript.site)-\(patient)" }

    /// Returns on SIGINT or SIGTERM.
    private static func interrupted() async {
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: WaitingService())], gracefulShutdownSignals: [.sigint, .sigterm],
            logger: Observability.logger(level: "error"))
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            // Cancelled from outside: the demo ends just the same.
            return
        }
    }
}

/// Does nothing until it is told to stop.
private struct WaitingService: Service {
    func run() async throws {
        do { try await gracefulShutdown() } catch is CancellationError { return }
    }
}

/// Waits for both listeners to be bound.
private actor PortBoard {
    private var ports = BridgeProcess.Ports()
    private var waiting: [CheckedContinuation<BridgeProcess.Ports, Never>] = []

    func set(_ new: BridgeProcess.Ports) {
        ports.publicListener = new.publicListener ?? ports.publicListener
        ports.operationsListener = new.operationsListener ?? ports.operationsListener
        guard isComplete else { return }
        for continuation in waiting { continuation.resume(returning: ports) }
        waiting = []
    }

    private var isComplete: Bool { ports.publicListener != nil && ports.operationsListener != nil }

    func both() async -> BridgeProcess.Ports {
        if isComplete { return ports }
        return await withCheckedContinuation { waiting.append($0) }
    }
}
