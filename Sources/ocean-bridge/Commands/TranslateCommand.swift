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
            Encrypted Ocean JSON is read with the key in --shared-key-file (twice: the current key, then the one before),
            or with the keys of --site in the settings. --config and --site also give the status words of Ocean JSON.
            """)

    @Option(help: "ocean-fhir, ocean-json, fhir or canonical.")
    var from: TranslationFormat
    @Option(help: "ocean-fhir, ocean-json, fhir or canonical.")
    var to: TranslationFormat
    @Option(help: "0.10.0 or 0.11.1, for --to ocean-fhir.")
    var dialect: String = Dialect.fhir0111.rawValue
    @Option(
        name: [.customLong("shared-key-file"), .customLong("key-file")],
        help: "File with the site's shared encryption key on its first line; again for the previous key.")
    var sharedKeyFiles: [String] = []
    @OptionGroup var options: SettingsOptions
    @Option(help: "Site of the settings whose keys and status words count.")
    var site: String?
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
        guard sharedKeyFiles.count <= 2 else {
            throw ValidationError("--shared-key-file is given once or twice: the current key, then the previous one")
        }
    }

    private static func key(in file: String) throws -> SharedEncryptionKey {
        let text = String(decoding: try Terminal.read(file), as: UTF8.self)
        guard let line = text.split(whereSeparator: \.isNewline).first, !line.isEmpty else {
            throw Terminal.fail("\(file): holds no key", code: .settings)
        }
        return SharedEncryptionKey(text: String(line))
    }

    func run() async throws {
        var translation = Translation(from: from, to: to, dialect: Dialect(rawValue: dialect) ?? .fhir0111)
        if options.config != nil || site != nil {
            let settings = try options.settings()
            if let site, settings.sites[site] == nil {
                throw Terminal.fail("--site \(site): the settings have no such site", code: .settings)
            }
            translation.take(settings, site: site)
        }
        let keys = try sharedKeyFiles.map { try Self.key(in: $0) }
        if let current = keys.first {
            translation.keys = SharedEncryptionKeys(current: current, previous: keys.count > 1 ? keys[1] : nil)
        }
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
