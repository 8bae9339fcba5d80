// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import Gateway
import JSON
import Synchronization
import Telemetry
import Testing

@Suite("CDS Hooks: calls", .timeLimit(.minutes(5)))
struct HookCallTests {
    private static let hospital: JSONValue = [
        "cards": [["summary": "From the hospital", "indicator": "warning", "source": ["label": "H"]]]
    ]

    private static func card(_ indicator: Card.Indicator) -> Card {
        Card(summary: "Of a rule", indicator: indicator, source: Card.Source(label: "Bridge"))
    }

    @Test("discovery needs no credentials and may be kept for a minute")
    func discovery() async throws {
        let bench = try HookBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/cds-services")
            #expect(reply.status == 200)
            #expect(reply.header("cache-control") == "max-age=60")
            #expect(reply.header("vary") == "Origin")
            let ids = reply.json["services"]?.arrayValue?.compactMap { $0["id"]?.stringValue }
            #expect(ids == ["basic", "foreign", "jwt", "lenient", "oauth", "open"])
            #expect(reply.json["services"]?[0]?["prefetch"]?["v11Bundle"] != nil)
        }
    }

    @Test("a call with the bundle is answered with the cards of rule and hospital, audited, and told of nobody")
    func answered() async throws {
        let bench = try HookBench(cards: [Self.card(.critical)], answer: Self.hospital)
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/cds-services/open", try HookBench.call())
            #expect(reply.status == 200)
            #expect(reply.header("content-type") == "application/json")
            #expect(reply.header("cache-control") == "no-store")
            #expect(reply.json["cards"]?.arrayValue?.count == 2)
            #expect(reply.json["cards"]?[0]?["indicator"] == "critical")
            #expect(reply.json["cards"]?[0]?["source"]?["topic"]?["code"] == "fixed")
            #expect(reply.json["cards"]?[1]?["summary"] == "From the hospital")
            #expect(reply.json["cards"]?[1]?["uuid"]?.stringValue?.utf8.count == 36)
        }
        let event = try #require(bench.store.state.withLock { $0.audit.first })
        #expect(event.action == "hook.call")
        #expect(event.actor == "cds:anybody")
        #expect(event.messageID == HookBench.instance)
        #expect(event.referral?.isEmpty == false)
        #expect(event.reason == "open: answered, 200, 2 cards")
        let metrics = await bench.metrics.text()
        let calls = metrics.split(separator: "\n").filter { $0.hasPrefix("ocean_bridge_cds_calls_total{") }
        #expect(calls.count == 1)
        #expect(
            calls.first?.contains(#"outcome="answered""#) == true && calls.first?.contains(#"status="200""#) == true)
        #expect(metrics.contains("ocean_bridge_cds_cards_total"))
        #expect(metrics.contains("ocean_bridge_cds_seconds"))
        #expect(!metrics.contains("ocean_bridge_cds_overruns_total"))
        let line = try #require(bench.log.lines.first { $0.contains("hook.call") })
        #expect(line.contains("outcome=answered"))
        for word in HookBench.patientWords {
            #expect(!bench.log.text.contains(word))
            #expect(!metrics.contains(word))
            #expect(!event.reason.contains(word))
        }
    }

    @Test("a responder that never answers: 200 with no cards at all, counted")
    func overrun() async throws {
        let bench = try HookBench(budget: .milliseconds(500), cards: [Self.card(.critical)], answer: nil)
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/cds-services/open", try HookBench.call())
            #expect(reply.status == 200)
            #expect(reply.json == ["cards": []])
        }
        #expect(await bench.metrics.text().contains("ocean_bridge_cds_overruns_total"))
        #expect(bench.store.state.withLock { $0.audit.first?.reason } == "open: overrun, 200, 0 cards")
    }

    @Test("a card that is too long is left out and counted, a critical one is shortened")
    func tooLong() async throws {
        func card(_ indicator: String) -> JSONValue {
            [
                "summary": .string(String(repeating: "canary ", count: 30)), "indicator": .string(indicator),
                "source": ["label": "H"],
            ]
        }
        let bench = try HookBench(answer: ["cards": [card("warning"), card("critical")]])
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/cds-services/open", try HookBench.call())
            #expect(reply.status == 200)
            #expect(reply.json["cards"]?.arrayValue?.count == 1)
            #expect(reply.json["cards"]?[0]?["indicator"] == "critical")
            #expect(reply.json["cards"]?[0]?["summary"]?.stringValue?.utf16.count ?? 0 < 140)
            #expect(reply.json["cards"]?[0]?["detail"]?.stringValue?.utf8.count == 210)
        }
        let metrics = await bench.metrics.text()
        #expect(metrics.contains("ocean_bridge_cds_card_faults_total"))
        #expect(metrics.contains("summary-length") && metrics.contains("dropped") && metrics.contains("mended"))
        #expect(!bench.log.text.contains("canary"))
    }

    @Test(
        "malformed calls are 400 with the place",
        arguments: [
            ("hook", "order-select", "/hook"), ("hook", .null, "/hook"), ("hookInstance", "7", "/hookInstance"),
            ("context", [:], "/context/userId"), ("prefetch", 7, "/prefetch"),
            ("prefetch", ["v11Bundle": "<html>"], "/prefetch/v11Bundle"),
            ("prefetch", ["v11Bundle": ["resourceType": "Bundle"]], "/prefetch/v11Bundle"),
        ] as [(String, JSONValue, String)])
    func malformed(_ name: String, _ value: JSONValue, _ pointer: String) async throws {
        let bench = try HookBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/cds-services/open", try HookBench.call { $0[name] = value })
            #expect(reply.status == 400)
            #expect(reply.header("content-type") == "application/problem+json")
            #expect(reply.header("cache-control") == "no-store")
            #expect(reply.json["pointer"]?.stringValue == pointer)
            #expect(reply.json["status"] == 400)
        }
    }

    @Test("what is no JSON is 400, too", arguments: ["", "{", "<html>"])
    func noJSON(_ body: String) async throws {
        try await (try HookBench()).run { (caller: Caller) async throws in
            #expect(try await caller.post("/cds-services/open", body).status == 400)
        }
    }

    @Test("data that the service needs and that did not come is 412, by state")
    func missing() async throws {
        let states: [(JSONValue, JSONValue)] = [
            ([:], "absent"), (["v11Bundle": .null], "null"),
            (["v11Bundle": ["resourceType": "OperationOutcome"]], "operation-outcome"),
        ]
        try await (try HookBench()).run { (caller: Caller) async throws in
            for (prefetch, state) in states {
                let body = try HookBench.call { $0["prefetch"] = prefetch }
                let reply = try await caller.post("/cds-services/open", body)
                #expect(reply.status == 412)
                #expect(reply.json["missing"] == ["v11Bundle": state])
                #expect(try await caller.post("/cds-services/lenient", body).status == 200)
            }
            #expect(try await caller.post("/cds-services/open", HookBench.call { $0["prefetch"] = nil }).status == 412)
        }
    }

    @Test("the other refusals have their exact statuses")
    func refusals() async throws {
        var limits = ListenerLimits()
        limits.bodyBytes = 100_000
        let bench = try HookBench(limits: limits)
        try await bench.run { (caller: Caller) async throws in
            let call = try HookBench.call()
            #expect(call.utf8.count < 100_000)
            #expect(try await caller.post("/cds-services/nobody", call).status == 404)
            #expect(try await caller.post("/cds-services/foreign", call).status == 403)
            let get = try await caller.send("GET", "/cds-services/open")
            #expect(get.status == 405)
            #expect(get.header("allow") == "POST, OPTIONS")
            #expect(try await caller.post("/cds-services", call).status == 405)
            #expect(try await caller.send("PUT", "/cds-services/open/feedback").status == 405)
            for type in ["text/plain", "application/xml", nil] {
                let reply = try await caller.post("/cds-services/open", call, type: type)
                #expect(reply.status == 415)
                #expect(reply.header("accept")?.contains("application/json") == true)
            }
            let packed = try await caller.post("/cds-services/open", call, headers: [("Content-Encoding", "gzip")])
            #expect(packed.status == 415)
            let padding = String(repeating: " ", count: 100_000)
            #expect(try await caller.post("/cds-services/open", call + padding).status == 413)
            #expect(try await caller.post("/cds-services/basic", call + padding).status == 401, "nothing is read")
        }
        #expect(bench.store.state.withLock { $0.audit.map(\.reason) } == ["foreign: foreign-site, 403, 0 cards"])
    }

    @Test("pages of an allowed origin may call from a browser, others may not")
    func origins() async throws {
        let sandbox = [("Origin", CrossOrigin.publicSandbox)]
        let other = [("Origin", "https://evil.example")]
        try await (try HookBench()).run { (caller: Caller) async throws in
            for path in ["/cds-services", "/cds-services/open", "/cds-services/open/feedback"] {
                let asked = try await caller.send("OPTIONS", path, type: nil, headers: sandbox)
                #expect(asked.status == 204)
                #expect(asked.header("access-control-allow-origin") == CrossOrigin.publicSandbox)
                #expect(asked.header("access-control-allow-headers") == "Authorization, Content-Type")
                #expect(asked.header("access-control-allow-methods") == "GET, POST, OPTIONS")
                #expect(asked.header("access-control-allow-credentials") == nil)
                let refused = try await caller.send("OPTIONS", path, type: nil, headers: other)
                #expect(refused.status == 403)
                #expect(refused.header("access-control-allow-origin") == nil)
                #expect(try await caller.send("OPTIONS", path, type: nil).status == 403)
            }
            let call = try HookBench.call()
            let answer = try await caller.post("/cds-services/open", call, headers: sandbox)
            #expect(answer.status == 200)
            #expect(answer.header("access-control-allow-origin") == CrossOrigin.publicSandbox)
            let problem = try await caller.post("/cds-services/open", "{", headers: sandbox)
            #expect(problem.status == 400)
            #expect(problem.header("access-control-allow-origin") == CrossOrigin.publicSandbox)
            #expect(try await caller.post("/cds-services/open", call, headers: other).status == 403)
            #expect(try await caller.send("GET", "/cds-services", headers: other).status == 403)
            #expect(try await caller.send("GET", "/cds-services", headers: sandbox).status == 200)
        }
    }
}
