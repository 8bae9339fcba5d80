// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OceanBridge

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "The pretend Ocean alone, to test hospital systems against.",
        discussion: """
            Serves the sites and listings of the settings: token endpoint, $process-messages, letters, Open API.
            Sends webhooks to the bridge's public address with retries and echoes. Control: /sandbox/api.
            """)

    @OptionGroup var options: SettingsOptions
    @Option(help: "Port on 127.0.0.1. Default: sandbox.address.")
    var port: Int?
    @Option(help: "Address of the bridge that gets the webhooks. Default: http.public.address.")
    var bridge: String?
    @Option(help: "File that keeps every accepted change for the next start. Default: sandbox.journalFile.")
    var journal: String?
    @Option(help: "File with a scenario to play (YAML or JSON, docs/sandbox.md); may be given several times.")
    var scenario: [String] = []
    @Flag(help: "End when the scenarios are over: exit 1 when one failed.")
    var once = false

    func validate() throws {
        if once, scenario.isEmpty { throw ValidationError("--once needs --scenario.") }
    }

    func run() async throws {
        let settings = try options.settings()
        do {
            let scenarios = try scenario.map { try SandboxScenario(file: $0) }
            let process = SandboxProcess(
                settings: settings, port: port, bridge: bridge, journal: journal, scenarios: scenarios,
                endsAfterScenarios: once)
            let passed = try await process.run { print($0) }
            if once, !passed { throw ExitCode(1) }
        } catch let error as StartError {
            throw Terminal.fail(error.description, code: .unavailable)
        }
    }
}
