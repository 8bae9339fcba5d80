// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing
import Workers

@Suite("Replays at the workers", .timeLimit(.minutes(15)))
struct ReplayIdentityTests {
    private static func replay(_ message: Message, _ identity: String) -> Message {
        var again = message
        again.headers["x-replay"] = .string(identity)
        return again
    }

    @Test("the translator lets a replay pass the original's duplicate check, once for each identity")
    func translator() async {
        let bench = TranslatorBench(targets: [.canonical])
        let message = Inbound.message("m1")
        await bench.handle(message)
        await bench.handle(message)
        #expect(bench.bus.published.count == 1)
        for _ in 0..<3 { #expect(await bench.handle(Self.replay(message, "b1:m1#0")) == .done) }
        #expect(bench.bus.published.count == 2)
        await bench.handle(Self.replay(message, "b2:m1#0"))
        #expect(bench.bus.published.count == 3)
        for name in ["x-replay", "x-first-at"] {
            #expect(bench.bus.published.allSatisfy { $0.message.headers[name] == nil })
        }
        #expect(bench.store.doneKeys.contains("replay|b1:m1#0"))
    }

    @Test("the publisher tells Ocean once for each identity", arguments: ["u1", "amqp-0123"])
    func publisher(_ id: String) async {
        let bench = PublisherBench.answering { _, number in number == 1 ? ScriptedOcean.refused(403) : nil }
        let message = Update.message(id)
        await bench.handle(message)
        #expect(bench.ocean.calls.count == 1)
        for _ in 0..<3 { #expect(await bench.handle(Self.replay(message, "b1:u1#0")) == .done) }
        #expect(bench.ocean.calls.count == 2)
        await bench.handle(Self.replay(message, "b2:u1#0"))
        #expect(bench.ocean.calls.count == 3)
    }
}
