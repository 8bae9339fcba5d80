// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import OceanBridge

/// The settings file, for every command that needs one.
struct SettingsOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "Settings file. Default: $OCEAN_BRIDGE_CONFIG, ./ocean-bridge.yaml, /etc/ocean-bridge/ocean-bridge.yaml.")
    var config: String?

    /// Reads file and environment.
    ///
    /// - Throws: `ExitCode(78)` after printing what is wrong, one line each.
    func values() throws -> SettingsValues {
        do {
            return try SettingsFile.values(config: config, environment: ProcessInfo.processInfo.environment)
        } catch {
            throw Terminal.fail(error.description, code: .settings)
        }
    }

    func settings() throws -> Settings {
        do {
            return try Settings(values())
        } catch let error as SettingsError {
            throw Terminal.fail(error.description, code: .settings)
        }
    }
}
