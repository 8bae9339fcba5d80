// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import JSON
import Logging
import Telemetry
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("JSON log lines", .timeLimit(.minutes(15)))
struct JSONLogHandlerTests {
    /// Runs `body` with a logger that writes to a file, and gives what was written.
    private func written(
        level: Logger.Level = .trace, _ body: @Sendable (Logger) async throws -> Void
    ) async throws -> String {
        try await withTemporaryDirectory { directory in
            let path = directory + "/log"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            defer { close(descriptor) }
            let output = LogOutput(descriptor: descriptor)
            let clock = ManualClock()
            try await body(
                Logger(label: "test") { label in
                    JSONLogHandler(label: label, level: level, output: output, clock: clock)
                })
            return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        let description = "Canary Patientname"
    }

    @Test("a line is one JSON object with time, level, logger, message and flat metadata")
    func golden() async throws {
        let text = try await written { logger in
            var logger = logger
            logger[metadataKey: "role"] = "ingress"
            logger.info(
                "webhook",
                metadata: [
                    "message_id": "0190", "list": ["a", "b"], "nested": ["inner": ["x": "1"], "other": "2"],
                    "time": "mine",
                ])
            logger.error("failed")
        }
        #expect(
            text == #"""
                {"time":"2026-01-01T00:00:00.000Z","level":"info","logger":"test","message":"webhook","list.0":"a","list.1":"b","message_id":"0190","nested.inner.x":"1","nested.other":"2","role":"ingress","metadata.time":"mine"}
                {"time":"2026-01-01T00:00:00.000Z","level":"error","logger":"test","message":"failed","role":"ingress"}

                """#)
    }

    @Test("control characters cannot forge a line")
    func control() async throws {
        let text = try await written { logger in
            logger.info("a\n{\"forged\":true}\u{1B}[2J", metadata: ["k\ney": "v\r\nal\u{0}ue"])
        }
        #expect(text.utf8.count { $0 == 0x0A } == 1)
        #expect(text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
        let json = try JSONValue(parsing: text)
        #expect(json["message"] == "a\n{\"forged\":true}\u{1B}[2J")
        #expect(json["k\ney"] == "v\r\nal\u{0}ue")
    }

    @Test(
        "names that say secret or patient mask their values, however they are spelled",
        arguments: [
            "authorization", "Authorization", "x-authorization", "access_token", "clientSecret", "client.secret",
            "PASSWORD", "patientName", "patient", "body", "request_body", "payload", "api_key", "apiKey", "set-cookie",
            "HCN", "birth_date",
        ])
    func redaction(_ name: String) async throws {
        let text = try await written { logger in
            logger.info(
                "x",
                metadata: [
                    name: "canary", "outer": [name: ["deep": "canary"]], "deep": ["a": [[name: "canary"]]],
                ])
        }
        #expect(!text.contains("canary"))
        #expect(text.contains("***"))
    }

    @Test(
        "harmless names keep their values", arguments: ["message_id", "bytes", "integration", "tokenizer", "secretary"])
    func harmless(_ name: String) async throws {
        let text = try await written { $0.info("x", metadata: [name: "seen"]) }
        #expect(text.contains("\"seen\""))
    }

    @Test("a foreign error tells its type only, one of the bridge its reason")
    func errors() async throws {
        let text = try await written { logger in
            logger.error("one", error: Failure())
            logger.error("two", error: BusError(.unavailable, "rabbit.example:5672 refused"))
        }
        #expect(!text.contains("Canary"))
        #expect(text.contains("Failure"))
        #expect(text.contains("unavailable: unavailable: rabbit.example:5672 refused"))
    }

    @Test("no line is longer than 8 KiB, and what is cut is still JSON", arguments: ["x", "é", "\u{1}", "🩺", "\""])
    func cap(_ unit: String) async throws {
        let long = String(repeating: unit, count: 20_000)
        let text = try await written { logger in
            logger.info(
                "\(long)",
                metadata: Logger.Metadata(
                    uniqueKeysWithValues: (0..<20).map { ("k\($0)" + long.prefix(300), "\(long)") }))
            logger.info("short")
        }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].utf8.count < 8 * 1024)
        #expect(lines[0].utf8.count > 4 * 1024)
        let json = try JSONValue(parsing: String(lines[0]))
        #expect(json["truncated"] == true)
        let message = try #require(json["message"]?.stringValue)
        #expect(long.hasPrefix(message))
        #expect(message.utf8.count > 500)
        #expect(!lines[1].contains("truncated"))
    }

    @Test("many writers at once never mix their lines")
    func concurrency() async throws {
        let text = try await written { logger in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        for line in 0..<50 {
                            logger.info(
                                "line",
                                metadata: ["id": "\(writer)-\(line)", "pad": "\(String(repeating: "p", count: 1500))"])
                        }
                    }
                }
            }
        }
        var ids: Set<String> = []
        for line in text.split(separator: "\n") {
            ids.insert(try #require(JSONValue(parsing: String(line))["id"]?.stringValue))
        }
        #expect(ids.count == 800)
    }

    @Test("the level is kept to, and a closed descriptor stops nobody")
    func levels() async throws {
        let text = try await written(level: .warning) { logger in
            logger.info("unseen")
            logger.warning("seen")
        }
        #expect(text.contains("seen") && !text.contains("unseen"))
        let logger = Logger(label: "x") { JSONLogHandler(label: $0, output: LogOutput(descriptor: -1)) }
        logger.error("nowhere")
    }
}
