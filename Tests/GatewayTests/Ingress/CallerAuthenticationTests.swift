// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Gateway
import JSON
import Testing

@Suite("Authentication of webhooks", .timeLimit(.minutes(15)))
struct CallerAuthenticationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let integration: String
        let right: [(String, String)]
        let wrong: [[(String, String)]]
        let scheme: String
        var testDescription: String { integration }
    }

    private static func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }

    static let cases: [Case] = [
        Case(
            integration: "basic", right: [("Authorization", basic("ocean:basic-canary-secret"))],
            wrong: [
                [], [("Authorization", basic("ocean:wrong"))], [("Authorization", basic("x:basic-canary-secret"))],
                [("Authorization", "Basic !!!")], [("Authorization", basic("ocean"))],
                [("Authorization", "Bearer basic-canary-secret")],
            ], scheme: "Basic"),
        Case(
            integration: "bearer", right: [("Authorization", "bearer bearer-canary-secret")],
            wrong: [
                [], [("Authorization", "Bearer")], [("Authorization", "Bearer bearer-canary-secre")],
                [("Authorization", "Bearer bearer-canary-secret"), ("Authorization", "Bearer bearer-canary-secret")],
            ], scheme: "Bearer"),
        Case(
            integration: "header", right: [("x-ocean-key", "header-canary-secret")],
            wrong: [
                [], [("x-ocean-key", "wrong")],
                [("x-ocean-key", "header-canary-secret"), ("x-ocean-key", "wrong")],
            ], scheme: "ApiKey"),
    ]

    @Test("right credentials are taken, wrong and missing ones answered 401 without detail", arguments: cases)
    func credentials(_ sample: Case) async throws {
        let bench = PublicBench()
        let body = #"{"ref":"r-1"}"#
        try await bench.run { (caller: Caller) async throws in
            let path = "/ocean/" + sample.integration
            for headers in sample.wrong {
                let reply = try await caller.post(path, body, headers: headers)
                #expect(reply.status == 401)
                #expect(reply.json["detail"] == nil)
                #expect(reply.header("content-type") == "application/problem+json")
                #expect(reply.header("www-authenticate")?.hasPrefix(sample.scheme) == true)
            }
            #expect(await bench.bus.published.isEmpty)
            #expect(try await caller.post(path, body, headers: sample.right).status == 202)
        }
    }

    @Test("without credentials not even broken JSON is told apart, and long bodies are not read")
    func strangers() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post("/ocean/basic", "{oops").status == 401)
            let long = try await caller.post("/ocean/basic", String(repeating: " ", count: 20_000))
            #expect(long.status == 401)
            #expect(long.header("connection") == "close")
        }
    }

    @Test("integrations that can never be called are refused at the start")
    func impossible() throws {
        var bench = PublicBench()
        for authentication in [Integration.Authentication.mutualTLS, .header(name: "a b", value: Secret("x"))] {
            bench.configuration.integrations = [
                "x": Integration(name: "x", kind: .ereferralFHIR, site: nil, authentication: authentication)
            ]
            #expect(throws: GatewayError.self) {
                _ = try PublicGateway(
                    configuration: bench.configuration, bus: bench.bus, reader: SampleReader(),
                    logger: bench.log.logger())
            }
        }
    }

    @Test("a secret shows itself in no description")
    func description() {
        let secret = Secret("canary-secret")
        var dumped = ""
        dump(Integration.Authentication.bearer(token: secret), to: &dumped)
        let texts = ["\(secret)", String(reflecting: secret), dumped, "\(PublicBench.integrations)"]
        for text in texts { #expect(!text.contains("canary")) }
        #expect(secret.matches("canary-secret"))
        #expect(!secret.matches("canary-secre"))
        #expect(!secret.matches(""))
    }
}
