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

    /// - Parameters:
    ///   - port: on 127.0.0.1; nil takes `sandbox.address`.
    ///   - bridge: base address that gets the webhooks; nil takes `http.public.address`.
    ///   - journal: file that outlives the process; nil takes `sandbox.journalFile`.
    package init(settings: Settings, port: Int?, bridge: String?, journal: String? = nil) {
        self.settings = settings
        self.port = port
        self.bridge = bridge
        self.journal = journal
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Throws: `StartError` for a setting that cannot be, or a journal that cannot be opened.
    package func run() async throws {
        do {
            try await serve()
        } catch let error as SandboxConfigurationError {
            throw StartError(part: "sandbox", message: error.description)
        }
    }

    private func serve() async throws {
        let scheme = settings.publicListener.certificateFile == nil ? "http" : "https"
        var target = bridge ?? "\(scheme)://\(settings.publicListener.address)"
        while target.hasSuffix("/") { target.removeLast() }
        var configuration = settings.pretendOcean(bridge: target)
        configuration.address = settings.sandboxAddress.host
        configuration.port = port ?? settings.sandboxAddress.port
        configuration.journalFile = journal ?? settings.sandboxJournalFile
        let logger = Observability.logger(level: settings.logLevel)
        let ocean = try PretendOcean(configuration: configuration, logger: logger)
        var group = ServiceGroupConfiguration(
            services: [.init(service: ocean)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: group).run()
    }
}
