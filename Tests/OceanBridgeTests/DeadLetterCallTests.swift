// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import JSON
import Testing
import Workers

@testable import OceanBridge

@Suite("Dead letters on the command line", .timeLimit(.minutes(15)))
struct DeadLetterCallTests {
    private static func settings(_ directory: String) throws -> Settings {
        // Port 1: nobody listens there, so the command works on the files itself.
        let text = """
            ocean: { host: "http://127.0.0.1:9" }
            sites: {}
            bus: { url: embedded, partitions: 2 }
            dataDirectory: "\(directory)"
            http: { operations: { address: "127.0.0.1:1" } }
            """
        return try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
    }

    private static func letter(_ id: String) -> Message {
        let at = Timestamp(milliseconds: 1_767_225_600_000)
        let message = Message(
            id: id, source: "/hospital", type: .updateRequested, subject: "ref-1", time: at, body: Array("{}".utf8))
        return DeadLetter(
            reason: "status-403", stage: "publisher", queue: "ocean.updates.1", attempts: 1, firstAttempt: at,
            lastAttempt: at
        ).applied(to: message, trace: nil)
    }

    private static func file(_ ids: [String], _ settings: Settings) async throws {
        let bus = try settings.makeBus(Observability.logger(level: "critical"))
        try await bus.declare(.bridge(partitions: 2))
        for id in ids { try await bus.publish(letter(id), to: .queue(BusNames.deadLetters)) }
        await bus.shutdown()
    }

    @Test("with no bridge running the command does its work on bus and store itself")
    func here() async throws {
        try await withTemporaryDirectory { directory in
            let settings = try Self.settings(directory)
            try await Self.file(["m-1", "m-2"], settings)
            let call = DeadLetterCall(settings: settings)
            let list = try await call.ask(DeadLetterRequest(.list))
            #expect(list["total"] == 2)
            #expect(list["groups"]?[0]?["cause"] == "status-403")

            var discard = DeadLetterRequest(.discard)
            discard.ids = ["m-1"]
            discard.actor = "ada"
            let unreasoned = await #expect(throws: DeadLetterFailure.self) { _ = try await call.ask(discard) }
            #expect(unreasoned?.kind == .refused)
            discard.reason = "sent twice"
            let discarded = try await call.ask(discard)
            #expect(discarded["results"]?[0]?["result"] == "discarded")
            #expect(DeadLetterText.lines(discarded, to: discard) == ["m-1  discarded"])

            var replay = DeadLetterRequest(.replay)
            replay.cause = "status-403"
            replay.actor = "ada"
            replay.dryRun = true
            let planned = try await call.ask(replay)
            let lines = DeadLetterText.lines(planned, to: replay).joined(separator: "\n")
            #expect(lines.hasPrefix("m-2  would-replay to ocean.updates, routing key ref-1\n"))
            #expect(lines.contains("x-reason"))
            #expect(lines.hasSuffix("headers added: x-replay"))
            replay.dryRun = false
            let replayed = try await call.ask(replay)
            #expect(replayed["failed"] == 0)

            let bus = try settings.makeBus(Observability.logger(level: "critical"))
            var waiting = 0
            for index in 0..<2 { waiting += try await bus.depth(of: "ocean.updates.\(index)")?.ready ?? 0 }
            #expect(waiting == 1)
            #expect(try await bus.depth(of: BusNames.deadLetters)?.ready == 0)
            await bus.shutdown()
            let empty = try await call.ask(DeadLetterRequest(.list))
            #expect(DeadLetterText.lines(empty, to: DeadLetterRequest(.list)) == ["no dead letters"])
        }
    }

    @Test("files that another process has are left alone, with the remedy")
    func locked() async throws {
        try await withTemporaryDirectory { directory in
            let settings = try Self.settings(directory)
            let bus = try settings.makeBus(Observability.logger(level: "critical"))
            let failure = await #expect(throws: DeadLetterFailure.self) {
                _ = try await DeadLetterCall(settings: settings).ask(DeadLetterRequest(.list))
            }
            #expect(failure?.kind == .unavailable)
            #expect(failure?.description.contains("no bridge answers at 127.0.0.1:1") == true)
            await bus.shutdown()
        }
    }

    @Test("ids and texts reach the path and the query as they are")
    func paths() {
        var show = DeadLetterRequest(.show)
        show.ids = ["a b/ü#1"]
        #expect(DeadLetterCall.path(show) == "/a%20b/%C3%BC%231")
        show.body = true
        show.actor = "ada"
        show.reason = "why & how=1"
        #expect(DeadLetterCall.path(show) == "/a%20b/%C3%BC%231?body=true&actor=ada&reason=why%20%26%20how%3D1")
        var list = DeadLetterRequest(.list)
        list.cause = "not-json"
        #expect(DeadLetterCall.path(list) == "?cause=not-json&letters=0")
    }
}
