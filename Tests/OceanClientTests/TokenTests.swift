// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Ocean
import OceanClient
import Testing

@Suite("Tokens", .timeLimit(.minutes(5)))
struct TokenTests {
    static let bundle = Array("{}".utf8)

    private func failedProcess(_ stub: StubOcean) async throws -> OceanServiceError? {
        try await stub.run { client in
            await failure { () async throws(OceanServiceError) in
                try await client.process(Self.bundle, site: "1234", trace: nil)
            }
        }
    }

    @Test("body style: a secret with & and + arrives as it is")
    func bodyStyle() async throws {
        let stub = StubOcean()
        _ = try await stub.run(clientID: "a b", secret: "s&c+r%t=é") {
            try await $0.process(Self.bundle, site: "1234", trace: nil)
        }
        let asked = try #require(stub.tokenRequests.first)
        #expect(
            asked.body
                == "grant_type=client_credentials&client_id=a+b&client_secret=s%26c%2Br%25t%3D%C3%A9")
        #expect(asked.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(asked.headers["Authorization"] == nil)
        #expect(asked.query.isEmpty)
    }

    @Test("Basic style: id and secret are form-encoded, then base64; the body holds the grant alone")
    func basicStyle() async throws {
        let stub = StubOcean()
        _ = try await stub.run(style: .basic, clientID: "id", secret: "s&c+r") {
            try await $0.process(Self.bundle, site: "1234", trace: nil)
        }
        let asked = try #require(stub.tokenRequests.first)
        // base64 of `id:s%26c%2Br`
        #expect(asked.headers["Authorization"] == "Basic aWQ6cyUyNmMlMkJy")
        #expect(asked.body == "grant_type=client_credentials")
    }

    @Test("a hundred calls at once fetch one token")
    func singleFlight() async throws {
        let stub = StubOcean()
        try await stub.run { client in
            try await withThrowingTaskGroup { group in
                for _ in 0..<100 {
                    group.addTask { try await client.process(Self.bundle, site: "1234", trace: nil) }
                }
                try await group.waitForAll()
            }
        }
        #expect(stub.tokenRequests.count == 1)
        #expect(stub.calls.count == 100)
    }

    @Test("a 401 costs one new token and one more try")
    func refreshedOnce() async throws {
        let stub = StubOcean { asked, _ in
            .json("{}", status: asked.headers["Authorization"] == "Bearer token-2" ? 200 : 401)
        }
        let answer = try await stub.run { try await $0.process(Self.bundle, site: "1234", trace: nil) }
        #expect(answer.status == 200)
        #expect(stub.tokenRequests.count == 2)
        #expect(stub.calls.map { $0.headers["Authorization"] } == ["Bearer token-1", "Bearer token-2"])
    }

    @Test("a 401 with a new token is final")
    func refusedTwice() async throws {
        let stub = StubOcean { _, _ in .json("{}", status: 401) }
        #expect(try await failedProcess(stub)?.code == .unauthorized)
        #expect(stub.calls.count == 2)
        #expect(stub.tokenRequests.count == 2)
    }

    @Test("a token endpoint that refuses the credentials is final, and its answer is not kept")
    func wrongCredentials() async throws {
        let stub = StubOcean(token: { asked, _ in .json(#"{"error":"invalid_client"}"#, status: 401) })
        let error = try #require(try await failedProcess(stub))
        #expect(error.code == .unauthorized)
        #expect(error.body.isEmpty)
        #expect(stub.calls.isEmpty)
    }

    @Test("a token endpoint that answers a page or no token is to be tried again", arguments: [0, 1, 2])
    func notAToken(_ index: Int) async throws {
        let page = StubOcean.Reply(headers: ["Content-Type": "text/html"], body: Array("<html/>".utf8))
        let replies = [page, .json(#"{"token":"x"}"#), .json("token")]
        let reply = replies[index]
        #expect(try await failedProcess(StubOcean(token: { _, _ in reply }))?.code == .invalidAnswer)
    }

    @Test("a token endpoint that is down is to be tried again")
    func tokenEndpointDown() async throws {
        let error = try await failedProcess(StubOcean(token: { _, _ in .json("{}", status: 503) }))
        #expect(error?.code == .unavailable)
    }

    @Test("secrets do not show, however they are printed")
    func redacted() {
        let site = SiteCredentials(
            clientID: "id", clientSecret: "canary-1",
            openAPI: .init(siteKey: "canary-2", siteCredential: "canary-3"))
        var dumped = ""
        dump(site, to: &dumped)
        for text in ["\(site)", String(reflecting: site), dumped] { #expect(!text.contains("canary")) }
    }
}
