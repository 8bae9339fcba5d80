// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FaultKit
import Glibc

@main
struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ocean-bridge-faults",
        abstract: "Breaks everything round a running bridge, and checks every id end to end.",
        discussion: """
            Starts a RabbitMQ, a pretend Ocean, an ingress and a worker as processes, sends webhooks and updates, and
            compares what was answered 2xx or confirmed with what the hospital's queues and Ocean's journal got. Exits 1
            when a message was lost, reordered, changed or repeated without a reason.
            """)

    @Option(help: "Webhooks and updates together; the scenarios other than kills take a tenth.")
    var messages = 50_000
    @Option(help: "Kills among them.")
    var kills = 200
    @Option(help: "The same seed gives the same choices.")
    var seed: UInt64 = 1
    @Option(
        help: "Scenario, may be repeated: \(Scenario.allCases.map(\.rawValue).joined(separator: ", ")). Default: all.")
    var scenario: [Scenario] = []
    @Option(help: "The program under test. Default: ocean-bridge beside this program.")
    var binary: String?
    @Option(help: "Worker processes.")
    var workers = 2
    @Option(help: "Longest pause between two kills, in milliseconds.")
    var pause = 8000
    @Option(
        help: "Directory for logs, settings and journal of each scenario; it must not exist. Default: none is kept.")
    var keep: String?

    func validate() throws {
        guard messages >= 100, kills >= 1, workers >= 1, pause >= 10 else {
            throw ValidationError("--messages must be 100 or more; --kills, --workers 1 or more; --pause 10 or more")
        }
    }

    func run() async throws {
        if let keep, mkdir(keep, 0o700) != 0 { throw ValidationError("--keep \(keep) cannot be made (errno \(errno))") }
        var isGood = true
        for scenario in scenario.isEmpty ? Scenario.allCases : scenario {
            var options = FaultOptions(binary: binary)
            options.messages = scenario == .kills ? messages : max(100, messages / 10)
            options.kills = kills
            options.seed = seed
            options.workers = workers
            options.pause = pause
            options.showsProgress = true
            options.keep = keep.map { "\($0)/\(scenario.rawValue)" }
            do {
                let verdict = try await scenario.run(options)
                print(verdict.table)
                isGood = isGood && verdict.isGood
            } catch {
                print("\n\(scenario.rawValue): could not be played: \(error)")
                isGood = false
            }
        }
        print(isGood ? "\nall is well" : "\nnot all is well; seed \(seed)")
        if !isGood { throw ExitCode(1) }
    }
}

extension Scenario: ExpressibleByArgument {}
