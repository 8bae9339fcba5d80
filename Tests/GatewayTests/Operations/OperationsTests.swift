// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CoreMetrics
import Gateway
import HTTPTypes
import JSON
import Synchronization
import Telemetry
import Testing

@Suite("Operations listener", .timeLimit(.minutes(15)))
struct OperationsTests {
    @Test("liveness is always there, readiness tells every reason by name")
    func health() async throws {
        let flag = Flag()
        var bench = OperationsBench()
        bench.readiness = [
            ReadinessCheck(name: "bus") { flag.isSet ? nil : "no connection" },
            ReadinessCheck(name: "store") { flag.isSet ? nil : "read-only" },
            ReadinessCheck(name: "fine") { nil },
        ]
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.send("GET", "/livez", type: nil).status == 200)
            let not = try await caller.send("GET", "/readyz", type: nil)
            #expect(not.status == 503)
            #expect(
                not.json["reasons"] == [
                    ["name": "bus", "reason": "no connection"], ["name": "store", "reason": "read-only"],
                ])
            flag.set()
            let ready = try await caller.send("GET", "/readyz", type: nil)
            #expect(ready.status == 200)
            #expect(ready.json == ["status": "ready"])
            #expect(try await caller.send("HEAD", "/readyz", type: nil).body.isEmpty)
            #expect(try await caller.post("/readyz", "").status == 405)
        }
    }

    @Test("a readiness check that hangs counts as not ready")
    func hangingCheck() async throws {
        var bench = OperationsBench()
        let gate = AsyncStream<Void>.makeStream()
        bench.readiness = [
            ReadinessCheck(name: "bus") {
                for await _ in gate.stream {}
                return nil
            }
        ]
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/readyz", type: nil)
            #expect(reply.status == 503)
            #expect(reply.json["reasons"]?[0]?["name"] == "bus")
        }
        gate.continuation.finish()
    }

    @Test("metrics come in the text format")
    func metrics() async throws {
        let bench = OperationsBench()
        bench.metrics.makeCounter(label: "seen", dimensions: []).increment(by: 3)
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/metrics", type: nil)
            #expect(reply.status == 200)
            #expect(reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            #expect(reply.text.contains("\nseen_total 3\n"))
        }
    }

    @Test("with a token set everything but health asks for it")
    func token() async throws {
        var bench = OperationsBench()
        bench.configuration.token = Secret("operations-canary")
        bench.routes = [Route(.get, "/console/*") { .text("console " + ($0.parameters["*"] ?? "")) }]
        try await bench.run { (caller: Caller) async throws in
            for (method, path) in [
                ("GET", "/metrics"), ("GET", "/api/v1/queues/q"), ("POST", "/api/v1/updates"),
                ("POST", "/api/v1/queues/q/receive"), ("GET", "/console/a/b"),
            ] {
                let refused = try await caller.send(method, path, type: nil)
                #expect(refused.status == 401)
                #expect(refused.header("www-authenticate")?.hasPrefix("Bearer") == true)
                let wrong = try await caller.send(
                    method, path, type: nil, headers: [("authorization", "Bearer operations-canar")])
                #expect(wrong.status == 401)
            }
            let right = [("authorization", "Bearer operations-canary")]
            #expect(try await caller.send("GET", "/metrics", type: nil, headers: right).status == 200)
            #expect(try await caller.send("GET", "/console/a/b", type: nil, headers: right).text == "console a/b")
            #expect(try await caller.send("GET", "/readyz", type: nil).status == 200)
        }
        #expect(!bench.log.text.contains("canary"))
    }

    @Test("a page of another site cannot use an operator's browser")
    func crossSite() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let foreign = try await caller.post(
                "/api/v1/updates", #"{"referral":"r"}"#, type: "text/plain",
                headers: [("origin", "https://evil.example")])
            #expect(foreign.status == 403)
            let own = try await caller.post(
                "/api/v1/updates", #"{"referral":"r"}"#,
                headers: [("origin", "http://127.0.0.1:\(caller.port)")])
            #expect(own.status == 202)
        }
    }
}

/// Set once, seen by all.
final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
