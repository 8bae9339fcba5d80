// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import Gateway
import JSON
import Synchronization
import Telemetry
import Testing

@Suite("CDS Hooks: who calls", .timeLimit(.minutes(5)))
struct HookCallerTests {
    @Test("Ocean's OAuth2 block opens the service, through the token endpoint")
    func oauth() async throws {
        let bench = try HookBench()
        try await bench.run { (caller: Caller) async throws in
            let call = try HookBench.call()
            let refused = try await caller.post("/cds-services/oauth", call)
            #expect(refused.status == 401)
            #expect(refused.header("www-authenticate") == #"Bearer realm="ocean-bridge""#)
            let granted = try await caller.post(
                "/oauth2/token", "grant_type=client_credentials&client_id=cds-client&client_secret=oauth-canary-secret",
                type: "application/x-www-form-urlencoded")
            #expect(granted.status == 200)
            let token = try #require(granted.json["access_token"]?.stringValue)
            let headers = [("Authorization", "Bearer " + token)]
            #expect(try await caller.post("/cds-services/oauth", call, headers: headers).status == 200)
            #expect(try await caller.post("/cds-services/jwt", call, headers: headers).status == 401)
        }
        #expect(!bench.log.text.contains("canary-secret"))
    }

    @Test("user and password open the service as they open a webhook")
    func basic() async throws {
        try await (try HookBench()).run { (caller: Caller) async throws in
            let call = try HookBench.call()
            func status(_ text: String) async throws -> Int {
                let value = "Basic " + Data(text.utf8).base64EncodedString()
                return try await caller.post("/cds-services/basic", call, headers: [("Authorization", value)]).status
            }
            #expect(try await status("ocean:basic-canary-secret") == 200)
            #expect(try await status("ocean:wrong") == 401)
        }
    }

    @Test("a client's JWT opens the service once; a replay is 401 without a word")
    func token() async throws {
        let bench = try HookBench()
        try await bench.run { (caller: Caller) async throws in
            let call = try HookBench.call()
            let headers = try bench.bearer()
            #expect(try await caller.post("/cds-services/jwt", call, headers: headers).status == 200)
            let replayed = try await caller.post("/cds-services/jwt", call, headers: headers)
            #expect(replayed.status == 401)
            #expect(replayed.header("www-authenticate") == #"Bearer realm="ocean-bridge""#)
            #expect(replayed.json["detail"] == nil)
            #expect(replayed.header("cache-control") == "no-store")
        }
        #expect(bench.store.state.withLock { $0.audit.first?.actor } == "cds:client")
        #expect(await bench.metrics.text().contains("replayed"))
        #expect(bench.log.lines.contains { $0.contains("reason=replayed") })
    }

    @Test("a JWT that is wrong is 401, whatever is wrong")
    func wrongTokens() async throws {
        let bench = try HookBench()
        try await bench.run { (caller: Caller) async throws in
            let call = try HookBench.call()
            let wrong = [
                try bench.bearer([("aud", "https://bridge.example/cds-services/open")]),
                try bench.bearer([("aud", "https://evil.example/cds-services/jwt")]),
                try bench.bearer([("iss", "https://evil.example")]),
                try bench.bearer([("exp", 1)]), try bench.bearer([("jti", nil)]),
                try bench.bearer(header: [("kid", "unknown")]), try bench.bearer(header: [("alg", "none")]),
                try bench.bearer(header: [("alg", "HS384")]), [("Authorization", "Bearer x")],
                [("Authorization", "Basic eDp5")], [],
            ]
            for headers in wrong {
                let reply = try await caller.post("/cds-services/jwt", call, headers: headers)
                #expect(reply.status == 401)
                #expect(reply.json["detail"] == nil)
            }
            #expect(try await caller.post("/cds-services/jwt/feedback", "{}", headers: []).status == 401)
        }
        #expect(bench.store.state.withLock { $0.audit.isEmpty && $0.keys.isEmpty })
    }

    @Test("without the client's keys it is 503, not a refusal")
    func noKeys() async throws {
        let bench = try HookBench()
        bench.keys.set(nil)
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/cds-services/jwt", try HookBench.call(), headers: try bench.bearer())
            #expect(reply.status == 503)
            #expect(reply.header("retry-after") != nil)
        }
    }

    @Test("feedback takes a token for either address")
    func feedbackAudience() async throws {
        let bench = try HookBench()
        try await bench.run { (caller: Caller) async throws in
            let path = "/cds-services/jwt/feedback"
            let body = #"{"feedback":[{"card":"c","outcome":"accepted","outcomeTimestamp":"2026-01-02T03:04:05Z"}]}"#
            #expect(try await caller.post(path, body, headers: try bench.bearer()).status == 200)
            #expect(try await caller.post(path, body, headers: try bench.bearer(path: path)).status == 200)
            let call = try await caller.post(
                "/cds-services/jwt", try HookBench.call(), headers: try bench.bearer(path: path))
            #expect(call.status == 401)
        }
    }
}
