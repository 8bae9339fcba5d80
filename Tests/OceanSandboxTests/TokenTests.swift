// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import JSON
import NIOHTTP1
import OceanSandbox
import Testing

@Suite("The token endpoint", .timeLimit(.minutes(15)))
struct TokenTests {
    @Test("credentials are taken in the form body and in a Basic header with the grant in the query")
    func styles() async throws {
        try await Bench.run { bench in
            _ = try await bench.token()
            let pair = Data("hospital-client:\(Bench.secret)".utf8).base64EncodedString()
            let answer = try await bench.call(
                .POST, "/svc/oauth2/token?grant_type=client_credentials",
                headers: [
                    ("Authorization", "Basic \(pair)"), ("Content-Type", "application/x-www-form-urlencoded"),
                ], body: [])
            #expect(answer.status == 200)
            #expect(answer.json["token_type"]?.stringValue == "Bearer")
            #expect(answer.json["expires_in"]?.intValue == 3600)
            let token = try #require(answer.json["access_token"]?.stringValue)
            let test = try await bench.call(
                .GET, "/svc/fhir/v1/NamingSystem/id-site-number", headers: [("Authorization", "Bearer \(token)")])
            #expect(test.status == 200)
            #expect(test.json["resourceType"]?.stringValue == "NamingSystem")
        }
    }

    @Test(
        "wrong credentials and other grants get no token",
        arguments: [
            ("grant_type=client_credentials&client_id=hospital-client&client_secret=wrong", 401),
            ("grant_type=client_credentials&client_id=nobody&client_secret=\(Bench.secret)", 401),
            ("grant_type=client_credentials", 401),
            ("grant_type=password&client_id=hospital-client&client_secret=\(Bench.secret)", 400), ("", 400),
        ])
    func refused(body: String, status: Int) async throws {
        try await Bench.run { bench in
            let answer = try await bench.call(.POST, "/svc/oauth2/token", body: Array(body.utf8))
            #expect(answer.status == status)
            #expect(answer.json["access_token"] == nil)
        }
    }

    @Test("a call without a token, with an invented one or with a revoked one is answered 401")
    func unauthorized() async throws {
        try await Bench.run { bench in
            let path = "/svc/fhir/v1/$process-messages"
            #expect(try await bench.call(.POST, path, body: []).status == 401)
            let wrong = [("Authorization", "Bearer nonsense")]
            #expect(try await bench.call(.POST, path, headers: wrong, body: []).status == 401)
            let headers = [("Authorization", "Bearer \(try await bench.token())")]
            #expect(try await bench.call(.POST, path, headers: headers, body: []).status == 400)
            bench.ocean.revokeTokens()
            #expect(try await bench.call(.POST, path, headers: headers, body: []).status == 401)
        }
    }
}
