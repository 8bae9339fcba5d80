// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OceanBridge

@main
struct OceanBridgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ocean-bridge",
        abstract: "Carries referrals between Ocean and a hospital's message bus.",
        version: ProductVersion.text,
        subcommands: [
            DemoCommand.self, ServeCommand.self, SandboxCommand.self, TranslateCommand.self, ValidateCommand.self,
            SendCommand.self, CheckCommand.self, ConfigCommand.self, DeadLettersCommand.self,
        ])
}
