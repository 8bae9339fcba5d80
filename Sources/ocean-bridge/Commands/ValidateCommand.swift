// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OceanBridge

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Judges a FHIR R4 resource or bundle by the structure that R4 asks for.",
        discussion: """
            Prints an OperationOutcome with the place of each issue and no value of the input. Exit 65 when there is \
            an error. Profiles and terminology beyond required codes are not judged.
            """)

    @Option(help: "json (an OperationOutcome) or text (one line for each issue).")
    var format: Validation.Format = .json
    @Argument(help: "File, or - for standard input.")
    var file = "-"

    func run() async throws {
        let result = Validation(format: format).validate(try Terminal.read(file))
        Terminal.write(result.output, to: 1)
        if !result.isValid { throw ExitCode(Terminal.Exit.badData.rawValue) }
    }
}

extension Validation.Format: ExpressibleByArgument {}
