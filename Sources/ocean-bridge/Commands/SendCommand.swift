// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OceanBridge

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Puts one referral update on the bus as a hospital system would.",
        discussion: """
            The file holds a canonical update (docs/schemas/update.schema.json), or any other form that ocean.updates
            takes. With the embedded bus the update goes through the running bridge's operations listener, with
            RabbitMQ straight to the broker. Prints the message id once it is durable.
            """)

    @OptionGroup var options: SettingsOptions
    @Argument(help: "File, or - for standard input.")
    var file = "-"

    func run() async throws {
        let settings = try options.settings()
        let body = try Terminal.read(file)
        do {
            let id = try await UpdateSender(settings: settings).send(body)
            Terminal.writeLine(id)
        } catch let error as SendError {
            throw Terminal.fail(error.description, code: error.isBadData ? .badData : .unavailable)
        }
    }
}
