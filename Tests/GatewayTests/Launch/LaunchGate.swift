// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import BridgeTestKit
import FoundationEssentials
import Gateway
import Launch
import Telemetry

/// A public gateway with three applications: one with a secret, one in a frame, one with a code challenge only.
struct LaunchGate: Sendable {
    let bus: ScriptedBus
    let book = MemoryLaunchBook()
    let clock = ManualClock()
    let log = CapturedLog()
    let metrics = PrometheusRegistry()

    static let ocean = "https://ocean.example"
    static let record = ReferralRecord(
        reference: "ref-canary-1", site: "1234", listing: "listing-1", service: "CARDIOLOGY", status: "new",
        sourceTime: Timestamp(milliseconds: 0))

    init(_ steps: [ScriptedBus.Step] = []) {
        bus = ScriptedBus(steps)
    }

    static func application(_ name: String, _ template: String) throws -> LaunchApplication {
        var application = LaunchApplication(
            name: name, companyName: "Invented & Hospital", applicationName: "Booking <\(name)>",
            target: try LaunchTarget(template, parameters: ["lang", "next"], includesReferral: false),
            frameAncestor: ocean)
        application.parameters = ["lang", "next"]
        return application
    }

    private func guests() throws -> [LaunchRoutes.Guest] {
        var framed = try Self.application("framed", "https://framed.example/start?l={lang}")
        framed.embeds = true
        var open = try Self.application("open", "https://open.example/app")
        open.requiresChallenge = true
        return [
            .init(
                try Self.application("booking", "https://booking.example/start?l={lang}&n={next}"),
                authentication: .basic(user: "booking", password: Secret("basic-canary-secret"))),
            .init(framed, authentication: .header(name: "X-App-Key", value: Secret("header-canary-secret"))),
            .init(open, authentication: .none),
        ]
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (Caller) async throws -> Value) async throws -> Value {
        let desk = LaunchDesk(
            signer: HandleSigner(secret: Array("0123456789abcdef".utf8)), book: book, audit: book,
            sites: ["1234", "5678"], ids: UUIDv7Source(clock: clock), clock: clock
        ) { reference throws(StoreError) in reference == Self.record.reference ? Self.record : nil }
        let routes = try LaunchRoutes(
            guests: try guests(), desk: desk, bus: bus, publishTimeout: .milliseconds(200), clock: clock,
            metrics: metrics, logger: log.logger())
        let gateway = try PublicGateway(
            configuration: PublicGatewayConfiguration(address: ListenerAddress(host: "127.0.0.1", port: 0)), bus: bus,
            reader: SampleReader(), clock: clock, routes: routes.routes, metrics: metrics, logger: log.logger())
        return try await withListener({ try gateway.service(bound: $0) }) { port in
            var configuration = HTTPClient.Configuration()
            // A browser's next step is looked at, not taken.
            configuration.redirectConfiguration = .disallow
            return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                try await body(Caller(port: port, client: client))
            }
        }
    }

    /// Credentials of the application `booking`.
    static let basic = ("Authorization", "Basic " + Data("booking:basic-canary-secret".utf8).base64EncodedString())
    static let header = ("X-App-Key", "header-canary-secret")
}

extension Caller {
    /// Opens a launch; the handle in the address to which the browser is sent.
    func handle(_ path: String) async throws -> String {
        let reply = try await send("GET", path, type: nil)
        let address = reply.header("location") ?? reply.text
        let rest = address.split(separator: "handle=").last ?? ""
        return String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
    }

    func exchange(
        _ handle: String, _ headers: [(String, String)] = [LaunchGate.basic], body: String? = nil,
        type: String? = nil
    ) async throws -> Reply {
        try await send(
            "POST", "/launch/handles/\(handle)", Array((body ?? "").utf8), type: type, headers: headers)
    }
}
