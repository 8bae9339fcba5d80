// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OceanBridge

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the bridge until SIGTERM.")

    @OptionGroup var options: SettingsOptions
    @Option(
        help: "Roles of this process, comma-separated: ingress, translator, publisher, console. Default: the setting.")
    var roles: String?

    func run() async throws {
        var settings = try options.settings()
        if let roles {
            guard let parsed = Settings.roles(roles) else {
                throw Terminal.fail(
                    "--roles \(roles): known roles are ingress, translator, publisher, console", code: .settings)
            }
            settings.roles = parsed
        }
        do {
            try await BridgeProcess(settings: settings).run()
        } catch let error as StartError {
            throw Terminal.fail(error.description, code: .unavailable)
        }
    }
}
