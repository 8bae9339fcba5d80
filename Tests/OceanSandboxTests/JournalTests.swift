// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import FoundationEssentials
import JSON
import Logging
import NIOHTTP1
import Testing

@testable import OceanSandbox

@Suite("The sandbox's journal", .timeLimit(.minutes(15)))
struct JournalTests {
    private func adjust(_ directory: String) throws -> (inout PretendOceanConfiguration) -> Void {
        let port = try #require(try FreePorts.find(1).first)
        return { configuration in
            configuration.journalFile = "\(directory)/journal.jsonl"
            configuration.port = port
        }
    }

    private func lines(_ directory: String) throws -> [JSONValue] {
        let data = try Data(contentsOf: URL(filePath: "\(directory)/journal.jsonl"))
        return try data.split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
    }

    @Test("a restarted sandbox knows every referral, form and change, with the same ids")
    func restart() async throws {
        try await withTemporaryDirectory { directory in
            var before: [ReferralSnapshot] = []
            var reference = ""
            try await Bench.run(try adjust(directory)) { bench in
                reference = try await bench.ocean.send(.attachments, to: "new-1")
                let bundle = UpdateBundle(dialect: .fhir0111, reference: reference)
                #expect(try await bench.process(bundle.task("accepted")).status == 200)
                #expect(try await bench.process(bundle.appointment(id: "")).status == 200)
                try await bench.ocean.message(reference, text: "Which side?")
                #expect(try await bench.process(bundle.forward(to: "other-1", newReference: "n-1")).status == 200)
                try await bench.ocean.completeForm(site: "4500")
                before = await bench.ocean.snapshot()
            }
            try await Bench.run(try adjust(directory)) { bench in
                #expect(await bench.ocean.snapshot() == before)
                #expect(before.count == 2)
                // Forwarded away: what was refused before is refused still.
                let late = UpdateBundle(dialect: .fhir0111, reference: reference).task("accepted")
                #expect(try await bench.process(late).status == 403)
                let form = try await bench.ocean.completeForm(site: "4500")
                #expect(form == "692")
            }
            let sequences = try lines(directory).compactMap { $0["seq"]?.intValue }
            #expect(sequences == Array(1...sequences.count))
        }
    }

    @Test("each processed message stands in the journal in its order, with what tells a duplicate")
    func duplicates() async throws {
        try await withTemporaryDirectory { directory in
            try await Bench.run(try adjust(directory)) { bench in
                let reference = try await bench.ocean.send(.sparse, to: "new-1")
                let body = UpdateBundle(dialect: .fhir0111, reference: reference).communication("first")
                for body in [body, body] { #expect(try await bench.process(body).status == 200) }
                // Answered means written: no waiting here.
                let processed = try lines(directory).filter { $0["kind"] == "processed" }
                #expect(processed.count == 2)
                for line in processed {
                    #expect(line["ref"]?.stringValue == reference)
                    #expect(line["event"] == "send-communication")
                    #expect(line["changes"] == ["message from provider"])
                    #expect(line["headerId"] == "header")
                    #expect(line["text"]?.stringValue?.contains("first") == true)
                }
            }
        }
    }

    @Test("a refused message is not in the journal")
    func refused() async throws {
        try await withTemporaryDirectory { directory async throws in
            try await Bench.run(try adjust(directory)) { bench async throws in
                let unknown = UpdateBundle(dialect: .fhir0111, reference: "unknown").task("accepted")
                #expect(try await bench.process(unknown).status == 404)
                #expect(try lines(directory).isEmpty)
            }
        }
    }

    @Test("a webhook that was not delivered before the crash is sent after it, with the same ids")
    func undelivered() async throws {
        try await withTemporaryDirectory { directory in
            var unheard = ""
            let basis = try adjust(directory)
            try await Bench.run({ configuration in
                basis(&configuration)
                configuration.webhooks = [PretendWebhook(name: "bridge", url: "http://127.0.0.1:9")]
                configuration.retries = RetrySchedule(compression: 1)
            }) { bench in
                let order: JSONValue = ["listing": "new-1", "kind": "sparse"]
                let answer = try await bench.call(.POST, "/sandbox/api/referrals", body: order.bytes())
                #expect(answer.status == 201)
                unheard = try #require(answer.json["referralRef"]?.stringValue)
            }
            try await Bench.run(try adjust(directory)) { bench in
                let call = try await bench.next()
                #expect(call.event == "add-service-request")
                let ids = try #require(try lines(directory).first?["ids"]?.arrayValue?.compactMap(\.stringValue))
                #expect(ids.first == unheard)
                let bundle = try #require(call.json["id"]?.stringValue)
                #expect(ids.contains(bundle))
            }
        }
    }

    @Test("a torn last line is cut off, a broken line before it stops the start")
    func torn() async throws {
        try await withTemporaryDirectory { directory in
            let path = URL(filePath: "\(directory)/journal.jsonl")
            try await Bench.run(try adjust(directory)) { bench in
                try await bench.ocean.send(.sparse, to: "new-1")
                _ = try await bench.next()
            }
            let whole = try Data(contentsOf: path)
            try (whole + Data(#"{"seq":99,"time":"2026-"#.utf8)).write(to: path)
            try await Bench.run(try adjust(directory)) { bench in
                #expect(await bench.ocean.snapshot().count == 1)
                try await bench.ocean.send(.sparse, to: "new-1")
                _ = try await bench.next()
            }
            let sequences = try lines(directory).map { $0["seq"]?.intValue }
            #expect(!sequences.contains(99))
            try (Data("no json\n".utf8) + whole).write(to: path)
            await #expect(throws: SandboxConfigurationError.self) { () async throws in
                try await Bench.run(try adjust(directory)) { _ in }
            }
        }
    }

    @Test("two sandboxes cannot share a journal, and a journal needs an address that stays")
    func refusals() async throws {
        try await withTemporaryDirectory { directory in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            var configuration = PretendOceanConfiguration()
            configuration.journalFile = "\(directory)/journal.jsonl"
            #expect(throws: SandboxConfigurationError.self) { () throws in try configuration.check() }
            configuration.port = 8090
            let first = try PretendOcean(configuration: configuration, logger: logger)
            #expect(throws: SandboxConfigurationError.self) { () throws in
                _ = try PretendOcean(configuration: configuration, logger: logger)
            }
            withExtendedLifetime(first) {}
        }
    }
}
