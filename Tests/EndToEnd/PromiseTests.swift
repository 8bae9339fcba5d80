// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Logging
import OceanBridge
import OceanSandbox
import Synchronization
import Testing

@Suite("The promise", .serialized, .timeLimit(.minutes(15)))
struct PromiseTests {
    private func post(
        _ world: BridgeUnderTest, _ body: [UInt8], to integration: String = "second",
        headers: [(String, String)] = []
    ) async throws -> HospitalSide.Answer {
        try await HospitalSide.call(
            "POST", "\(world.bridge)/ocean/\(integration)",
            headers: [("Content-Type", "application/fhir+json; charset=utf-8")] + headers, body: body)
    }

    @Test("what is no payload of Ocean's stands in the invalid lane, and is answered 202", arguments: BusKind.allCases)
    func invalidLane(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            let bodies = [#"{"hello":"world"}"#, #"{"resourceType":"Bundle","type":"message","entry":[]}"#]
            for body in bodies {
                let answer = try await post(world, Array(body.utf8))
                #expect(answer.status == 202)
            }
            let kept = try await world.hospital.receive(2, from: "ocean.invalid")
            #expect(kept.map { String(decoding: $0.message.body, as: UTF8.self) }.sorted() == bodies.sorted())
            #expect(kept.allSatisfy { $0.message.headers["x-reason"] != nil })
            let broken = try await post(world, Array("{".utf8))
            #expect(broken.status == 400)
        }
    }

    @Test("the trace of the webhook reaches the hospital's message", arguments: BusKind.allCases)
    func trace(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            let event = #"{"ref":"0190f0e2-7a51-7cde-8f00-0123456789ab","siteNum":"1234","type":"x"}"#
            // Not known to the pretend Ocean: the thin event ends as a dead letter, with its trace.
            let answer = try await HospitalSide.call(
                "POST", "\(world.bridge)/ocean/openapi",
                headers: [
                    ("Content-Type", "application/json"), ("Authorization", "Basic b2NlYW46aG9vay1wYXNzd29yZA=="),
                    ("traceparent", "00-\(trace)-00f067aa0ba902b7-01"),
                ], body: Array(event.utf8))
            #expect(answer.status == 202, "\(answer.text)")
            let letter = try await world.hospital.receive(1, from: "ocean.dead-letters")
            #expect(letter.first?.message.trace?.traceID == trace)
            #expect(letter.first?.message.headers["x-reason"] != nil)
        }
    }

    @Test("Ocean answering 503 is tried again in place, and order is kept", arguments: BusKind.allCases)
    func retried(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            var plan = FaultPlan()
            plan.processMessages = Fault(status: 503, times: 3)
            world.ocean.arm(plan)
            for action in [UpdateAction.accept, .decline, .reopen, .complete] {
                try await world.hospital.send(
                    ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: action))
            }
            let results = try await world.hospital.receive(4, from: "q.results")
            #expect(results.map { $0.data["action"] } == ["accept", "decline", "reopen", "complete"])
            #expect(results.first?.data["attempts"] == 4)
            let snapshot = try #require(await world.ocean.snapshot().first { $0.reference == reference })
            #expect(snapshot.receiverFolder == .completed)
        }
    }

    @Test(
        "an update of a former receiver is refused in words, and stands as a dead letter", arguments: BusKind.allCases)
    func refused(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results], key: "*.*.refused")
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            let update = ReferralUpdate(referral: reference, site: BridgeUnderTest.otherSite, action: .accept)
            try await world.hospital.send(update)
            let result = try #require(try await world.hospital.receive(1, from: "q.results").first)
            #expect(result.data["outcome"] == "refused")
            #expect(result.data["explanation"]?.stringValue?.isEmpty == false)
            #expect(try await world.hospital.receive(1, from: "ocean.dead-letters").count == 1)
        }
    }

    @Test("no patient stands in a log line, a header, a routing key or a metric", arguments: BusKind.allCases)
    func secrecy(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            var canaries: Set<String> = []
            var envelopes = ""
            for listing in [
                BridgeUnderTest.listing0111, BridgeUnderTest.listing0100, BridgeUnderTest.listingJSON,
            ] {
                try await world.ocean.send(.backPain, to: listing)
                let received = try #require(try await world.hospital.receive(1, from: "q.canonical").first)
                let patient = received.data["referral"]?["patient"]
                for value in [
                    patient?["names"]?[0]?["family"], patient?["healthNumber"]?["value"],
                    patient?["telecom"]?[0]?["value"],
                ] {
                    if let text = value?.stringValue { canaries.insert(text) }
                }
                var envelope = received.message
                envelope.body = []
                envelopes += "\(envelope)"
            }
            try #require(canaries.count >= 3)
            let metrics = try await world.hospital.get("/metrics").text
            #expect(metrics.contains("ocean_bridge_queue_messages"))
            for canary in canaries {
                #expect(!world.log.text.contains(canary))
                #expect(!envelopes.contains(canary))
                #expect(!metrics.contains(canary))
            }
        }
    }
}

@Suite("Start-up", .serialized, .timeLimit(.minutes(15)))
struct StartTests {
    @Test("the demo plays its round and everything arrives")
    func demo() async throws {
        let lines = Mutex<[String]>([])
        let complete = try await Demo(port: 0, once: true, keep: false) { line in lines.withLock { $0.append(line) } }
            .run()
        #expect(complete, "\(lines.withLock { $0.joined(separator: "\n") })")
    }

    @Test(
        "with the broker down from the start, webhooks and updates are accepted if the spool is on, and delivered later",
        .timeLimit(.minutes(15)), arguments: [true, false])
    func brokerDown(_ spools: Bool) async throws {
        let broker = try await RabbitMQBroker.start()
        let url = broker.address + "/%2f"
        try await broker.kill()
        try await withTemporaryDirectory { directory in
            let text = BridgeUnderTest.settings(
                directory: directory, bus: url, ocean: "http://127.0.0.1:9", publicPort: 0, operationsPort: 0,
                extra: "spool: { enabled: \(spools) }")
            let settings = try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
            let ports = BoundPorts()
            let log = LogCapture()
            let process = BridgeProcess(
                settings: settings, logger: Logger(label: "test") { _ in log.handler() }, handlesSignals: false
            ) { await ports.set($0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await process.run() }
                let bound = try await ports.both()
                let hospital = HospitalSide(address: "http://127.0.0.1:\(bound.operationsPort)")
                let posted = try await HospitalSide.call(
                    "POST", "http://127.0.0.1:\(bound.publicPort)/ocean/second",
                    headers: [("Content-Type", "application/json")], body: Array(#"{"a":1}"#.utf8))
                #expect(posted.status == (spools ? 202 : 503))
                let update = ReferralUpdate(referral: "ref-1", site: BridgeUnderTest.otherSite, action: .accept)
                let updated = try await HospitalSide.call(
                    "POST", hospital.address + "/api/v1/updates", headers: [("Content-Type", "application/json")],
                    body: update.json.bytes())
                #expect(updated.status == (spools ? 202 : 503))
                if spools {
                    let early = try await hospital.untilReady()
                    #expect(early.json?["status"] == "ready")
                    #expect(early.json?["reasons"]?[0]?["name"] == "bus")
                    #expect(early.json?["reasons"]?[0]?["reason"]?.stringValue?.hasPrefix("spooling") == true)
                    #expect(try await hospital.get("/metrics").text.contains("ocean_bridge_spool_messages 2"))
                } else {
                    let early = try await hospital.get("/readyz")
                    #expect(early.status == 503)
                    #expect(early.json?["reasons"]?[0]?["name"] == "bus")
                }
                try await broker.restart()
                _ = try await hospital.untilReady(withoutReasons: true)
                if spools {
                    let kept = try await hospital.receive(1, from: "ocean.invalid")
                    #expect(kept.first?.message.id == posted.json?["id"]?.stringValue)
                    // Ocean is away here: the update is with its worker, or waits for it.
                    #expect(try await hospital.get("/metrics").text.contains("ocean_bridge_spool_messages 0"))
                }
                await process.stop()
                try await group.waitForAll()
            }
        }
        try await broker.kill()
    }

    @Test("the files in docs that the program makes are up to date")
    func generated() throws {
        let page = String(decoding: try Fixture.bytes("../../docs/configuration.md"), as: UTF8.self)
        #expect(page.contains(settingsReference()), "run: ocean-bridge config reference, into docs/configuration.md")
    }
}
