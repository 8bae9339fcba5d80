// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import DataSource
import Gateway
import JSON
import Synchronization
import Telemetry
import Testing

/// A source that gives what the test says.
private final class OneSource: DocumentSource {
    private struct State {
        var result: Result<DataReading, DataSourceError>
        var asked: [[String: String]] = []
    }

    private let state: Mutex<State>

    init(_ text: String = "{\"v\":1.50}", age: Duration? = nil) throws {
        let document = try DataDocument(
            Array(text.utf8), upTo: 1000, loadedAt: Timestamp(milliseconds: 1_767_225_600_000))
        state = Mutex(State(result: .success(DataReading(document, age: age))))
    }

    var asked: [[String: String]] { state.withLock { $0.asked } }
    func fail(_ code: DataSourceError.Code) {
        state.withLock { $0.result = .failure(DataSourceError(code, "/secret/path")) }
    }

    func document(
        _ parameters: [String: String], question: String
    ) async throws(DataSourceError) -> DataReading {
        try state.withLock { state in
            state.asked.append(parameters)
            return state.result
        }.get()
    }
}

/// Keeps what is recorded.
private final class Trail: AuditTrail {
    private let kept = Mutex<[AuditEvent]>([])
    private let isAway = Mutex(false)

    var events: [AuditEvent] { kept.withLock { $0 } }
    func lose() { isAway.withLock { $0 = true } }

    func record(_ event: AuditEvent) async throws(StoreError) {
        if isAway.withLock({ $0 }) { throw StoreError(.unavailable, "away") }
        kept.withLock { $0.append(event) }
    }

    func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] { events }
}

@Suite("Data sources over HTTP", .timeLimit(.minutes(2)))
struct DataSourceRouteTests {
    private func bench(
        _ source: OneSource, _ authentication: Integration.Authentication = .none, origins: [String] = [],
        cache: Duration = .seconds(300), parameters: Set<String> = [], audit: (any AuditTrail)? = nil
    ) -> PublicBench {
        var bench = PublicBench()
        bench.audit = audit
        bench.configuration.dataSources = [
            "beds": DataSourceEndpoint(
                name: "beds", authentication: authentication, origins: origins, cache: cache, parameters: parameters,
                source: source)
        ]
        return bench
    }

    @Test("the document comes byte for byte, with a strong tag and how long to keep it")
    func get() async throws {
        let bench = bench(try OneSource())
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/data-sources/beds")
            #expect(reply.status == 200)
            #expect(reply.text == "{\"v\":1.50}")
            #expect(reply.header("content-type") == "application/json")
            #expect(reply.header("x-content-type-options") == "nosniff")
            #expect(reply.header("cache-control") == "public, max-age=300")
            #expect(reply.header("access-control-allow-origin") == nil)
            let tag = try #require(reply.header("etag"))
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count == 66)
            #expect(try await caller.send("GET", "/data-sources/beds").header("etag") == tag)
        }
        let text = await bench.metrics.text()
        #expect(
            text.contains(
                "ocean_bridge_data_source_requests_total{outcome=\"served\",source=\"beds\",status=\"200\"} 2"))
    }

    @Test("HEAD says what GET would, without the document")
    func head() async throws {
        try await bench(try OneSource()).run { (caller: Caller) async throws in
            let reply = try await caller.send("HEAD", "/data-sources/beds")
            #expect(reply.status == 200)
            #expect(reply.body.isEmpty)
            #expect(reply.header("content-length") == "10")
            #expect(reply.header("etag") == (try await caller.send("GET", "/data-sources/beds").header("etag")))
        }
    }

    @Test("who has the document already gets 304 and no bytes")
    func conditional() async throws {
        try await bench(try OneSource()).run { (caller: Caller) async throws in
            let tag = try #require(try await caller.send("GET", "/data-sources/beds").header("etag"))
            for shown in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let reply = try await caller.send("GET", "/data-sources/beds", headers: [("If-None-Match", shown)])
                #expect(reply.status == 304)
                #expect(reply.body.isEmpty)
                #expect(reply.header("etag") == tag)
                #expect(reply.header("cache-control") == "public, max-age=300")
            }
            for shown in ["\"other\"", String(tag.dropFirst().dropLast()), ""] {
                let reply = try await caller.send("GET", "/data-sources/beds", headers: [("If-None-Match", shown)])
                #expect(reply.status == 200)
            }
        }
    }

    @Test("unknown names are 404, other methods 405 with what would do")
    func unknown() async throws {
        try await bench(try OneSource()).run { (caller: Caller) async throws in
            #expect(try await caller.send("GET", "/data-sources/other").status == 404)
            #expect(try await caller.send("GET", "/data-sources").status == 404)
            for method in ["POST", "PUT", "DELETE"] {
                let reply = try await caller.send(method, "/data-sources/beds", Array("{}".utf8))
                #expect(reply.status == 405)
                #expect(reply.header("allow")?.contains("GET") == true)
                #expect(reply.header("content-type") == "application/problem+json")
            }
        }
    }

    @Test("basic, header and bearer credentials are asked for, and 401 names the scheme")
    func credentials() async throws {
        let schemes: [(Integration.Authentication, (String, String), String)] = [
            (
                .basic(user: "ocean", password: Secret("basic-canary-secret")),
                ("Authorization", "Basic b2NlYW46YmFzaWMtY2FuYXJ5LXNlY3JldA=="), "Basic"
            ),
            (
                .header(name: "X-Key", value: Secret("header-canary-secret")), ("X-Key", "header-canary-secret"),
                "ApiKey"
            ),
            (
                .bearer(token: Secret("bearer-canary-secret")), ("Authorization", "Bearer bearer-canary-secret"),
                "Bearer"
            ),
        ]
        for (authentication, credentials, challenge) in schemes {
            let source = try OneSource()
            let bench = bench(source, authentication)
            try await bench.run { (caller: Caller) async throws in
                let refused = try await caller.send("GET", "/data-sources/beds")
                #expect(refused.status == 401)
                #expect(refused.header("www-authenticate")?.hasPrefix(challenge) == true)
                #expect(refused.header("etag") == nil)
                let wrong = (credentials.0, credentials.1 + "x")
                #expect(try await caller.send("GET", "/data-sources/beds", headers: [wrong]).status == 401)
                let reply = try await caller.send("GET", "/data-sources/beds", headers: [credentials])
                #expect(reply.status == 200)
                #expect(reply.header("cache-control") == "private, max-age=300")
            }
            #expect(source.asked.count == 1)
            #expect(!bench.log.text.contains("canary-secret"))
        }
    }

    @Test("a token of the own token endpoint opens the source of its client, and no other")
    func oauth() async throws {
        var bench = bench(
            try OneSource(), .oauth2(clientID: "forms-client", secret: Secret("forms-canary-secret")))
        bench.configuration.dataSources["other"] = DataSourceEndpoint(
            name: "other", authentication: .oauth2(clientID: "else", secret: Secret("else-canary-secret")),
            source: try OneSource())
        try await bench.run { (caller: Caller) async throws in
            let token = try await caller.post(
                "/oauth2/token",
                "grant_type=client_credentials&client_id=forms-client&client_secret=forms-canary-secret",
                type: "application/x-www-form-urlencoded")
            #expect(token.status == 200)
            let bearer = ("Authorization", "Bearer \(token.json["access_token"]?.stringValue ?? "")")
            #expect(try await caller.send("GET", "/data-sources/beds", headers: [bearer]).status == 200)
            #expect(try await caller.send("GET", "/data-sources/other", headers: [bearer]).status == 401)
            #expect(try await caller.send("GET", "/data-sources/beds").status == 401)
        }
    }

    @Test(
        "each fault has its status, and its text tells nothing of the inside",
        arguments: [
            (DataSourceError.Code.notYet, 503), (.missing, 503), (.unreadable, 503), (.unavailable, 503),
            (.noResponder, 503), (.noAnswer, 504), (.notJSON, 502), (.tooLarge, 502),
        ])
    func faults(_ code: DataSourceError.Code, _ status: Int) async throws {
        let source = try OneSource()
        source.fail(code)
        let bench = bench(source)
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/data-sources/beds")
            #expect(reply.status == status)
            #expect(reply.header("content-type") == "application/problem+json")
            #expect((reply.header("retry-after") != nil) == (status == 503))
            #expect(!reply.text.contains("/secret/path"))
            #expect(reply.header("etag") == nil)
        }
        #expect(
            await bench.metrics.text().contains(
                "outcome=\"\(code.rawValue)\",source=\"beds\",status=\"\(status)\"} 1"))
    }

    @Test("pages of named origins may read it, others are told 403")
    func origins() async throws {
        let ocean = ("Origin", "https://ocean.cognisantmd.com")
        let bench = bench(
            try OneSource(), .header(name: "X-Key", value: Secret("header-canary-secret")), origins: [ocean.1])
        try await bench.run { (caller: Caller) async throws in
            let ask = ("Access-Control-Request-Method", "GET")
            let preflight = try await caller.send("OPTIONS", "/data-sources/beds", type: nil, headers: [ocean, ask])
            #expect(preflight.status == 204)
            #expect(preflight.header("access-control-allow-origin") == ocean.1)
            #expect(preflight.header("access-control-allow-methods") == "GET, HEAD")
            #expect(preflight.header("access-control-allow-headers") == "authorization, if-none-match, x-key")
            #expect(preflight.header("vary") == "Origin")
            let key = ("X-Key", "header-canary-secret")
            let reply = try await caller.send("GET", "/data-sources/beds", headers: [ocean, key])
            #expect(reply.status == 200)
            #expect(reply.header("access-control-allow-origin") == ocean.1)
            #expect(reply.header("access-control-expose-headers") == "ETag, Age")
            #expect(reply.header("vary") == "Origin")
            // A page's script may read why it was refused.
            let refused = try await caller.send("GET", "/data-sources/beds", headers: [ocean])
            #expect(refused.status == 401)
            #expect(refused.header("access-control-allow-origin") == ocean.1)
            // A server sends no Origin; what it gets must not be handed on to a page by a cache.
            let server = try await caller.send("GET", "/data-sources/beds", headers: [key])
            #expect(server.status == 200)
            #expect(server.header("access-control-allow-origin") == nil)
            #expect(server.header("vary") == "Origin")
            for other in ["https://evil.example", "http://ocean.cognisantmd.com", "null"] {
                for (method, status) in [("GET", 403), ("OPTIONS", 403)] {
                    let reply = try await caller.send(
                        method, "/data-sources/beds", headers: [("Origin", other), ask, key])
                    #expect(reply.status == status)
                    #expect(reply.header("access-control-allow-origin") == nil)
                }
            }
            #expect(try await caller.send("OPTIONS", "/data-sources/beds").header("allow") == "GET, HEAD, OPTIONS")
        }
    }

    @Test("a source that takes no parameters does not look at the query")
    func noParameters() async throws {
        let source = try OneSource()
        let bench = bench(source)
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/data-sources/beds?healthNumber=9876543217&_=1")
            #expect(reply.status == 200)
        }
        #expect(source.asked == [[:]])
        #expect(!bench.log.text.contains("9876543217"))
    }

    @Test("parameters: only those allowed, written to the audit by name, never kept by anybody")
    func parameters() async throws {
        let source = try OneSource()
        let trail = Trail()
        let bench = bench(
            source, .basic(user: "ocean", password: Secret("p")), parameters: ["service", "hcn"], audit: trail)
        let credentials = ("Authorization", "Basic b2NlYW46cA==")
        try await bench.run { (caller: Caller) async throws in
            func get(_ query: String) async throws -> Reply {
                try await caller.send("GET", "/data-sources/beds\(query)", headers: [credentials])
            }
            let reply = try await get("?service=knee%20surgery&hcn=9876543217")
            #expect(reply.status == 200)
            #expect(reply.header("cache-control") == "no-store")
            let long = String(repeating: "x", count: 501)
            for query in ["?other=1", "?service=1&service=2", "?service=\(long)"] {
                let refused = try await get(query)
                #expect(refused.status == 400)
                #expect(!refused.text.contains("other"))
            }
            trail.lose()
            #expect(try await get("?service=knee").status == 503)
            #expect(try await get("").status == 200)
        }
        #expect(source.asked == [["service": "knee surgery", "hcn": "9876543217"], [:]])
        let event = try #require(trail.events.first)
        #expect(trail.events.count == 1)
        #expect(event.action == "data-source.read")
        #expect(event.actor == "ocean")
        #expect(event.reason == "beds with hcn, service")
        #expect(!bench.log.text.contains("9876543217"))
        #expect(await !bench.metrics.text().contains("9876543217"))
    }

    @Test("an answer says how old it is, and one older than promised counts as stale")
    func age() async throws {
        let bench = bench(try OneSource(age: .seconds(301)))
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/data-sources/beds")
            #expect(reply.status == 200)
            #expect(reply.header("age") == "301")
        }
        #expect(await bench.metrics.text().contains("outcome=\"stale\""))
    }

    @Test("without a time to keep it the caller must ask each time")
    func noCache() async throws {
        try await bench(try OneSource(), cache: .zero).run { (caller: Caller) async throws in
            #expect(try await caller.send("GET", "/data-sources/beds").header("cache-control") == "no-cache")
        }
    }
}
