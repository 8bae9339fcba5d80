// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSON
import OceanBridge

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Shows the settings.",
        subcommands: [Print.self, Schema.self, Reference.self])

    struct Print: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "print", abstract: "The effective settings with their origin; secrets masked.")

        enum Format: String, ExpressibleByArgument { case text, json }

        @OptionGroup var options: SettingsOptions
        @Option(help: "text or json.")
        var format = Format.text

        func run() async throws {
            let values = try options.values()
            switch format {
            case .text:
                for line in values.printed { Terminal.writeLine("\(line.name): \(line.text)    # \(line.origin)") }
            case .json:
                let members = values.printed.map { line in
                    JSONMember(
                        name: line.name,
                        value: .object(["value": .string(line.text), "origin": .string(line.origin)]))
                }
                Terminal.writeLine(JSONValue.object(JSONObject(members)).text(.pretty))
            }
            if !values.problems.isEmpty {
                throw Terminal.fail(SettingsError(values.problems).description, code: .settings)
            }
        }
    }

    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "schema", abstract: "JSON Schema of the settings file.")

        func run() async throws { Terminal.writeLine(SettingsSchema.json.text(.pretty)) }
    }

    struct Reference: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reference", abstract: "The table of docs/configuration.md.")

        func run() async throws { Terminal.write(Array(SettingsSchema.markdown.utf8), to: 1) }
    }
}
