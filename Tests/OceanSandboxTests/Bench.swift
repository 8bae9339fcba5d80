// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import HTTPTypes
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import OceanSandbox

/// A running pretend Ocean and a webhook receiver, both on free ports.
struct Bench {
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: [UInt8]

        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    }

    static let secret = "an-invented-client-secret-of-32-chars"
    static let key = "Bridge#2025aBcD!"

    let ocean: PretendOcean
    let address: String
    let receiver: WebhookReceiver

    /// Runs both for the time of `body`; an hour of Ocean's waiting is some milliseconds.
    static func run(
        script: [Int] = [], _ adjust: (inout PretendOceanConfiguration) -> Void = { _ in },
        _ body: (Bench) async throws -> Void
    ) async throws {
        let receiver = WebhookReceiver(script: script)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await receiver.run() }
            var configuration = configuration(webhook: await receiver.address())
            adjust(&configuration)
            let ocean = try PretendOcean(
                configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            group.addTask { try await ocean.run() }
            let bench = Bench(ocean: ocean, address: try await ocean.address(), receiver: receiver)
            try await body(bench)
            group.cancelAll()
            while let result = await group.nextResult() {
                // Both servers end by cancellation; their errors say no more than that.
                _ = result
            }
        }
    }

    private static func configuration(webhook: String) -> PretendOceanConfiguration {
        var configuration = PretendOceanConfiguration()
        configuration.retries = RetrySchedule(compression: 1_000_000)
        configuration.webhooks = [PretendWebhook(name: "bridge", url: webhook + "/ocean/hospital")]
        var hospital = PretendSite()
        hospital.number = "4500"
        hospital.clientID = "hospital-client"
        hospital.clientSecret = secret
        hospital.siteKey = "hospital-key"
        hospital.siteCredential = "hospital-credential"
        hospital.sharedEncryptionKey = key
        hospital.engagementWebhook = "bridge"
        hospital.listings = [
            PretendListing(
                reference: "old-1", title: "Old", externalServiceID: "svc-old", dialect: .fhir0100, webhook: "bridge"),
            PretendListing(
                reference: "new-1", title: "New", externalServiceID: "svc-new", dialect: .fhir0111, webhook: "bridge"),
            PretendListing(
                reference: "json-1", title: "JSON", externalServiceID: "svc-json", dialect: .oceanJSON,
                webhook: "bridge"),
            PretendListing(reference: "thin-1", title: "Thin", dialect: .oceanJSON, webhook: "bridge", jsonForm: .thin),
        ]
        var other = PretendSite()
        other.number = "4600"
        other.clientID = "other-client"
        other.clientSecret = secret
        other.siteKey = "other-key"
        other.siteCredential = "other-credential"
        other.sharedEncryptionKey = "Other#2025aBcD!!"
        other.encryptedBodyForm = .signedBytes
        other.engagementWebhook = "bridge"
        other.listings = [
            PretendListing(reference: "other-1", title: "Other", dialect: .fhir0111, webhook: "bridge")
        ]
        configuration.sites = [hospital, other]
        return configuration
    }

    func call(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let bytes = try await response.body.collect(upTo: 10 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: Array(bytes.readableBytesView))
    }

    func token(client: String = "hospital-client", secret: String = Bench.secret) async throws -> String {
        let answer = try await call(
            .POST, "/svc/oauth2/token", headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("grant_type=client_credentials&client_id=\(client)&client_secret=\(secret)".utf8))
        #expect(answer.status == 200)
        return try #require(answer.json["access_token"]?.stringValue)
    }

    func process(_ body: [UInt8], client: String = "hospital-client") async throws -> Answer {
        let token = try await token(client: client)
        return try await call(
            .POST, "/svc/fhir/v1/$process-messages",
            headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/fhir+json")], body: body)
    }

    func snapshot(_ reference: String) async throws -> ReferralSnapshot {
        try #require(await ocean.snapshot().first { $0.reference == reference })
    }

    /// The next call of the webhook that the condition holds for.
    func next(
        where isWanted: (WebhookReceiver.Call) -> Bool = { _ in true }
    ) async throws -> WebhookReceiver.Call {
        for await call in receiver.calls where isWanted(call) { return call }
        throw CancellationError()
    }
}
