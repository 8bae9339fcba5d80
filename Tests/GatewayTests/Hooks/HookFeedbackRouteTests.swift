// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import JSON
import Synchronization
import Telemetry
import Testing

@Suite("CDS Hooks: feedback", .timeLimit(.minutes(5)))
struct HookFeedbackRouteTests {
    private static let path = "/cds-services/open/feedback"
    private static let body = """
        {"feedback":[{"card":"c","outcome":"overridden","outcomeTimestamp":"2026-01-02T03:04:05Z",
        "overrideReason":{"userComment":"comment-canary"}}]}
        """

    @Test("feedback is answered 200 once the bus has it")
    func published() async throws {
        let bench = try HookBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(Self.path, Self.body)
            #expect(reply.status == 200)
            #expect(reply.header("cache-control") == "no-store")
            let published = try #require(await bench.bus.published.first)
            #expect(
                published.destination == .exchange(BusNames.hospitalCanonical, routingKey: "unknown.open.cds-feedback"))
            #expect(published.message.type == .hookFeedback)
            #expect(reply.json["id"]?.stringValue == published.message.id)
            let data = try JSONValue(parsing: published.message.body)
            #expect(data["feedback"]?[0]?["overrideReason"]?["userComment"] == "comment-canary")
            let again = try await caller.post(Self.path, Self.body)
            #expect(again.json["id"] == reply.json["id"], "a repetition is known by its id")
        }
        #expect(!bench.log.text.contains("comment-canary"))
        #expect(await bench.metrics.text().contains("ocean_bridge_cds_feedback_total"))
        #expect(bench.store.state.withLock { $0.audit.first?.action } == "hook.feedback")
    }

    @Test("feedback that nobody is bound for is kept")
    func unrouted() async throws {
        let bench = try HookBench([.fail(.unroutable)])
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post(Self.path, Self.body).status == 200)
            let published = try #require(await bench.bus.published.first)
            #expect(published.destination == .queue(BusNames.unrouted))
            #expect(published.message.headers["x-exchange"] == .string(BusNames.hospitalCanonical))
            #expect(published.message.headers["x-reason"] == .string("unroutable"))
        }
    }

    @Test(
        "feedback that cannot be made durable is 503 with Retry-After",
        arguments: [[.fail(.unavailable)], [.fail(.unroutable), .fail(.refused)]] as [[ScriptedBus.Step]])
    func notDurable(_ steps: [ScriptedBus.Step]) async throws {
        try await (try HookBench(steps)).run { (caller: Caller) async throws in
            let reply = try await caller.post(Self.path, Self.body)
            #expect(reply.status == 503)
            #expect(reply.header("retry-after") != nil)
        }
    }

    @Test("a bus that does not answer is 503 in time")
    func hanging() async throws {
        let bench = try HookBench([.hang])
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post(Self.path, Self.body).status == 503)
            await bench.bus.release()
        }
    }

    @Test("feedback that is malformed is 400 with the place, of an unknown service 404")
    func malformed() async throws {
        try await (try HookBench()).run { (caller: Caller) async throws in
            let reply = try await caller.post(Self.path, #"{"feedback":[{"card":"c","outcome":"maybe"}]}"#)
            #expect(reply.status == 400)
            #expect(reply.json["pointer"] == "/feedback/0/outcome")
            #expect(try await caller.post(Self.path, "{").status == 400)
            #expect(try await caller.post("/cds-services/nobody/feedback", Self.body).status == 404)
            #expect(try await caller.post(Self.path, Self.body, type: "text/plain").status == 415)
        }
    }
}
