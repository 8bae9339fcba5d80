// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

/// docs/coverage.md, made from the code and the fixtures.
@Suite struct CoverageTests {
    private struct Sample {
        let dialect: String
        let name: String
        let message: InboundMessage
        var golden: String { "golden/normalised-fhir/\(dialect)-\(name).json" }
    }

    @Test("docs/coverage.md says what the code and the fixtures say")
    func document() throws {
        let text = Array(try Self.markdown().utf8)
        #expect(try GoldenFile.content("docs/coverage.md", replacedBy: text) == text)
    }

    private static func samples() throws -> [Sample] {
        try FHIRReading.all.map { path in
            let parts = path.dropLast(".json".count).split(separator: "/").map { String($0) }
            let name = "\(parts[1])/\(parts[2])"
            return Sample(dialect: parts[1], name: parts[2], message: try FHIRReading.fixture(name).message)
        }
    }

    private static func markdown() throws -> String {
        let samples = try samples()
        var lines = [
            "# What is translated", "",
            "Made by the tests from the code and the fixtures; `OCEAN_BRIDGE_UPDATE_GOLDEN=1` writes it anew.", "",
            "## Event codes", "",
            "*In* names the messages under `Tests/Fixtures/ocean-fhir/{version}/` that are read; each has its expected",
            "canonical form in `Tests/Fixtures/golden/canonical/` and its normalised FHIR in",
            "`Tests/Fixtures/golden/normalised-fhir/`, as `{version}-{name}.json`. *Out* names the actions whose message to",
            "Ocean carries the code; each has its expected bundle in `Tests/Fixtures/golden/updates/{version}/`. 0.12 is read",
            "as far as it is known and never written: Ocean does not offer it. A code that comes in a version which does",
            "not define it is read all the same, and so is the plural of every code. Any other code gives a message of type",
            "`unknown` with everything that could be read.", "",
            "| Event code | Also spelled | 0.10.0 in | 0.10.0 out | 0.11.1 in | 0.11.1 out | 0.12 in |",
            "|---|---|---|---|---|---|---|",
        ]
        for code in EventCode.allCases { lines.append(try row(of: code, samples)) }
        let unknown = samples.filter { EventCode(code: $0.message.canonical.event.code) == nil }
        lines.append(
            "| any other | – | \(names(unknown, "0.10.0") ?? "–") | – | \(names(unknown, "0.11.1") ?? "–") | – | – |")
        lines += [
            "", "## Actions", "",
            "What a hospital system may ask for (docs/messages.md), and the code that carries it.",
            "", "| Action | 0.10.0 | 0.11.1 | 0.12 |", "|---|---|---|---|",
        ]
        for action in UpdateAction.allCases {
            let cells = try [Dialect.fhir0100, .fhir0111].map { try cell(of: action, in: $0) }
            lines.append("| `\(action.rawValue)` | \(cells.joined(separator: " | ")) | not written |")
        }
        lines += happenings(samples)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(of code: EventCode, _ samples: [Sample]) throws -> String {
        let aliases = EventCode.aliases.filter { $0.value == code }.keys.sorted()
        var cells = ["`\(code.rawValue)`", aliases.isEmpty ? "–" : aliases.map { "`\($0)`" }.joined(separator: ", ")]
        let own = samples.filter { EventCode(code: $0.message.canonical.event.code) == code }
        for dialect in [Dialect.fhir0100, .fhir0111, .fhir012] {
            cells.append(incoming(code, own, dialect))
            if dialect != .fhir012 { cells.append(try outgoing(code, dialect)) }
        }
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func incoming(_ code: EventCode, _ own: [Sample], _ dialect: Dialect) -> String {
        if code.dialects == [.patientEngagement] { return "JSON event, not FHIR" }
        return names(own, dialect.rawValue) ?? (code.dialects.contains(dialect) ? "**missing**" : "not in this dialect")
    }

    private static func names(_ samples: [Sample], _ dialect: String) -> String? {
        let names = samples.filter { $0.dialect == dialect }.map { "`\($0.name)`" }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private static func outgoing(_ code: EventCode, _ dialect: Dialect) throws -> String {
        let actions = UpdateAction.allCases.filter { UpdateEvent.code(for: $0, in: dialect) == code }
        guard actions.isEmpty else { return actions.map { "`\($0.rawValue)`" }.joined(separator: ", ") }
        return code.dialects.contains(dialect) ? "not sent by a receiver" : "not in this dialect"
    }

    private static func cell(of action: UpdateAction, in dialect: Dialect) throws -> String {
        guard let code = UpdateEvent.code(for: action, in: dialect) else { return "not in this dialect" }
        let golden = "golden/updates/\(dialect.rawValue)/\(action.rawValue).json"
        #expect(throws: Never.self, "\(golden)") { try Fixture.bytes(golden) }
        return "`\(code.rawValue)`"
    }

    /// Every message with what it became.
    private static func happenings(_ samples: [Sample]) -> [String] {
        var lines = [
            "", "## Messages", "", "What each message of the fixtures becomes.", "",
            "| Message | 0.10.0 | 0.11.1 | 0.12 |", "|---|---|---|---|",
        ]
        for name in Set(samples.map(\.name)).sorted() {
            let cells = ["0.10.0", "0.11.1", "0.12"].map { dialect in
                guard let sample = samples.first(where: { $0.dialect == dialect && $0.name == name }) else {
                    return "–"
                }
                let status = sample.message.canonical.referral?.status.map { ", \($0.rawValue)" } ?? ""
                return "`\(sample.message.type.shortName)`\(status)"
            }
            lines.append("| `\(name)` | \(cells.joined(separator: " | ")) |")
        }
        return lines
    }

    @Test("every fixture has its expected forms, and every expected form its fixture")
    func goldens() throws {
        let expected = Set(try Self.samples().map(\.golden))
        let normalised = Set(try Fixture.names(in: "golden/normalised-fhir"))
        let canonical = Set(try Fixture.names(in: "golden/canonical"))
        #expect(expected.isSubset(of: normalised))
        #expect(canonical == Set(expected.map { $0.replacing("normalised-fhir", with: "canonical") }))
    }
}
