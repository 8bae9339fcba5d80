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

    func run() async throws {
        try await SandboxProcess(settings: options.settings(), port: port, bridge: bridge).run()
    }
}
