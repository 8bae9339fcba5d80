// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import OceanBridge

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the settings, then broker, store, Ocean's credentials and the way of Ocean's webhooks.",
        discussion: """
            One line per finding with the remedy; then what usually goes wrong in Ocean's portal, where no program can
            look. With http.public.url set, the webhooks are called under that address as Ocean calls them. Exit 0 when
            nothing has FAILED, 78 otherwise.
            """)

    @OptionGroup var options: SettingsOptions
    @Flag(help: "Settings and the files that they name only; connect to nothing.")
    var offline = false

    func run() async throws {
        let settings = try options.settings()
        Terminal.writeLine("settings: ok")
        for line in LaunchAdvice.lines(settings) { Terminal.writeLine(line) }
        var failed = false
        let findings =
            offline
            ? await DataSourceCheck(settings: settings).files() : await ConnectionCheck(settings: settings).run()
        for finding in findings {
            Terminal.writeLine(finding.description)
            if !finding.isGood { failed = true }
        }
        if !offline { for line in PortalAdvice.lines { Terminal.writeLine(line) } }
        if failed { throw ExitCode(Terminal.Exit.settings.rawValue) }
    }
}
