// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct OceanBridgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ocean-bridge")
}
