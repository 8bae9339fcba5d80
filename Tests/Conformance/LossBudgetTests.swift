// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import JSON
import Logging
import Ocean
import Synchronization
import Testing
import Workers

/// Keeps the lines of a log.
private final class Lines: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ line: String) { list.withLock { $0.append(line) } }

    var logger: Logger { Logger(label: "test", factory: { _ in LinesHandler(lines: self) }) }
}

private struct LinesHandler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        lines.add("\(event.level) \(event.message) \(pairs)")
    }
}

@Suite("Loss budget", .timeLimit(.minutes(15)))
struct LossBudgetTests {
    private static let secret = "Invented Person"

    private static func message(integration: String = "east", event: String = "add-service-request") -> Message {
        Message(
            id: "m", source: "/ocean/\(integration)", type: .referralReceived, subject: "r",
            time: Timestamp(milliseconds: 0),
            attributes: MessageAttributes(event: event, integration: integration), body: [])
    }

    private static func canonical(_ unmapped: [(String, JSONValue)]) -> CanonicalMessage {
        var canonical = CanonicalMessage()
        canonical.original.dialect = "0.11.1"
        canonical.original.body = #"{"entry":[{"resource":{"resourceType":"Patient"}}]}"#
        var referral = Referral()
        referral.ref = "r"
        referral.unmapped = unmapped.map { Unmapped(path: $0.0, value: $0.1) }
        canonical.referral = referral
        return canonical
    }

    private static let marital: (String, JSONValue) = (
        "/entry/0/resource/maritalStatus", ["text": .string(secret)]
    )

    private static func withBudget(
        on path: String, _ allowance: LossBudget.Allowance = LossBudget.Allowance(),
        _ body: (LossBudget, Lines) async -> Void
    ) async throws -> [String] {
        let store = try SQLiteStateStore(path: path, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
        let lines = Lines()
        await body(LossBudget(book: store, allowances: ["east": allowance]), lines)
        await store.shutdown()
        return lines.all
    }

    @Test("a new field is told once, by path, not again with other indices, not after a restart")
    func once() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.sqlite"
            let first = try await Self.withBudget(on: path) { budget, lines in
                for _ in 0..<3 {
                    await budget.judge(Self.message(), Self.canonical([Self.marital]), [], logger: lines.logger)
                }
            }
            #expect(
                first == [
                    "warning a new field of Ocean's has no place in the canonical message "
                        + "partner=east|0.11.1|add-service-request path=Patient/maritalStatus"
                ])
            let second = try await Self.withBudget(on: path) { budget, lines in
                let more = Self.canonical([
                    Self.marital, ("/entry/0/resource/contact/3/gender", "x"),
                    ("/entry/0/resource/contact/4/gender", "x"),
                ])
                await budget.judge(Self.message(), more, [], logger: lines.logger)
            }
            #expect(second.count == 1)
            #expect(second.first?.hasSuffix("path=Patient/contact/gender") == true)
            #expect(!(first + second).contains { $0.contains(Self.secret) })
        }
    }

    @Test("each event and integration is a partner of its own, and unknown codes are one")
    func partners() async throws {
        try await withTemporaryDirectory { directory in
            let lines = try await Self.withBudget(on: directory + "/state.sqlite") { budget, lines in
                for event in ["add-service-request", "update-patient-data", "odd-1", "odd-2"] {
                    await budget.judge(
                        Self.message(event: event), Self.canonical([Self.marital]), [], logger: lines.logger)
                }
                await budget.judge(
                    Self.message(integration: "west"), Self.canonical([Self.marital]), [], logger: lines.logger)
            }
            #expect(lines.count == 4)
        }
    }

    @Test("accepted paths, and what lies under them, are not told; a switched-off alarm tells nothing")
    func accepted() async throws {
        try await withTemporaryDirectory { directory in
            var allowance = LossBudget.Allowance()
            allowance.accepted = ["Patient/maritalStatus", "Patient/contact"]
            let some = Self.canonical([
                Self.marital, ("/entry/0/resource/contact/3/gender", "x"), ("/entry/0/resource/contacts", "x"),
            ])
            let lines = try await Self.withBudget(on: directory + "/a.sqlite", allowance) { budget, lines in
                await budget.judge(Self.message(), some, [], logger: lines.logger)
            }
            #expect(lines.count == 1 && lines.first?.contains("path=Patient/contacts") == true)
            allowance.isWatched = false
            let none = try await Self.withBudget(on: directory + "/b.sqlite", allowance) { budget, lines in
                await budget.judge(Self.message(), some, [], logger: lines.logger)
            }
            #expect(none.isEmpty)
        }
    }

    @Test("what a hospital format drops is told at a lower level, and Ocean's own bytes never")
    func dropped() async throws {
        try await withTemporaryDirectory { directory in
            let lines = try await Self.withBudget(on: directory + "/state.sqlite") { budget, lines in
                var ledger = Ledger()
                ledger.add(.dropped, source: "/referral/notes/0/plainText")
                ledger.add(.dropped, source: "/referral/notes/1/plainText")
                ledger.add(.dropped, source: "/original/body")
                ledger.add(.kept, source: "/referral/ref", target: "/ref")
                await budget.judge(
                    Self.message(), Self.canonical([]), [("hospital.ocean", ledger)], logger: lines.logger)
            }
            #expect(
                lines == [
                    "info a field has no place in a hospital format "
                        + "partner=east|0.11.1|add-service-request path=hospital.ocean:referral/notes/plainText"
                ])
        }
    }

    @Test("a partner that sends ever new fields fills its list once and then is quiet")
    func bounded() async throws {
        try await withTemporaryDirectory { directory in
            var allowance = LossBudget.Allowance()
            allowance.limit = 5
            let lines = try await Self.withBudget(on: directory + "/state.sqlite", allowance) { budget, lines in
                for number in 0..<20 {
                    await budget.judge(
                        Self.message(), Self.canonical([("/entry/0/resource/field\(number)", "x")]), [],
                        logger: lines.logger)
                }
            }
            #expect(lines.count == 6)
            #expect(lines.last?.contains("is full") == true)
        }
    }
}
