// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OceanBridge

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Puts one referral update, or one form request, on the bus as a hospital system would.",
        discussion: """
            The file holds a canonical update (docs/schemas/update.schema.json), or any other form that ocean.updates
            takes; or a request for eForms (docs/schemas/form-request.schema.json). With the embedded bus
            it goes through the running bridge's operations listener, with RabbitMQ straight to the broker. Prints the
            message id once it is durable.

            With --dry-run nothing is sent: prints the bundle that would be posted to Ocean, byte for byte (its ids come
            from the message id, so a later message has others), written with what the bridge knows of the referral.
            Notes go to standard error. The bundle holds patient data.
            """)

    @OptionGroup var options: SettingsOptions
    @Flag(help: "Send nothing; print the bundle that would be posted to Ocean.")
    var dryRun = false
    @Argument(help: "File, or - for standard input.")
    var file = "-"

    func run() async throws {
        let settings = try options.settings()
        let body = try Terminal.read(file)
        do {
            if dryRun {
                let rendered = try await UpdateSender(settings: settings).render(body)
                for note in rendered.notes { Terminal.writeError(note) }
                Terminal.write(rendered.bundle + [0x0A], to: 1)
                return
            }
            let id = try await UpdateSender(settings: settings).send(body)
            Terminal.writeLine(id)
        } catch let error as SendError {
            throw Terminal.fail(error.description, code: error.isBadData ? .badData : .unavailable)
        }
    }
}
