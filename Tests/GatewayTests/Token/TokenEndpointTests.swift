// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import Gateway
import JSON
import Testing

@Suite("Token endpoint", .timeLimit(.minutes(15)))
struct TokenEndpointTests {
    private static let form = "application/x-www-form-urlencoded"
    private static let credentials = "client_id=ocean-client&client_secret=oauth-canary-secret"

    private static func basic(_ text: String) -> [(String, String)] {
        [("Authorization", "Basic " + Data(text.utf8).base64EncodedString())]
    }

    @Test("a form gets a token that opens its integration and no other")
    func grant() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(
                "/oauth2/token", "grant_type=client_credentials&scope=any&" + Self.credentials, type: Self.form)
            #expect(reply.status == 200)
            #expect(reply.json["token_type"] == "Bearer")
            #expect(reply.json["expires_in"]?.intValue == 3600)
            #expect(reply.header("cache-control") == "no-store")
            let token = try #require(reply.json["access_token"]?.stringValue)
            let headers = [("Authorization", "Bearer " + token)]
            #expect(try await caller.post("/ocean/oauth", #"{"ref":"r"}"#, headers: headers).status == 202)
            #expect(try await caller.post("/ocean/oauth-other", #"{"ref":"r"}"#, headers: headers).status == 401)
            #expect(try await caller.post("/ocean/oauth", #"{"ref":"r"}"#).status == 401)
            let damaged = [("Authorization", "Bearer " + token.dropLast() + (token.hasSuffix("0") ? "1" : "0"))]
            #expect(try await caller.post("/ocean/oauth", #"{"ref":"r"}"#, headers: damaged).status == 401)
            bench.clock.advance(by: .seconds(3600))
            #expect(try await caller.post("/ocean/oauth", #"{"ref":"r"}"#, headers: headers).status == 401)
        }
    }

    @Test("Basic, form-encoded Basic, JSON and a grant type in the query are taken")
    func forms() async throws {
        var bench = PublicBench()
        bench.configuration.integrations["odd"] = Integration(
            name: "odd", kind: .ereferralFHIR, site: nil,
            authentication: .oauth2(clientID: "odd client", secret: Secret("a+b:c%d")))
        try await bench.run { (caller: Caller) async throws in
            let grant = "grant_type=client_credentials"
            let tries: [(path: String, body: String, type: String?, headers: [(String, String)])] = [
                ("/oauth2/token", grant, Self.form, Self.basic("ocean-client:oauth-canary-secret")),
                ("/oauth2/token", grant, Self.form, Self.basic("odd client:a+b:c%d")),
                ("/oauth2/token", grant, Self.form, Self.basic("odd+client:a%2Bb%3Ac%25d")),
                ("/oauth2/token", grant + "&client_id=odd%20client&client_secret=a%2Bb:c%25d", Self.form, []),
                ("/oauth2/token?" + grant, Self.credentials, Self.form, []),
                ("/oauth2/token", grant + "&" + Self.credentials, nil, []),
                (
                    "/oauth2/token",
                    #"{"grant_type":"client_credentials","client_id":"ocean-client","#
                        + #""client_secret":"oauth-canary-secret"}"#, "application/json", []
                ),
            ]
            for (path, body, type, headers) in tries {
                #expect(try await caller.post(path, body, type: type, headers: headers).status == 200)
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let body: String
        var path = "/oauth2/token"
        var type: String? = TokenEndpointTests.form
        var headers: [(String, String)] = []
        let status: Int
        let error: String
        var testDescription: String { "\(path) \(body) \(status) \(error)" }
    }

    static let refusals: [Refusal] = [
        Refusal(body: "", status: 400, error: "invalid_request"),
        Refusal(body: credentials, status: 400, error: "invalid_request"),
        Refusal(body: "grant_type=client_credentials", status: 400, error: "invalid_request"),
        Refusal(body: "grant_type=password&" + credentials, status: 400, error: "unsupported_grant_type"),
        Refusal(
            body: "grant_type=client_credentials&grant_type=client_credentials&" + credentials, status: 400,
            error: "invalid_request"),
        Refusal(body: "grant_type=%zz", status: 400, error: "invalid_request"),
        Refusal(body: "{", type: "application/json", status: 400, error: "invalid_request"),
        Refusal(
            body: "grant_type=client_credentials&client_id=ocean-client&client_secret=wrong", status: 401,
            error: "invalid_client"),
        Refusal(
            body: "grant_type=client_credentials&client_id=nobody&client_secret=oauth-canary-secret", status: 401,
            error: "invalid_client"),
        Refusal(
            body: "grant_type=client_credentials&client_id=ocean-client&client_secret=other-canary-secret",
            status: 401, error: "invalid_client"),
        Refusal(
            body: "grant_type=client_credentials", headers: basic("ocean-client:wrong"), status: 401,
            error: "invalid_client"),
        Refusal(
            body: "grant_type=client_credentials&client_id=other-client",
            headers: basic("ocean-client:oauth-canary-secret"), status: 400, error: "invalid_request"),
        Refusal(
            body: "grant_type=client_credentials", path: "/oauth2/token?" + credentials, status: 400,
            error: "invalid_request"),
        Refusal(
            body: "grant_type=client_credentials&" + String(repeating: "x", count: 20_000), status: 413,
            error: "invalid_request"),
    ]

    @Test("what is wrong is refused in the words of RFC 6749", arguments: refusals)
    func refusal(_ sample: Refusal) async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(
                sample.path, sample.body, type: sample.type, headers: sample.headers)
            #expect(reply.status == sample.status)
            #expect(reply.json["error"]?.stringValue == sample.error)
            #expect(reply.header("cache-control") == "no-store")
            if sample.status == 401 { #expect(reply.header("www-authenticate")?.hasPrefix("Basic") == true) }
        }
    }

    @Test("guessing is slowed down per client and does not shut out another")
    func guessing() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            func ask(_ id: String, _ secret: String) async throws -> Reply {
                try await caller.post(
                    "/oauth2/token", "grant_type=client_credentials&client_id=\(id)&client_secret=\(secret)",
                    type: Self.form)
            }
            for _ in 0..<10 { #expect(try await ask("ocean-client", "wrong").status == 401) }
            let limited = try await ask("ocean-client", "oauth-canary-secret")
            #expect(limited.status == 429)
            #expect(limited.header("retry-after") != nil)
            #expect(try await ask("other-client", "other-canary-secret").status == 200)
            bench.clock.advance(by: .seconds(61))
            #expect(try await ask("ocean-client", "oauth-canary-secret").status == 200)
        }
    }

    @Test("instances with the same key accept each other's tokens, others do not; a changed secret ends them")
    func keys() {
        let clock = ManualClock()
        let secret = Secret("client-secret")
        let first = AccessTokens(secret: Secret("key"), lifetime: .seconds(60))
        let second = AccessTokens(secret: Secret("key"), lifetime: .seconds(60))
        let stranger = AccessTokens(lifetime: .seconds(60))
        let token = first.issue(clientID: "c", secret: secret, now: clock.now())
        func isValid(_ tokens: AccessTokens, _ id: String = "c", _ secret: Secret = Secret("client-secret")) -> Bool {
            tokens.isValid(token, clientID: id, secret: secret, now: clock.now())
        }
        #expect(isValid(first))
        #expect(isValid(second))
        #expect(!isValid(stranger))
        #expect(!isValid(first, "d"))
        #expect(!isValid(first, "c", Secret("changed")))
        for text in ["", "00", String(token.dropLast(2)), token + "00", String(repeating: "z", count: token.count)] {
            #expect(!first.isValid(text, clientID: "c", secret: secret, now: clock.now()))
        }
        clock.advance(by: .milliseconds(59_999))
        #expect(isValid(first))
        clock.advance(by: .milliseconds(1))
        #expect(!isValid(first))
    }
}
