// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import OceanSandbox
import ServiceLifecycle
import Synchronization

/// Plays scenarios on a running pretend Ocean.
final class ScenarioService: Service {
    private let ocean: PretendOcean
    private let scenarios: [SandboxScenario]
    private let staysUp: Bool
    private let output: @Sendable (String) -> Void
    private let results = Mutex<[Bool]>([])

    init(
        ocean: PretendOcean, scenarios: [SandboxScenario], staysUp: Bool, output: @escaping @Sendable (String) -> Void
    ) {
        self.ocean = ocean
        self.scenarios = scenarios
        self.staysUp = staysUp
        self.output = output
    }

    /// Whether every scenario was played to its end.
    var passed: Bool { results.withLock { $0.count == scenarios.count && !$0.contains(false) } }

    func run() async throws {
        for scenario in scenarios {
            let ocean = ocean
            // Ends when the process is asked to stop; what was not played has not passed.
            let report = await cancelWhenGracefulShutdown { await ocean.play(scenario.scenario) }
            output("\(report.passed ? "passed" : "FAILED") \(scenario.file)" + (report.title.map { ": \($0)" } ?? ""))
            for step in report.steps { output("  " + step.line) }
            results.withLock { $0.append(report.passed) }
        }
        if staysUp { try await gracefulShutdown() }
    }
}
