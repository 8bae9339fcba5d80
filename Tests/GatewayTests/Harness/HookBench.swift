// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import Gateway
import JSON
import Ocean
import Telemetry

/// A public gateway with CDS services and everything that a test looks at.
struct HookBench: Sendable {
    static let issuer = "https://client.example"
    static let publicURL = "https://bridge.example"
    static let instance = "0d6d6e0a-4c1d-4d5c-9f0e-2f6c1d3b7a11"
    /// Names and numbers of the fixture, which must stand nowhere but in bodies.
    static let patientWords = ["Lachapelle", "Ojibway-Tremblay", "pr-canary", "pt-canary"]

    let bus: ScriptedBus
    let clock = ManualClock()
    let log = CapturedLog()
    let metrics = PrometheusRegistry()
    let store = MemoryStore()
    let keys = HookKeys()
    let mint: TokenMint
    private let tokens: AccessTokens
    private let routes: HookRoutes
    private let configuration: PublicGatewayConfiguration

    /// - Parameters:
    ///   - answer: what the service behind the queue says; nil when it never answers.
    ///   - cards: what the rule says.
    init(
        _ steps: [ScriptedBus.Step] = [], limits: ListenerLimits = ListenerLimits(), budget: Duration = .seconds(20),
        cards: [Card] = [], answer: JSONValue? = ["cards": []]
    ) throws {
        bus = ScriptedBus(steps)
        mint = try TokenMint.shared.get()
        let tokens = AccessTokens()
        func service(_ id: String, site: String? = nil, needs: Set<PrefetchKey> = [.v11Bundle]) -> HookService {
            HookService(
                id: id, description: "Checks.", site: site, rules: [FixedRule(saying: cards)], request: "triage",
                budget: budget, needs: needs)
        }
        let endpoints = [
            HookEndpoint(service: service("open"), authentication: .credentials(.none)),
            HookEndpoint(service: service("foreign", site: "99999"), authentication: .credentials(.none)),
            HookEndpoint(service: service("lenient", needs: []), authentication: .credentials(.none)),
            HookEndpoint(
                service: service("basic"),
                authentication: .credentials(.basic(user: "ocean", password: Secret("basic-canary-secret")))),
            HookEndpoint(
                service: service("oauth"),
                authentication: .credentials(.oauth2(clientID: "cds-client", secret: Secret("oauth-canary-secret")))),
            HookEndpoint(service: service("jwt"), authentication: .token(clients: ["client"])),
        ]
        let logger = log.logger()
        let check = ClientTokenCheck(
            clients: [HookClient(name: "client", issuer: Self.issuer, keys: "https://client.example/jwks.json")],
            keys: KeySetCache(source: keys, clock: clock, logger: logger), replays: StoredReplayMemory(store: store),
            clock: clock)
        keys.set(try mint.keySet())
        routes = HookRoutes(
            endpoints, origins: CrossOrigin(origins: [CrossOrigin.publicSandbox]), publicURL: Self.publicURL,
            limits: limits, publishTimeout: .milliseconds(200),
            parts: HookRoutes.Parts(
                desk: HookDesk(
                    reader: SubjectReader(reader: OceanInboundReader.standard(), patientKey: { _ in nil }),
                    requests: FixedAnswer(body: answer?.bytes()), clock: clock),
                tokens: tokens, clientTokens: check, bus: bus, audit: store, clock: clock, logger: logger),
            metrics: metrics)
        var configuration = PublicGatewayConfiguration(
            address: ListenerAddress(host: "127.0.0.1", port: 0), limits: limits, publishTimeout: .milliseconds(200))
        configuration.authentications = endpoints.compactMap(\.credentials)
        self.configuration = configuration
        self.tokens = tokens
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (Caller) async throws -> Value) async throws -> Value {
        let gateway = try PublicGateway(
            configuration: configuration, bus: bus, reader: SampleReader(), clock: clock,
            ids: UUIDv7Source(clock: clock), tokens: tokens, routes: routes.routes, metrics: metrics,
            logger: log.logger())
        return try await withListener({ try gateway.service(bound: $0) }) { port in
            try await body(Caller(port: port))
        }
    }

    /// A call with the whole bundle of 0.11.1.
    static func call(_ change: (inout JSONObject) -> Void = { _ in }) throws -> String {
        var object: JSONObject = [
            "hook": "order-sign", "hookInstance": .string(instance),
            "context": ["userId": "Practitioner/pr-canary", "patientId": "pt-canary"],
        ]
        object["prefetch"] = [
            "v11Bundle": try JSONValue(parsing: try Fixture.bytes("ocean-fhir/0.11.1/add-service-request.json"))
        ]
        change(&object)
        return JSONValue.object(object).text()
    }

    /// A token for the service `jwt`, or with claims of another kind.
    func bearer(
        _ changes: [(String, JSONValue?)] = [], header: [(String, JSONValue?)] = [], path: String = "/cds-services/jwt"
    ) throws -> [(String, String)] {
        let seconds = Int(clock.now().milliseconds / 1000)
        var claims: JSONObject = [
            "iss": .string(Self.issuer), "aud": .string(Self.publicURL + path),
            "exp": .number(JSONNumber(seconds + 300)), "iat": .number(JSONNumber(seconds)),
            "jti": .string("\(UInt64.random(in: .min ... .max))"),
        ]
        for (name, value) in changes { claims[name] = value }
        return [("Authorization", "Bearer " + (try mint.token(claims: claims, header: header)))]
    }
}

/// A rule that always says the same.
private struct FixedRule: CardRule {
    let name = "fixed"
    let saying: [Card]

    init(saying: [Card]) { self.saying = saying }

    func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card] { saying }
}

/// A hospital service that always says the same, or nothing.
private struct FixedAnswer: RequestPort {
    let body: [UInt8]?

    func ask(_ question: Message, of name: String, within limit: Duration) async throws(RequestError) -> Message {
        guard let body else {
            // As the bus does it: nobody is heard within the limit.
            do { try await Task.sleep(for: limit) } catch { throw RequestError(.noAnswer, "scripted") }
            throw RequestError(.noAnswer, "scripted")
        }
        var answer = question
        answer.body = body
        return answer
    }
}
