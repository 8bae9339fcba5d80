// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import BridgeTestKit
import Foundation
import JSON
import NIOCore
import NIOHTTP1
import OceanBridge

/// Calls of a CDS service with every built-in rule and a full 0.11.1 bundle, 200 a second whatever the answers take
/// (open loop), against the composed bridge on loopback. The goal is a p99 of its own time of at most 50 ms.
///
/// The caller shares the processors with the bridge, and its times count from when a call was due.
enum CDSBenchmark {
    private static let callsPerSecond = 200
    private static let seconds = 20
    private static let warmUp = 400
    private static let site = "4821"

    static func run() async throws {
        let body = try body().bytes()
        print(
            """
            \(callsPerSecond) calls/s for \(seconds) s, open loop, \(body.count) bytes each, all built-in rules, \
            \(ProcessInfo.processInfo.activeProcessorCount) cores
            """)
        print("goal: p99 of the bridge's own time at most 50 ms")
        try await withTemporaryDirectory { directory in
            try await withBridge(directory) { service, operations in
                try await HTTPClient.withHTTPClient(configuration: .benchmark) { client in
                    let caller = Caller(client: client, url: service, body: body)
                    _ = await load(caller, calls: warmUp)
                    let before = try await OwnTime(client, operations)
                    let report = await load(caller, calls: callsPerSecond * seconds)
                    let own = try await OwnTime(client, operations).since(before)
                    report.print()
                    print("bridge:  \(own.text)")
                    guard report.errors == 0, own.calls == callsPerSecond * seconds else {
                        throw Failure(
                            description:
                                "\(report.errors) calls failed, \(own.calls) of \(callsPerSecond * seconds) counted")
                    }
                }
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: The bridge

    private static func withBridge(
        _ directory: String, _ body: @escaping @Sendable (_ service: String, _ operations: String) async throws -> Void
    ) async throws {
        for (name, text) in files {
            try text.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
        }
        let settings = """
            sites: { "\(site)": { oauth: { clientId: benchmark, clientSecret: benchmark } } }
            cds:
              services:
                benchmark:
                  description: All rules.
                  site: "\(site)"
                  rules: [required-answers, health-number, open-referral, listing-state, exclusion-criteria]
                  auth: { header: { name: X-Key, value: benchmark } }
              rules:
                requiredAnswers: { file: "\(directory)/required.json" }
                listingState: { file: "\(directory)/state.json" }
                exclusionCriteria: { file: "\(directory)/criteria.json" }
            bus: { url: embedded, partitions: 1 }
            dataDirectory: "\(directory)"
            http: { public: { address: "127.0.0.1:0" }, operations: { address: "127.0.0.1:0" } }
            roles: ingress,responder,console
            log: { level: error }
            """
        let (ports, input) = AsyncStream.makeStream(of: BridgeProcess.Ports.self)
        let process = BridgeProcess(
            settings: try Settings(SettingsValues(yaml: (settings, "benchmark.yaml"), environment: [:])),
            // It also makes the process's metrics system, which must be there before the routes.
            logger: Observability.logger(level: "error"), handlesSignals: false
        ) { input.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { input.finish() }
                try await process.run()
            }
            var open: Int?
            var own: Int?
            for await port in ports {
                open = port.publicListener ?? open
                own = port.operationsListener ?? own
                if let open, let own {
                    try await body("http://127.0.0.1:\(open)/cds-services/benchmark", "http://127.0.0.1:\(own)")
                    break
                }
            }
            await process.stop()
            try await group.waitForAll()
        }
    }

    private static let files = [
        "required.json":
            #"{"services": [{"service": "*", "answers": [{"linkId": "driver_licence", "label": "Licence"}]}]}"#,
        "state.json":
            #"{"longestWait": {"weeks": 4}, "services": [{"service": "*", "wait": {"weeks": 12}}]}"#,
        "criteria.json": #"""
        {"services": [{"service": "*", "criteria": [{"id": "a", "text": "Adults over 60 with syncope.",
         "when": {"all": [{"age": {"greaterThan": 60}}, {"answer": {"linkId": "cond_other", "contains": "syncope"}}]}}]}]}
        """#,
    ]

    // MARK: The load

    /// A call of order-sign as Ocean makes it.
    private static func body() throws -> JSONValue {
        let bundle = try JSONValue(parsing: Fixture.bytes("ocean-fhir/0.11.1/add-service-request.json"))
        return [
            "hook": "order-sign", "hookInstance": "00000000-0000-4000-8000-000000000000",
            "context": [
                "userId": "Practitioner/benchmark", "patientId": "benchmark", "encounterId": "benchmark",
                "draftOrders": ["resourceType": "Bundle", "type": "collection", "entry": []],
            ],
            "prefetch": ["v11Bundle": bundle],
        ]
    }

    private struct Caller: Sendable {
        let client: HTTPClient
        let url: String
        let body: [UInt8]

        /// Whether it was answered with cards: an overrun is answered with none.
        func call() async -> Outcome {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.headers.add(name: "X-Key", value: "benchmark")
            request.body = .bytes(ByteBuffer(bytes: body))
            do {
                let response = try await client.execute(request, timeout: .seconds(10))
                let answer = try await response.body.collect(upTo: 1 << 20)
                guard response.status == .ok,
                    let cards = try JSONValue(parsing: Array(answer.readableBytesView))["cards"]?.arrayValue
                else { return .failed }
                return cards.isEmpty ? .overrun : .cards
            } catch {
                return .failed
            }
        }
    }

    private enum Outcome {
        case cards, overrun, failed
    }

    /// What the caller saw.
    private struct Report: Sendable {
        var milliseconds: [Double] = []
        var errors = 0
        var overruns = 0

        func print() {
            let sorted = milliseconds.sorted()
            func percentile(_ share: Double) -> String {
                guard !sorted.isEmpty else { return "-" }
                let place = min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)
                return String(format: "%.1f", sorted[max(0, place)])
            }
            Swift.print(
                """
                caller:  p50 \(percentile(0.5)) ms, p95 \(percentile(0.95)) ms, p99 \(percentile(0.99)) ms, \
                max \(percentile(1)) ms, of \(sorted.count) calls; errors \(errors), overruns \(overruns)
                """)
        }
    }

    /// Every call starts when it is due, also when earlier ones are not answered.
    private static func load(_ caller: Caller, calls: Int) async -> Report {
        let clock = ContinuousClock()
        let start = clock.now + .milliseconds(50)
        return await withTaskGroup(of: (Outcome, Double).self) { group in
            for number in 0..<calls {
                let due = start + .seconds(1) * number / callsPerSecond
                try? await clock.sleep(until: due, tolerance: .zero)
                group.addTask {
                    let outcome = await caller.call()
                    return (outcome, (clock.now - due) / .milliseconds(1))
                }
            }
            var report = Report()
            for await (outcome, milliseconds) in group {
                report.milliseconds.append(milliseconds)
                switch outcome {
                case .cards: break
                case .overrun: report.overruns += 1
                case .failed: report.errors += 1
                }
            }
            return report
        }
    }
}

/// The bridge's own histogram of the time from the whole request to the answer.
private struct OwnTime {
    /// Calls at or below each bound in seconds, the last one infinite.
    private var buckets: [(bound: Double, count: Double)] = []

    /// Reads `ocean_bridge_cds_seconds` at `/metrics`.
    init(_ client: HTTPClient, _ operations: String) async throws {
        let response = try await client.execute(
            HTTPClientRequest(url: operations + "/metrics"), timeout: .seconds(10))
        let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
        for line in text.split(separator: "\n") where line.hasPrefix("ocean_bridge_cds_seconds_bucket{") {
            guard let from = line.range(of: "le=\""),
                let to = line.range(of: "\"", range: from.upperBound..<line.endIndex),
                let count = line.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            let bound = line[from.upperBound..<to.lowerBound]
            buckets.append((bound == "+Inf" ? .infinity : Double(bound) ?? .infinity, count))
        }
    }

    /// What came after `earlier`.
    func since(_ earlier: OwnTime) -> OwnTime {
        var output = self
        for (place, bucket) in earlier.buckets.enumerated() where place < buckets.count {
            output.buckets[place].count -= bucket.count
        }
        return output
    }

    var calls: Int { Int(buckets.last?.count ?? 0) }

    private func percentile(_ share: Double) -> String {
        let wanted = Double(calls) * share
        guard calls > 0, let bound = buckets.first(where: { $0.count >= wanted })?.bound else { return "-" }
        return bound.isFinite ? "≤ \(String(format: "%g", bound * 1000)) ms" : "above all bounds"
    }

    var text: String {
        """
        p50 \(percentile(0.5)), p95 \(percentile(0.95)), p99 \(percentile(0.99)), max \(percentile(1)), \
        of \(calls) calls (bounds of the histogram)
        """
    }
}

extension HTTPClient.Configuration {
    /// More connections than calls that can be under way.
    fileprivate static var benchmark: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return configuration
    }
}
