// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BridgeCore
import FoundationEssentials
import JSON
import Ocean
import OceanBridge

struct TranslateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "translate",
        abstract: "Translates one message from format to format, without bus or network.",
        discussion: """
            The result goes to standard output, diagnostics to standard error. Exit 65 when the input cannot be read.
            A canonical update (it has `action`) and `--to ocean-fhir` give the bundle that Ocean would get.
            Encrypted Ocean JSON is read with the key in --shared-key-file.
            """)

    @Option(help: "ocean-fhir, ocean-json, fhir or canonical.")
    var from: TranslationFormat
    @Option(help: "ocean-fhir, ocean-json, fhir or canonical.")
    var to: TranslationFormat
    @Option(help: "0.10.0 or 0.11.1, for --to ocean-fhir.")
    var dialect: String = Dialect.fhir0111.rawValue
    @Option(help: "File with the site's shared encryption key.")
    var sharedKeyFile: String?
    @Flag(help: "Print the ledger (what became of every source path) as JSON to standard error.")
    var report = false
    @Flag(help: "Indent the result.")
    var pretty = false
    @Argument(help: "File, or - for standard input.")
    var file = "-"

    func validate() throws {
        guard dialect == Dialect.fhir0100.rawValue || dialect == Dialect.fhir0111.rawValue else {
            throw ValidationError("--dialect is 0.10.0 or 0.11.1")
        }
    }

    func run() async throws {
        var keys: SharedEncryptionKeys?
        if let sharedKeyFile {
            let text = String(decoding: try Terminal.read(sharedKeyFile), as: UTF8.self)
            let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
            keys = SharedEncryptionKeys(current: SharedEncryptionKey(text: line))
        }
        let translation = Translation(
            from: from, to: to, dialect: Dialect(rawValue: dialect) ?? .fhir0111, keys: keys)
        let result: Translated
        do {
            result = try translation.translate(try Terminal.read(file))
        } catch let error as TranslationError {
            throw Terminal.fail("\(file == "-" ? "input" : file): \(error.description)", code: .badData)
        }
        var output = result.body
        if pretty, let json = try? JSONValue(parsing: output) { output = json.bytes(.pretty) }
        Terminal.write(output + [0x0A], to: 1)
        if report {
            Terminal.writeError(result.ledger.json.text(.pretty))
        } else {
            let lost = result.ledger.losses.count
            if lost > 0 { Terminal.writeError("\(lost) source paths not carried over; --report lists them") }
        }
    }
}

extension TranslationFormat: ExpressibleByArgument {}
