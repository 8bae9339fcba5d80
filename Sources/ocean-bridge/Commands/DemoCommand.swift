// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OceanBridge

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "The whole bridge in one process against the built-in pretend Ocean.",
        discussion: """
            Sends invented referrals through every path, lets hospital systems answer, prints every hop, ends with a
            table. Needs no settings, no broker, no network.
            """)

    @Option(help: "Port for the webhooks; 0 picks a free one.")
    var port = 0
    @Flag(help: "End after the round: exit 0 only if everything arrived, else 1.")
    var once = false
    @Flag(help: "Keep the files of bus and store when the demo ends.")
    var keep = false

    func run() async throws {
        let complete = try await Demo(port: port, once: once, keep: keep, print: Terminal.writeLine).run()
        if !complete { throw ExitCode(Terminal.Exit.failed.rawValue) }
    }
}
