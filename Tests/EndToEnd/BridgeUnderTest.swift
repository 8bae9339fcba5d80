// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Logging
import OceanBridge
import OceanSandbox

/// Which bus carries the messages.
enum BusKind: String, CaseIterable, Sendable, CustomStringConvertible {
    case embedded, rabbitmq

    var description: String { rawValue }
}

/// A whole bridge with a pretend Ocean beside it and the hospital's side over HTTP.
struct BridgeUnderTest: Sendable {
    let ocean: PretendOcean
    /// Base address of the public listener.
    let bridge: String
    let hospital: HospitalSide
    let log: LogCapture

    static let site = "1234"
    static let otherSite = "5678"
    static let listing0111 = "ereferral_1234_0111"
    static let listing0100 = "ereferral_1234_0100"
    static let listingJSON = "openapi_1234"
    /// Events of the Open API without content.
    static let listingThin = "openapi_1234_thin"

    /// No documents: tests of referrals count what arrives.
    static let noDocuments = "documents: { enabled: false }"

    /// - Parameters:
    ///   - documents: the line of that section.
    ///   - extra: further lines of the file.
    ///   - site: a further line of the first site's section.
    ///   - openAPI: further members of its `openApi`.
    static func settings(
        directory: String, bus: String, ocean: String, publicPort: Int, operationsPort: Int,
        documents: String = noDocuments, extra: String = "", site: String = "", openAPI: String = ""
    ) -> String {
        """
        ocean: { host: "\(ocean)", timeout: 5s }
        sites:
          "1234":
            oauth: { clientId: test-client-id-0123456789abcdef0123, clientSecret: "test+secret&0123456789abcdef012345" }
            openApi: { siteKey: test-site-key, siteCredential: test-site-credential, sharedEncryptionKey: "Bridge#2025aBcD!"\(openAPI) }
            \(site)
          "5678":
            oauth: { clientId: other-client-id-0123456789abcdef012, clientSecret: "other-secret-0123456789abcdef01", tokenStyle: basic }
        integrations:
          ereferral: { kind: ereferral-fhir, site: "1234", auth: { oauth2: { clientId: ocean, clientSecret: hook-secret } } }
          openapi: { kind: ereferral-open-api, site: "1234", auth: { basic: { username: ocean, password: hook-password } } }
          forms: { kind: patient-engagement, site: "1234", auth: { header: { name: X-Ocean-Key, value: hook-key } } }
          second: { kind: ereferral-fhir, site: "5678", auth: { none: true } }
        bus: { url: "\(bus)", partitions: 2, publishTimeout: 5s }
        \(documents)
        dataDirectory: "\(directory)"
        http:
          public: { address: "127.0.0.1:\(publicPort)" }
          operations: { address: "127.0.0.1:\(operationsPort)" }
        workers: { retry: { first: 20ms, longest: 200ms }, stopTimeout: 5s }
        \(extra)
        """
    }
}

/// Runs `body` against a fresh bridge on the bus, with its own virtual host or file; everything is stopped afterwards.
///
/// - Parameters:
///   - documents: the line of that section in the settings.
///   - site: a further line of the first site's section.
///   - openAPI: further members of its `openApi`.
///   - ocean: changes the pretend Ocean before it starts.
func withBridge(
    on kind: BusKind, documents: String = BridgeUnderTest.noDocuments, site: String = "", openAPI: String = "",
    ocean: @escaping @Sendable (inout PretendOceanConfiguration) -> Void = { _ in },
    _ body: @Sendable @escaping (BridgeUnderTest) async throws -> Void
) async throws {
    switch kind {
    case .embedded:
        try await withTemporaryDirectory { directory in
            try await runBridge(
                directory: directory, bus: "embedded", documents: documents, site: site, openAPI: openAPI,
                configuring: ocean, body)
        }
    case .rabbitmq:
        let broker = try await RabbitMQBroker.shared()
        try await broker.withVirtualHost { url in
            try await withTemporaryDirectory { directory in
                try await runBridge(
                    directory: directory, bus: url, documents: documents, site: site, openAPI: openAPI,
                    configuring: ocean, body)
            }
        }
    }
}

/// Runs `body` against a bridge on the given bus and directory; everything but the bus is stopped afterwards.
///
/// - Parameters:
///   - documents: the line of that section in the settings.
///   - extra: further lines of the settings file.
///   - site: a further line of the first site's section.
///   - openAPI: further members of its `openApi`.
///   - configuring: changes the pretend Ocean before it starts.
func runBridge(
    directory: String, bus: String, documents: String = BridgeUnderTest.noDocuments, extra: String = "",
    site: String = "", openAPI: String = "",
    configuring: @Sendable (inout PretendOceanConfiguration) -> Void = { _ in },
    _ body: @Sendable @escaping (BridgeUnderTest) async throws -> Void
) async throws {
    let log = LogCapture()
    let logger = Logger(label: "test") { _ in log.handler() }
    func settings(ocean: String) throws -> Settings {
        let text = BridgeUnderTest.settings(
            directory: directory, bus: bus, ocean: ocean, publicPort: 0, operationsPort: 0,
            documents: documents, extra: extra, site: site, openAPI: openAPI)
        return try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
    }
    var plan = try settings(ocean: "http://127.0.0.1:9").pretendOcean(bridge: "http://127.0.0.1:9")
    // Ocean's hours between retries pass in fractions of a second here.
    plan.retries.compression = 36_000
    configuring(&plan)
    let ocean = try PretendOcean(configuration: plan, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await ocean.run() }
        let complete = try settings(ocean: try await ocean.address())
        let ports = BoundPorts()
        let process = BridgeProcess(settings: complete, logger: logger, handlesSignals: false) { await ports.set($0) }
        group.addTask { try await process.run() }
        let bound = try await ports.both()
        let bridge = "http://127.0.0.1:\(bound.publicPort)"
        let known = complete.pretendOcean(bridge: bridge)
        for webhook in known.webhooks { try ocean.set(webhook) }
        for client in known.decisionSupport { try ocean.set(client) }
        for launch in known.launches { try await ocean.set(launch) }
        let hospital = HospitalSide(address: "http://127.0.0.1:\(bound.operationsPort)")
        try await hospital.untilReady()
        try await body(BridgeUnderTest(ocean: ocean, bridge: bridge, hospital: hospital, log: log))
        group.cancelAll()
        // The parts end by cancellation here; what matters was checked in `body`.
        while let result = await group.nextResult() { _ = result }
    }
}

/// Waits for both listeners; fails when that takes too long, as when a part could not start.
actor BoundPorts {
    private var publicPort: Int?
    private var operationsPort: Int?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func set(_ ports: BridgeProcess.Ports) {
        publicPort = ports.publicListener ?? publicPort
        operationsPort = ports.operationsListener ?? operationsPort
        guard publicPort != nil, operationsPort != nil else { return }
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func both() async throws -> (publicPort: Int, operationsPort: Int) {
        if publicPort == nil || operationsPort == nil {
            await withCheckedContinuation { waiting.append($0) }
        }
        guard let publicPort, let operationsPort else { throw CancellationError() }
        return (publicPort, operationsPort)
    }
}

/// The reference of settings as the program prints it.
func settingsReference() -> String { SettingsSchema.markdown }
