// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BridgeCore
import FoundationEssentials
import JSON
import OceanBridge

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Lists, shows, replays and discards what the bridge gave up on.",
        discussion: """
            Asks the running bridge through its operations listener; when none runs on this machine, opens bus and store
            itself. Ids are message ids, or the keys that list and show print. Patient data appears in show --body only,
            and each such look is written to the audit trail.
            """,
        subcommands: [List.self, Show.self, Replay.self, Discard.self], defaultSubcommand: List.self)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    struct Common: ParsableArguments {
        @OptionGroup var options: SettingsOptions
        @Option(help: "text or json.")
        var format = Format.text

        /// Prints the answer.
        ///
        /// - Throws: `ExitCode`: 65 when no letter fits or the request is wrong, 69 when bus or store cannot be
        ///   reached, 1 when a letter could not go.
        func run(_ request: DeadLetterRequest) async throws {
            let answer: JSONValue
            do {
                answer = try await DeadLetterCall(settings: try options.settings()).ask(request)
            } catch let failure as DeadLetterFailure {
                throw Terminal.fail(
                    failure.description, code: failure.kind == .unavailable ? .unavailable : .badData)
            }
            switch format {
            case .json: Terminal.write(answer.bytes() + [0x0A], to: 1)
            case .text:
                for line in DeadLetterText.lines(answer, to: request) { Terminal.writeLine(line) }
            }
            if let failed = answer["failed"]?.numberValue?.intValue, failed > 0 {
                throw ExitCode(Terminal.Exit.failed.rawValue)
            }
        }
    }

    struct Choice: ParsableArguments {
        @Option(help: "Only letters of this lane: ocean.dead-letters, ocean.invalid or ocean.unrouted.")
        var lane: String?
        @Option(help: "Only letters with this cause, as list prints it.")
        var cause: String?
        @Option(help: "Only letters of this stage: translator, publisher, documents, ingress, routing.")
        var stage: String?

        func narrow(_ request: inout DeadLetterRequest) {
            request.lane = lane
            request.cause = cause
            request.stage = stage
        }
    }

    struct Author: ParsableArguments {
        @Option(help: "Who asks, for the audit trail. Default: $USER.")
        var actor: String?
        @Option(help: "Why, for the audit trail. No patient data.")
        var reason: String?

        func sign(_ request: inout DeadLetterRequest) {
            request.actor = actor ?? ProcessInfo.processInfo.environment["USER"] ?? "operator"
            request.reason = reason ?? ""
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Groups by cause, with count, times and sample ids.")

        @OptionGroup var common: Common
        @OptionGroup var choice: Choice
        @Option(help: "Also print so many single letters (0 to 1000).")
        var letters = 0

        func run() async throws {
            var request = DeadLetterRequest(.list)
            choice.narrow(&request)
            request.letters = letters
            try await common.run(request)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One letter: envelope, headers, where a replay goes.")

        @OptionGroup var common: Common
        @OptionGroup var author: Author
        @Argument(help: "Message id or key.")
        var id: String
        @Flag(help: "Also the body, which holds patient data. Needs --reason.")
        var body = false

        func run() async throws {
            var request = DeadLetterRequest(.show)
            request.ids = [id]
            request.body = body
            author.sign(&request)
            try await common.run(request)
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publishes letters again where they failed, each exactly once.",
            discussion:
                "Name ids, or a whole group by --lane, --cause, --stage. Interrupted replays go on by themselves.")

        @OptionGroup var common: Common
        @OptionGroup var choice: Choice
        @OptionGroup var author: Author
        @Argument(help: "Message ids or keys.")
        var ids: [String] = []
        @Flag(help: "Print what would be published where, and what differs; change nothing.")
        var dryRun = false

        func run() async throws {
            var request = DeadLetterRequest(.replay)
            request.ids = ids
            request.dryRun = dryRun
            choice.narrow(&request)
            author.sign(&request)
            try await common.run(request)
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes letters for good. Needs --reason.",
            discussion: "Name ids, or a whole group by --lane, --cause, --stage.")

        @OptionGroup var common: Common
        @OptionGroup var choice: Choice
        @OptionGroup var author: Author
        @Argument(help: "Message ids or keys.")
        var ids: [String] = []
        @Flag(help: "Print what would be removed; change nothing.")
        var dryRun = false

        func run() async throws {
            var request = DeadLetterRequest(.discard)
            request.ids = ids
            request.dryRun = dryRun
            choice.narrow(&request)
            author.sign(&request)
            try await common.run(request)
        }
    }
}
