// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import BridgeTestKit
import Foundation
import JSON
import Logging
import NIOCore
import NIOHTTP1
import OceanBridge
import OceanSandbox
import Testing

/// The real program in a process of its own, with a pretend Ocean in the test's process.
private struct StopBench: Sendable {
    let directory: String
    let ocean: PretendOcean
    let text: String
    let bridge: String
    let hospital: HospitalSide

    static let stopTimeout = Duration.seconds(3)

    static func run(
        on kind: BusKind, _ body: @escaping @Sendable (StopBench) async throws -> Void
    ) async throws {
        switch kind {
        case .embedded:
            try await withTemporaryDirectory { try await run("embedded", $0, body) }
        case .rabbitmq:
            try await RabbitMQBroker.shared().withVirtualHost { url in
                try await withTemporaryDirectory { try await run(url, $0, body) }
            }
        }
    }

    private static func run(
        _ bus: String, _ directory: String, _ body: @escaping @Sendable (StopBench) async throws -> Void
    ) async throws {
        let ports = try FreePorts.find(2)
        let bridge = "http://127.0.0.1:\(ports[0])"
        func text(ocean: String) -> String {
            BridgeUnderTest.settings(
                directory: directory, bus: bus, ocean: ocean, publicPort: ports[0], operationsPort: ports[1]
            )
            .replacingOccurrences(of: "timeout: 5s }\nsites", with: "timeout: 120s }\nsites")
            .replacingOccurrences(of: "stopTimeout: 5s", with: "stopTimeout: 3s")
        }
        let early = try Settings(SettingsValues(yaml: (text(ocean: "http://127.0.0.1:9"), "t"), environment: [:]))
        var plan = early.pretendOcean(bridge: bridge)
        plan.retries.compression = 36_000
        let ocean = try PretendOcean(
            configuration: plan, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ocean.run() }
            let bench = StopBench(
                directory: directory, ocean: ocean, text: text(ocean: try await ocean.address()), bridge: bridge,
                hospital: HospitalSide(address: "http://127.0.0.1:\(ports[1])"))
            try await body(bench)
            group.cancelAll()
        }
    }

    func start() async throws -> BridgeChild {
        let child = try BridgeChild(settings: text, directory: directory)
        // Connections are refused until it listens.
        for _ in 0..<600 {
            if let answer = try? await hospital.get("/readyz"), answer.status == 200 { return child }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw HospitalSide.Failure(description: "not ready: \(child.log)")
    }
}

@Suite("A graceful stop of the real process", .serialized, .timeLimit(.minutes(15)))
struct StopTests {
    /// A webhook whose second half is sent when `release` ends.
    private func slowWebhook(_ bridge: String, lane: Int, release: AsyncStream<Never>) async throws -> UInt {
        let body = try WebhookLoad.body(lane: lane, number: 0)
        let half = body.count / 2
        let (chunks, sink) = AsyncStream.makeStream(of: ByteBuffer.self)
        sink.yield(ByteBuffer(bytes: body[..<half]))
        var request = HTTPClientRequest(url: "\(bridge)/ocean/second")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/fhir+json")
        request.body = .stream(chunks, length: .known(Int64(body.count)))
        let prepared = request
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in release {}
                sink.yield(ByteBuffer(bytes: body[half...]))
                sink.finish()
            }
            let status = try await HTTPClient.withHTTPClient { client in
                try await client.execute(prepared, timeout: .seconds(40)).status.code
            }
            try await group.waitForAll()
            return status
        }
    }

    @Test(
        "under load it ends with 0 in time, and what was promised is there after the start", arguments: BusKind.allCases
    )
    func underLoad(_ bus: BusKind) async throws {
        try await StopBench.run(on: bus) { bench in
            let first = try await bench.start()
            try await bench.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            try await bench.hospital.bind("q.results", to: [BusNames.results])
            var references: [String] = []
            for _ in 0..<2 { references.append(try await bench.ocean.send(.backPain, to: BridgeUnderTest.listing0111)) }
            let prepared = references
            let webhooks = Accepted()
            let updates = Accepted()
            let (release, releaser) = AsyncStream.makeStream(of: Never.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        for number in 0..<2000 {
                            // Refused once the listener is closed; answered before that.
                            guard let answer = try? await WebhookLoad.post(bench.bridge, lane: lane, number: number)
                            else { return }
                            #expect(answer.status == 202, "\(answer.text)")
                            if let id = answer.json?["id"]?.stringValue { webhooks.add(id, lane: lane) }
                        }
                    }
                }
                for (lane, reference) in prepared.enumerated() {
                    group.addTask {
                        for number in 0..<2000 {
                            var update = ReferralUpdate(
                                referral: reference, site: BridgeUnderTest.site, action: .message)
                            update.text = "Note \(number)"
                            guard let id = try? await bench.hospital.send(update) else { return }
                            updates.add(id, lane: lane)
                        }
                    }
                }
                group.addTask {
                    let status = try await self.slowWebhook(bench.bridge, lane: 9, release: release)
                    #expect(status == 202, "a request in flight is answered")
                }
                group.addTask {
                    try await webhooks.wait(for: 40)
                    try await updates.wait(for: 10)
                    first.signal(SIGTERM)
                    try await Task.sleep(for: .milliseconds(100))
                    first.signal(SIGTERM)
                    first.signal(SIGINT)
                    releaser.finish()
                }
                try await group.waitForAll()
            }
            #expect(try await first.waitForEnd() == 0, "\(first.log.suffix(2000))")
            // A process that misses the deadline is ended there and does not say this.
            #expect(first.log.contains(#""stopped""#), "by itself, not at the deadline")

            let second = try await bench.start()
            let received = try await bench.hospital.receive(
                causes: Set(webhooks.all.values.joined()), from: "q.canonical")
            for (lane, expected) in webhooks.all {
                let order = received.filter { $0.message.subject == WebhookLoad.reference(lane) }
                    .compactMap(\.message.attributes.causationID)
                #expect(order.filter { expected.contains($0) } == expected, "lane \(lane)")
            }
            let results = try await bench.hospital.receive(
                causes: Set(updates.all.values.joined()), from: "q.results")
            #expect(results.allSatisfy { $0.data["outcome"] == "delivered" })
            for (lane, expected) in updates.all {
                let snapshot = try #require(
                    await bench.ocean.snapshot().first { $0.reference == prepared[lane] })
                let texts = snapshot.messages.map(\.text)
                #expect(Array(texts.prefix(expected.count)) == (0..<expected.count).map { "Note \($0)" })
            }
            second.signal(SIGTERM)
            #expect(try await second.waitForEnd() == 0)
        }
    }

    @Test(
        "with Ocean hanging the deadline holds, and the update is delivered after the start",
        arguments: BusKind.allCases)
    func oceanHangs(_ bus: BusKind) async throws {
        try await StopBench.run(on: bus) { bench in
            let first = try await bench.start()
            try await bench.hospital.bind("q.results", to: [BusNames.results])
            let reference = try await bench.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            var plan = FaultPlan()
            plan.processMessages = Fault(times: 1, delay: 60_000, drop: true)
            bench.ocean.arm(plan)
            let id = try await bench.hospital.send(
                ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .accept))
            while bench.ocean.armed().processMessages != nil { try await Task.sleep(for: .milliseconds(10)) }
            let began = ContinuousClock.now
            first.signal(SIGTERM)
            #expect(try await first.waitForEnd() == 0, "\(first.log.suffix(2000))")
            // Long before Ocean would have answered.
            #expect(ContinuousClock.now - began < .seconds(45))
            let second = try await bench.start()
            let result = try #require(try await bench.hospital.receive(causes: [id], from: "q.results").first)
            #expect(result.data["outcome"] == "delivered")
            let snapshot = try #require(await bench.ocean.snapshot().first { $0.reference == reference })
            #expect(snapshot.receiverFolder != .new)
            second.signal(SIGTERM)
            #expect(try await second.waitForEnd() == 0)
        }
    }
}
