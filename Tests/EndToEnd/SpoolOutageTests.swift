// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Foundation
import JSON
import Logging
import OceanBridge
import Testing

@Suite("The spool in a whole bridge", .serialized, .timeLimit(.minutes(15)))
struct SpoolOutageTests {
    /// Nobody listens there.
    private static let nowhere = "amqp://guest:guest@127.0.0.1:9/%2f"

    @Test("the broker is killed under load: every webhook is answered 202 and arrives, in order per referral")
    func outage() async throws {
        let broker = try await RabbitMQBroker.start()
        try await withTemporaryDirectory { directory in
            try await runBridge(directory: directory, bus: broker.address + "/%2f") { world in
                try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
                try await broker.settle()
                let accepted = Accepted()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for lane in 0..<6 {
                        group.addTask {
                            for number in 0..<30 {
                                let answer = try await WebhookLoad.post(world.bridge, lane: lane, number: number)
                                #expect(answer.status == 202, "\(answer.text)")
                                if let id = answer.json?["id"]?.stringValue { accepted.add(id, lane: lane) }
                            }
                        }
                    }
                    group.addTask {
                        try await accepted.wait(for: 40)
                        try await broker.kill()
                        // In the middle of the outage the spool does its work.
                        try await accepted.wait(for: 110)
                        try await broker.restart()
                    }
                    try await group.waitForAll()
                }
                let ids = accepted.all
                #expect(accepted.count == 180)
                let received = try await world.hospital.receive(
                    causes: Set(ids.values.joined()), from: "q.canonical")
                for (lane, expected) in ids {
                    var seen: Set<String> = []
                    let order = received.filter { $0.message.subject == WebhookLoad.reference(lane) }
                        .compactMap(\.message.attributes.causationID).filter { seen.insert($0).inserted }
                    #expect(order == expected, "lane \(lane)")
                }
                // A duplicate of the spool is known by its id: the hospital sees each event under one id only.
                #expect(received.count == 180)
                let metrics = try await world.hospital.get("/metrics").text
                #expect(metrics.contains("ocean_bridge_spool_spooled_total"))
                #expect(world.log.text.contains("spooling began"))
                for canary in WebhookLoad.canaries { #expect(!world.log.text.contains(canary)) }
                _ = try await world.hospital.untilReady(withoutReasons: true)
            }
        }
        try await broker.kill()
    }

    @Test("a full spool is answered 503 with Retry-After, and not ready")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            let extra = "spool: { maximumBytes: 67108864 }"
            try await runBridge(directory: directory, bus: Self.nowhere, extra: extra) { world in
                let body = Array((#"{"a":""# + String(repeating: "x", count: 9 << 20) + #""}"#).utf8)
                var statuses: [Int] = []
                for _ in 0..<8 {
                    let answer = try await HospitalSide.call(
                        "POST", "\(world.bridge)/ocean/second", headers: [("Content-Type", "application/json")],
                        body: body)
                    statuses.append(answer.status)
                    if answer.status == 503 { #expect(answer.headers["retry-after"] != nil) }
                }
                #expect(statuses == Array(repeating: 202, count: 7) + [503])
                let ready = try await world.hospital.get("/readyz")
                #expect(ready.status == 503)
                #expect(ready.text.contains("the spool takes no more"))
                #expect(try await world.hospital.get("/metrics").text.contains("ocean_bridge_spool_messages 7"))
            }
        }
    }

    @Test("with a key file no patient stands in the spool's files", arguments: [true, false])
    func sealed(_ isSealed: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let key = directory + "/key"
            _ = FileManager.default.createFile(
                atPath: key, contents: Data((0..<32).map { UInt8($0 * 5) }), attributes: [.posixPermissions: 0o600])
            let extra = isSealed ? "spool: { keyFile: \"\(key)\" }" : ""
            try await runBridge(directory: directory, bus: Self.nowhere, extra: extra) { world async throws in
                for number in 0..<3 {
                    #expect(try await WebhookLoad.post(world.bridge, lane: 0, number: number).status == 202)
                }
                for canary in WebhookLoad.canaries {
                    #expect(Self.files(directory + "/spool.sqlite", hold: canary) == !isSealed)
                }
            }
            for canary in WebhookLoad.canaries {
                #expect(Self.files(directory + "/spool.sqlite", hold: canary) == !isSealed)
            }
        }
    }

    private static func files(_ path: String, hold text: String) -> Bool {
        ["", "-wal"].contains { suffix in
            (FileManager.default.contents(atPath: path + suffix) ?? Data()).range(of: Data(text.utf8)) != nil
        }
    }

    @Test("check and start name a wrong key file and the remedy")
    func wrongKey() async throws {
        try await withTemporaryDirectory { directory in
            let key = directory + "/key"
            _ = FileManager.default.createFile(
                atPath: key, contents: Data((0..<32).map { UInt8($0 * 5) }), attributes: [.posixPermissions: 0o644])
            let text = BridgeUnderTest.settings(
                directory: directory, bus: Self.nowhere, ocean: "http://127.0.0.1:9", publicPort: 0, operationsPort: 0,
                extra: "spool: { keyFile: \"\(key)\" }")
            let settings = try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
            let finding = try #require(await ConnectionCheck(settings: settings).run().first { $0.part == "spool" })
            #expect(!finding.isGood)
            #expect(finding.message.contains("chmod 600 \(key)"))
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let error = await #expect(throws: StartError.self) {
                try await BridgeProcess(settings: settings, logger: quiet, handlesSignals: false).run()
            }
            #expect(error?.part == "spool")
        }
    }
}
