// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Ocean
import Synchronization
import Testing

@testable import Workers

/// Log lines in the order of writing, as level, text and metadata.
private final class Lines: Sendable {
    struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            lines.all.withLock { $0.append((event.level, "\(event.message)", all)) }
        }
    }

    let all = Mutex<[(level: Logger.Level, text: String, metadata: Logger.Metadata)]>([])

    var logger: Logger { Logger(label: "tests", factory: { _ in Handler(lines: self) }) }

    /// What was said about validation.
    var findings: [String] {
        all.withLock { lines in
            lines.compactMap { line in
                line.metadata["findings"].map { "\(line.level) \(line.metadata["partner"] ?? "") \($0)" }
            }
        }
    }

    var text: String { all.withLock { lines in lines.map { "\($0.text) \($0.metadata)" }.joined() } }
}

@Suite("Judged FHIR", .timeLimit(.minutes(15)))
struct BundleJudgeTests {
    private static let patient = #"{"resourceType":"Patient","birthDate":"\#(canary)","gender":"F"}"#
    private static let broken =
        #"{"resourceType":"Bundle","type":"collection","entry":[{"resource":\#(patient)},{"resource":\#(patient)}]}"#

    private func received(_ body: String, dialect: String = "0.11.1") -> CanonicalMessage {
        var canonical = Inbound.canonical()
        canonical.original.body = body
        canonical.original.dialect = dialect
        return canonical
    }

    @Test("what breaks a rule is told once for each partner, with codes and paths and no value")
    func once() {
        let lines = Lines()
        let judge = BundleJudge(.received)
        for partner in ["1234", "1234", "77"] { judge.received(received(Self.broken), partner: partner, lines.logger) }
        let findings = "code-invalid Bundle.entry.resource.gender; value Bundle.entry.resource.birthDate"
        #expect(lines.findings == ["notice 1234 \(findings)", "notice 77 \(findings)"])
        #expect(!lines.text.contains(canary))
        let worse = Self.broken.replacing("collection", with: "heap")
        judge.received(received(worse), partner: "1234", lines.logger)
        #expect(lines.findings.last == "notice 1234 code-invalid Bundle.type")
    }

    @Test("what is not FHIR is not judged, and with the scope off nothing is")
    func scope() {
        let lines = Lines()
        BundleJudge(.received).received(received(Self.broken, dialect: "ocean-json"), partner: "1", lines.logger)
        BundleJudge(.off).received(received(Self.broken), partner: "1", lines.logger)
        let body = Array(Self.broken.utf8)
        let fhir = "application/fhir+json"
        BundleJudge(.received).written(body, contentType: fhir, to: .ocean, partner: "1", lines.logger)
        BundleJudge(.all).written(body, contentType: "application/json", to: .hospital, partner: "1", lines.logger)
        #expect(lines.findings == [])
        BundleJudge(.all).written(body, contentType: fhir, to: .ocean, partner: "1", lines.logger)
        #expect(lines.findings.map { $0.hasPrefix("warning 1 ") } == [true])
    }

    @Test("a message whose FHIR breaks rules is delivered all the same")
    func delivered() async {
        let lines = Lines()
        var settings = Translator.Settings(targets: [.fhir(PlainHospitalWriter())])
        settings.judge = BundleJudge(.all)
        let journal = Journal()
        let bus = ScriptedBus(journal: journal, publishing: { _, _, _ in nil })
        let translator = Translator(
            bus: bus, store: ScriptedStore(journal: journal) { _, _ in nil }, enricher: ScriptedEnricher(),
            settings: settings, changes: { _, _ in [] }, logger: lines.logger)
        let message = Inbound.message("m1", received(Self.broken))
        #expect(await translator.handle(delivery(message), stop: StopSignal()) == .done)
        #expect(bus.published.map(\.message.id) == ["m1-fhir"])
        #expect(lines.findings.first?.hasPrefix("notice 1234 code-invalid") == true)
    }
}
