// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging
import OceanSandbox
import ServiceLifecycle
import UnixSignals

/// The pretend Ocean as a process of its own.
package struct SandboxProcess: Sendable {
    private let settings: Settings
    private let port: Int?
    private let bridge: String?
    private let journal: String?
    private let scenarios: [SandboxScenario]
    private let endsAfterScenarios: Bool

    /// - Parameters:
    ///   - port: on 127.0.0.1; nil takes `sandbox.address`.
    ///   - bridge: base address that gets the webhooks; nil takes `http.public.address`.
    ///   - journal: file that outlives the process; nil takes `sandbox.journalFile`.
    ///   - scenarios: played one after the other once it listens.
    ///   - endsAfterScenarios: whether `run` returns when they are over.
    package init(
        settings: Settings, port: Int?, bridge: String?, journal: String? = nil, scenarios: [SandboxScenario] = [],
        endsAfterScenarios: Bool = false
    ) {
        self.settings = settings
        self.port = port
        self.bridge = bridge
        self.journal = journal
        self.scenarios = scenarios
        self.endsAfterScenarios = endsAfterScenarios
    }

    /// Serves until SIGTERM or SIGINT, or until the scenarios are over when it was made so.
    ///
    /// - Parameter output: gets a line for each step of the scenarios.
    /// - Returns: whether every scenario passed.
    /// - Throws: `StartError` for a setting that cannot be, or a journal that cannot be opened.
    @discardableResult
    package func run(output: @escaping @Sendable (String) -> Void = { _ in }) async throws -> Bool {
        do {
            return try await serve(output)
        } catch let error as SandboxConfigurationError {
            throw StartError(part: "sandbox", message: error.description)
        }
    }

    private func serve(_ output: @escaping @Sendable (String) -> Void) async throws -> Bool {
        let scheme = settings.publicListener.certificateFile == nil ? "http" : "https"
        var target = bridge ?? "\(scheme)://\(settings.publicListener.address)"
        while target.hasSuffix("/") { target.removeLast() }
        var configuration = settings.pretendOcean(bridge: target)
        configuration.address = settings.sandboxAddress.host
        configuration.port = port ?? settings.sandboxAddress.port
        configuration.journalFile = journal ?? settings.sandboxJournalFile
        let logger = Observability.logger(level: settings.logLevel)
        let ocean = try PretendOcean(configuration: configuration, logger: logger)
        let play = ScenarioService(ocean: ocean, scenarios: scenarios, staysUp: !endsAfterScenarios, output: output)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: ocean)]
        if !scenarios.isEmpty {
            services.append(.init(service: play, successTerminationBehavior: .gracefullyShutdownGroup))
        }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: group).run()
        return play.passed
    }
}
