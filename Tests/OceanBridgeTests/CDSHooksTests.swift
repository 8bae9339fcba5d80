// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import BridgeTestKit
import CDSHooks
import Embedded
import FoundationEssentials
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import OceanBridge

@Suite("CDS Hooks from settings to bus", .timeLimit(.minutes(3)))
struct CDSHooksTests {
    private static let instance = "0d6d6e0a-4c1d-4d5c-9f0e-2f6c1d3b7a11"

    private static func settings(_ directory: String) -> String {
        """
        sites: { "1234": { dryRun: true } }
        dataDirectory: "\(directory)"
        roles: responder
        http:
          public: { address: "127.0.0.1:0", url: "https://bridge.example/" }
        cds:
          sandbox: true
          clients:
            sandbox: { issuer: "https://sandbox.cds-hooks.org", keys: "\(directory)/jwks.json" }
          services:
            triage:
              description: Asks the hospital.
              request: triage
              budget: 20s
              auth: { oauth2: { clientId: ocean-cds, clientSecret: hook-secret } }
            trial: { description: For the sandbox., request: triage, budget: 20s, auth: { jwt: sandbox } }
        """
    }

    @Test("discovery, a call with the whole bundle, cards of a hospital service, feedback on the bus")
    func composed() async throws {
        try await withTemporaryDirectory { directory in
            let mint = try TokenMint.shared.get()
            try Data(try mint.keySet().bytes()).write(to: URL(filePath: directory + "/jwks.json"))
            let settings = try Settings(
                SettingsValues(yaml: (Self.settings(directory), "test.yaml"), environment: [:]))
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let bus = AnsweringBus(
                try EmbeddedBus(path: directory + "/bus.sqlite", logger: logger),
                answer: [
                    "cards": [
                        ["summary": "Imaging first", "indicator": "critical", "source": ["label": "Triage"]],
                        ["summary": "No source", "indicator": "info"],
                    ]
                ])
            let (ports, bound) = AsyncStream<Int>.makeStream()
            let process = BridgeProcess(settings: settings, logger: logger, handlesSignals: false) { found in
                if let port = found.publicListener { bound.yield(port) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { bound.finish() }
                    try await process.run(on: bus)
                }
                guard let port = await ports.first(where: { _ in true }) else {
                    try await group.next()
                    return
                }
                try await Self.exercise("http://127.0.0.1:\(port)", bus, mint)
                await process.stop()
                try await group.waitForAll()
            }
            await bus.shutdown()
        }
    }

    private static func exercise(_ base: String, _ bus: AnsweringBus, _ mint: TokenMint) async throws {
        let found = try await call("GET", base + "/cds-services")
        #expect(found.json["services"]?.arrayValue?.compactMap { $0["id"]?.stringValue } == ["triage", "trial"])
        let token = try await call(
            "POST", base + "/oauth2/token",
            body: Array("grant_type=client_credentials&client_id=ocean-cds&client_secret=hook-secret".utf8),
            headers: [("Content-Type", "application/x-www-form-urlencoded")])
        let bearer = [("Authorization", "Bearer " + (token.json["access_token"]?.stringValue ?? ""))]
        let bundle = try JSONValue(parsing: try Fixture.bytes("ocean-fhir/0.11.1/add-service-request.json"))
        let body: JSONValue = [
            "hook": "order-sign", "hookInstance": .string(instance),
            "context": ["userId": "Practitioner/1", "patientId": "2"], "prefetch": ["v11Bundle": bundle],
        ]
        #expect(try await call("POST", base + "/cds-services/triage", body: body.bytes()).status == 401)
        let answer = try await call("POST", base + "/cds-services/triage", body: body.bytes(), headers: bearer)
        #expect(answer.status == 200)
        #expect(answer.json["cards"]?.arrayValue?.count == 1, "the card without a source is dropped")
        #expect(answer.json["cards"]?[0]?["summary"] == "Imaging first")
        let asked = try #require(bus.asked.first)
        #expect(asked.name == "triage")
        #expect(asked.question.subject?.isEmpty == false)
        #expect(asked.question.type == .questionAsked)

        let seconds = Int(SystemClock().now().milliseconds / 1000)
        let claims: JSONObject = [
            "iss": "https://sandbox.cds-hooks.org", "aud": "https://bridge.example/cds-services/trial",
            "iat": .number(JSONNumber(seconds)), "exp": .number(JSONNumber(seconds + 300)), "jti": "once",
        ]
        let jwt = [("Authorization", "Bearer " + (try mint.token(.rs384, claims: claims)))]
        let trial = base + "/cds-services/trial"
        #expect(try await call("POST", trial, body: body.bytes(), headers: jwt).status == 200)
        #expect(try await call("POST", trial, body: body.bytes(), headers: jwt).status == 401, "a replay")

        try await bus.declare(.bridge(partitions: 8))
        try await bus.bind(queue: "q.feedback", to: BusNames.hospitalCanonical, routingKey: "*.*.cds-feedback")
        let card = answer.json["cards"]?[0]?["uuid"] ?? .null
        let feedback: JSONValue = [
            "feedback": [["card": card, "outcome": "overridden", "outcomeTimestamp": "2026-01-02T03:04:05Z"]]
        ]
        let taken = try await call(
            "POST", base + "/cds-services/triage/feedback", body: feedback.bytes(), headers: bearer)
        #expect(taken.status == 200)
        let subscription = try await bus.subscribe(to: "q.feedback", prefetch: 1)
        let delivery = try #require(await subscription.deliveries.first { _ in true })
        #expect(delivery.message.type == .hookFeedback)
        #expect(delivery.message.id == taken.json["id"]?.stringValue)
        let data = try JSONValue(parsing: delivery.message.body)
        #expect(data["feedback"]?[0]?["rule"]?.stringValue == HookService.requestPart)
        try await delivery.ack()
        await subscription.cancel()
    }

    private struct Reply {
        let status: Int
        let json: JSONValue
    }

    private static func call(
        _ method: String, _ url: String, body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if request.headers["Content-Type"].isEmpty {
            request.headers.add(name: "Content-Type", value: "application/json")
        }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(40))
        let content = Array(try await response.body.collect(upTo: 16 << 20).readableBytesView)
        return Reply(status: Int(response.status.code), json: (try? JSONValue(parsing: content)) ?? .null)
    }

    @Test(
        "what is wrong in the settings is named with its place",
        arguments: [
            ("services: { a: { request: r, auth: { none: true } } }", "cds.services.a.description: is required"),
            ("services: { a: { description: d, auth: { none: true } } }", "cds.services.a.rules: or request is needed"),
            ("services: { a: { description: d, request: r } }", "cds.services.a.auth: needs exactly one"),
            (
                "services: { a: { description: d, request: r, auth: { none: true, jwt: x } } }",
                "cds.services.a.auth.jwt: stands beside another scheme"
            ),
            ("services: { a: { description: d, request: r, auth: { jwt: x } } }", "x is not under cds.clients"),
            ("services: { a: { description: d, request: r, auth: { jwt: x } } }", "needs http.public.url"),
            (
                "services: { a: { description: d, request: r, site: '9', auth: { none: true } } }",
                "site 9 is not under sites"
            ),
            (
                "services: { a: { description: d, request: r, budget: 1m, auth: { none: true } } }",
                "must be from 50ms to 20s"
            ),
            (
                "services: { a: { description: d, request: r, needs: [patients], auth: { none: true } } }",
                "did you mean patient?"
            ),
            ("services: { a: { descripton: d } }", "did you mean cds.services.a.description?"),
            ("clients: { a: { keys: /k } }", "cds.clients.a.issuer: is required"),
            ("clients: { a: { issuer: i } }", "needs cds.clients.a.keys or keySets"),
            ("clients: { a: { issuer: i, keys: 'http://example.org/k' } }", "must be an https address"),
            ("clients: { a: { issuer: i, keySets: 'ftp://x' } }", "must begin with https://"),
            ("origins: 'https://a.example/path'", "an origin is https://host"),
        ])
    func problems(_ yaml: String, _ expected: String) {
        do throws(SettingsError) {
            _ = try Settings(SettingsValues(yaml: ("cds: { \(yaml) }", "test.yaml"), environment: [:]))
            Issue.record("must be refused")
        } catch {
            let found = error.problems.map(\.description)
            #expect(found.contains { $0.contains(expected) }, "\(found)")
        }
    }

    @Test("secrets of a service come from files and from the environment, under its own name")
    func secrets() throws {
        let yaml = """
            cds:
              services:
                first-one: { description: d, request: r, auth: { bearer: { tokenFile: /secret } } }
                second: { description: d, request: r, auth: { basic: { username: u } } }
            secretsDirectory: /secrets
            """
        let values = SettingsValues(
            yaml: (yaml, "test.yaml"), environment: ["OCEAN_BRIDGE_CDS_SERVICES_FIRST_ONE_TITLE": "One"]
        ) { path in
            switch path {
            case "/secret": "token\n"
            case "/secrets/cds.services.second.auth.basic.password": "password\n"
            default: nil
            }
        }
        let services = try Settings(values).hooks.services
        let first = try #require(services["first-one"])
        #expect(first.title == "One")
        guard case .credentials(.bearer(let token)) = first.authentication else {
            Issue.record("first must use bearer")
            return
        }
        #expect(token == "token")
        #expect(first.budget == .milliseconds(500))
        #expect(first.needs == [.v11Bundle])
        guard case .credentials(.basic(_, let password)) = services["second"]?.authentication else {
            Issue.record("second must use basic")
            return
        }
        #expect(password == "password")
        #expect(services.keys.sorted() == ["first-one", "second"])
    }

    @Test("key sets are read from files; what is not there is told with the setting")
    func keyFiles() async throws {
        try await withTemporaryDirectory { directory in
            try Data("{}".utf8).write(to: URL(filePath: directory + "/keys.json"))
            let fetcher = KeySetFetcher()
            #expect(try await fetcher.keySet(at: directory + "/keys.json", limit: 10) == Array("{}".utf8))
            for address in [directory + "/none.json", "http://127.0.0.1:9/keys.json"] {
                do {
                    _ = try await fetcher.keySet(at: address, limit: 10)
                    Issue.record("must fail")
                } catch let error as KeySourceError {
                    #expect(error.message.contains("cds.clients.*.keys"))
                }
            }
        }
    }
}
