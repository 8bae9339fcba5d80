// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import OceanClient
import Testing

@Suite("Tokens", .timeLimit(.minutes(15)))
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

    @Test("Basic style as Ocean's sample client: id and secret as they are, the grant in the query, no body")
    func basicQueryStyle() async throws {
        let stub = StubOcean()
        _ = try await stub.run(style: .basicQuery, clientID: "id", secret: "s&c+r") {
            try await $0.process(Self.bundle, site: "1234", trace: nil)
        }
        let asked = try #require(stub.tokenRequests.first)
        // base64 of `id:s&c+r`
        #expect(asked.headers["Authorization"] == "Basic aWQ6cyZjK3I=")
        #expect(asked.query == "grant_type=client_credentials")
        #expect(asked.body.isEmpty)
    }

    @Test("each site has credentials and a token of its own")
    func perSite() async throws {
        let stub = StubOcean(token: { asked, _ in
            .json(#"{"access_token":"for-\#(asked.body.contains("second") ? "b" : "a")","expires_in":3600}"#)
        })
        try await stub.run { (base: String) in
            let client = OceanHTTPClient(
                OceanClientConfiguration(
                    host: try OceanHost(base),
                    sites: [
                        "1": SiteCredentials(clientID: "first", clientSecret: "s"),
                        "2": SiteCredentials(clientID: "second", clientSecret: "s"),
                    ], version: "1"))
            for site in ["1", "2", "1"] { _ = try await client.process(Self.bundle, site: site, trace: nil) }
            await client.shutdown()
        }
        #expect(stub.calls.map { $0.headers["Authorization"] } == ["Bearer for-a", "Bearer for-b", "Bearer for-a"])
        #expect(stub.tokenRequests.count == 2)
    }

    @Test("a token endpoint's error word of RFC 6749 is told, any other text is not")
    func errorWord() async throws {
        let known = StubOcean(token: { _, _ in .json(#"{"error":"invalid_client"}"#, status: 401) })
        #expect(try await failedProcess(known)?.message.contains("(invalid_client)") == true)
        let odd = StubOcean(token: { _, _ in .json(#"{"error":"secret s3cret is wrong"}"#, status: 401) })
        let error = try #require(try await failedProcess(odd))
        #expect(!error.message.contains("s3cret"))
    }

    @Test(
        "neither credentials nor token go to another host, however the token endpoint redirects",
        arguments: [301, 302, 307, 308])
    func redirectedToken(_ status: Int) async throws {
        let thief = StubOcean()
        let (error, stolen) = try await thief.run { (base: String) in
            let stub = StubOcean(token: { asked, _ in
                StubOcean.Reply(status: status, headers: ["Location": base + asked.path], body: [])
            })
            return (try await failedProcess(stub), thief.tokenRequests.count + thief.calls.count)
        }
        #expect(stolen == 0)
        #expect(error?.code == .invalidAnswer)
        #expect(error?.disposition == .retry(after: nil))
    }

    @Test("a bearer token does not follow a redirect of any call to another host", arguments: [301, 302, 307, 308])
    func redirectedCalls(_ status: Int) async throws {
        let thief = StubOcean()
        let stolen = try await thief.run { (base: String) in
            let stub = StubOcean { asked, _ in
                StubOcean.Reply(status: status, headers: ["Location": base + asked.path], body: [])
            }
            try await stub.run { client in
                _ = await failure { () async throws(OceanServiceError) in
                    try await client.process(Self.bundle, site: "1234", trace: nil)
                }
                _ = await failure { () async throws(OceanServiceError) in try await client.check(site: "1234") }
                _ = await failure { () async throws(OceanServiceError) in
                    try await client.referral("r", site: "1234", trace: nil)
                }
            }
            #expect(stub.calls.count == 3)
            return thief.calls.count
        }
        #expect(stolen == 0)
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
