// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import OceanBridge

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the settings, then broker, store and Ocean's credentials.",
        discussion: "One line per finding with the remedy. Exit 0 when all is well, 78 otherwise.")

    @OptionGroup var options: SettingsOptions
    @Flag(help: "Settings only; connect to nothing.")
    var offline = false

    func run() async throws {
        let settings = try options.settings()
        Terminal.writeLine("settings: ok")
        if offline { return }
        var failed = false
        for finding in await ConnectionCheck(settings: settings).run() {
            Terminal.writeLine(finding.description)
            if !finding.isGood { failed = true }
        }
        if failed { throw ExitCode(Terminal.Exit.settings.rawValue) }
    }
}
