// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Foundation
import JSON
import Testing

/// Ocean asks, the bridge answers: from a file, from a queue, and from a hospital service behind either bus.
@Suite("Data sources in a whole bridge", .timeLimit(.minutes(4)))
struct DataSourceTests {
    private static func extra(_ directory: String) -> String {
        """
        dataSources:
          catalogue: { file: "\(directory)/catalogue.json", auth: { none: true }, cors: { origins: "https://ocean.cognisantmd.com" } }
          wait-times: { queue: hospital.wait-times, cacheSeconds: 0, auth: { basic: { username: ocean, password: p } } }
          beds: { request: beds, timeout: 5s, cacheSeconds: 0, staleWhileError: 0s, auth: { none: true } }
          slots: { request: slots, timeout: 300ms, cacheSeconds: 0, auth: { oauth2: { clientId: forms, clientSecret: s } }, allowParameters: true, parameters: "service" }
        """
    }

    private func withBridge(
        _ kind: BusKind, _ body: @escaping @Sendable (BridgeUnderTest, _ directory: String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try Data("{\"v\":1}".utf8).write(to: URL(fileURLWithPath: directory + "/catalogue.json"))
            switch kind {
            case .embedded:
                try await runBridge(directory: directory, bus: "embedded", extra: Self.extra(directory)) {
                    try await body($0, directory)
                }
            case .rabbitmq:
                try await RabbitMQBroker.shared().withVirtualHost { url in
                    try await runBridge(directory: directory, bus: url, extra: Self.extra(directory)) {
                        try await body($0, directory)
                    }
                }
            }
        }
    }

    private func get(
        _ world: BridgeUnderTest, _ path: String, _ headers: [(String, String)] = []
    ) async throws -> HospitalSide.Answer {
        try await HospitalSide.call("GET", world.bridge + "/data-sources/" + path, headers: headers)
    }

    /// Asks again until the answer is as wanted; the test's time limit ends a vain wait.
    private func until(
        _ world: BridgeUnderTest, _ path: String, _ headers: [(String, String)] = [], text: String
    ) async throws {
        while try await get(world, path, headers).text != text { try await Task.sleep(for: .milliseconds(50)) }
    }

    @Test("a file is served and its change is seen; a broken one changes nothing", arguments: BusKind.allCases)
    func file(_ kind: BusKind) async throws {
        try await withBridge(kind) { world, directory in
            try await until(world, "catalogue", text: "{\"v\":1}")
            let file = URL(fileURLWithPath: directory + "/catalogue.json")
            try Data("{\"v\":".utf8).write(to: file)
            while !world.log.text.contains("data source did not take what came") {
                try await Task.sleep(for: .milliseconds(50))
            }
            let answer = try await get(world, "catalogue")
            #expect(answer.status == 200)
            #expect(answer.text == "{\"v\":1}")
            try Data("{\"v\":22}".utf8).write(to: file)
            try await until(world, "catalogue", text: "{\"v\":22}")
            let tag = try #require(try await get(world, "catalogue").headers["etag"])
            #expect(try await get(world, "catalogue", [("If-None-Match", tag)]).status == 304)
        }
    }

    @Test("the last message of a queue is served, put there over HTTP", arguments: BusKind.allCases)
    func queue(_ kind: BusKind) async throws {
        try await withBridge(kind) { world, directory in
            let credentials = [("Authorization", "Basic b2NlYW46cA==")]
            #expect(try await get(world, "wait-times").status == 401)
            #expect(try await get(world, "wait-times", credentials).status == 503)
            let address = world.hospital.address + "/api/v1/data-sources/wait-times"
            for number in 1...3 {
                // The source declares its queue on its own time.
                while true {
                    let put = try await HospitalSide.call("PUT", address, body: Array("[\(number)]".utf8))
                    if put.status == 202 { break }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            try await until(world, "wait-times", credentials, text: "[3]")
            let kept = try String(contentsOfFile: directory + "/data-sources/wait-times.json", encoding: .utf8)
            #expect(kept == "[3]")
        }
    }

    @Test("a hospital service answers over HTTP, behind either bus", arguments: BusKind.allCases)
    func request(_ kind: BusKind) async throws {
        try await withBridge(kind) { world, _ in
            // Nobody listens yet.
            #expect(try await get(world, "beds").status == 503)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let base = world.hospital.address + "/api/v1"
                    while !Task.isCancelled {
                        let answer = try await HospitalSide.call(
                            "POST", base + "/queues/ocean.requests.beds/receive?max=5&wait=5")
                        for entry in answer.json?["messages"]?.arrayValue ?? [] {
                            let id = entry["message"]?["id"]?.stringValue ?? ""
                            #expect(entry["message"]?["data"]?["source"] == "beds")
                            let sent = try await HospitalSide.call(
                                "POST", base + "/requests/\(id)/answer",
                                headers: [("Content-Type", "application/json")],
                                body: Array("{\"free\":3}".utf8))
                            #expect(sent.status == 202)
                        }
                    }
                }
                try await until(world, "beds", text: "{\"free\":3}")
                let answer = try await get(world, "beds")
                #expect(answer.status == 200)
                #expect(answer.headers["age"] == "0")
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
            let metrics = try await HospitalSide.call("GET", world.hospital.address + "/metrics").text
            #expect(metrics.contains("ocean_bridge_questions_total{"))
            #expect(metrics.contains("outcome=\"answered\""))
        }
    }

    @Test("a service that listens and never answers costs its time and 504", arguments: BusKind.allCases)
    func never(_ kind: BusKind) async throws {
        try await withBridge(kind) { world, _ in
            let token = try await HospitalSide.call(
                "POST", world.bridge + "/oauth2/token",
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("grant_type=client_credentials&client_id=forms&client_secret=s".utf8))
            let bearer = [("Authorization", "Bearer \(token.json?["access_token"]?.stringValue ?? "")")]
            #expect(try await get(world, "slots?service=knee").status == 401)
            let queue = world.hospital.address + "/api/v1/queues/ocean.requests.slots/receive?lease=1"
            // Listens, and answers nothing.
            _ = try await HospitalSide.call("POST", queue)
            let start = ContinuousClock.now
            #expect(try await get(world, "slots?service=knee", bearer).status == 504)
            #expect(ContinuousClock.now - start >= .milliseconds(300))
            #expect(try await get(world, "slots?other=1", bearer).status == 400)
        }
    }
}
