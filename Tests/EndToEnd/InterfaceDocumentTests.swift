// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Foundation
import OceanBridge
import Testing
import Yams

@Suite("The interface documents", .timeLimit(.minutes(15)))
struct InterfaceDocumentTests {
    private static func document(_ name: String) throws -> [String: Any] {
        let text = try String(contentsOfFile: Fixture.path("../../docs/" + name), encoding: .utf8)
        return try #require(try Yams.load(yaml: text) as? [String: Any], "\(name) is no mapping")
    }

    private static func map(_ value: Any?) -> [String: Any] { value as? [String: Any] ?? [:] }

    /// `POST /a/{}`: the names of parameters do not count.
    private static func plain(_ route: String) -> String {
        route.replacing(#/\{[^}]*\}|\*/#, with: "{}")
    }

    private static func documented() throws -> [(method: String, path: String)] {
        let methods = ["get", "post", "put", "delete", "patch"]
        return try map(document("openapi.yaml")["paths"]).flatMap { path, item in
            map(item).keys.filter(methods.contains).map { (method: $0.uppercased(), path: path) }
        }
    }

    /// A bridge that serves everything there is.
    private static func withEverything(
        _ body: @Sendable @escaping (BridgeUnderTest) async throws -> Void
    ) async throws {
        let extra = """
            cds: { services: { check: { description: d, rules: [health-number], auth: { none: true } } } }
            launch:
              booking:
                companyName: Invented Hospital
                applicationName: Booking
                category: Scheduling
                url: "https://booking.hospital.example/start"
                auth: { basic: { username: booking, password: booking-password } }
            """
        try await withTemporaryDirectory { directory in
            try await runBridge(directory: directory, bus: "embedded", extra: extra, body)
        }
    }

    @Test("openapi.yaml names every path and method that the listeners serve, and no other")
    func http() async throws {
        try await Self.withEverything { world in
            let written = Set(try Self.documented().map { Self.plain("\($0.method) \($0.path)") })
            let served = Set(world.log.text.matches(of: #/serves ([A-Z]+ \/\S*)/#).map { Self.plain(String($0.1)) })
                .filter { !$0.hasPrefix("OPTIONS ") }
            #expect(!served.isEmpty)
            #expect(written.subtracting(served).sorted() == [])
            #expect(served.subtracting(written).sorted() == [])
        }
    }

    @Test("each documented path answers its methods, and 405 with Allow to others")
    func methods() async throws {
        try await Self.withEverything { world in
            for (path, routes) in Dictionary(grouping: try Self.documented(), by: \.path) {
                let place = path.replacing(#/\{[^}]*\}/#, with: "x")
                var answers: [Int] = []
                for base in [world.bridge, world.hospital.address] {
                    let answer = try await HospitalSide.call("PATCH", base + place)
                    answers.append(answer.status)
                    guard answer.status == 405 else { continue }
                    let allowed = Set((answer.headers["allow"] ?? "").split(separator: ", ").map { String($0) })
                    #expect(allowed.isSuperset(of: routes.map(\.method)), "\(path)")
                }
                #expect(answers.sorted() == [404, 405], "\(path)")
            }
        }
    }

    @Test("asyncapi.yaml names every exchange, every side lane and every type of message, and schemas that exist")
    func bus() throws {
        let document = try Self.document("asyncapi.yaml")
        let addresses = Set(Self.map(document["channels"]).values.compactMap { Self.map($0)["address"] as? String })
        #expect(
            addresses == [
                BusNames.inbound, BusNames.updates, BusNames.documents, BusNames.forms, BusNames.hospitalFHIR,
                BusNames.hospitalOcean, BusNames.hospitalCanonical, BusNames.results, BusNames.deadLetters,
                BusNames.invalid, BusNames.unrouted, BusNames.request("{name}"), "{queue}",
            ])
        let messages = Self.map(Self.map(document["components"])["messages"])
        let names = Set(messages.values.compactMap { Self.map($0)["name"] as? String })
        #expect(names == Set(MessageType.all.map(\.rawValue)).union(["any"]))
        for message in messages.values {
            guard let reference = Self.map(Self.map(message)["payload"])["$ref"] as? String else { continue }
            #expect(FileManager.default.fileExists(atPath: Fixture.path("../../docs/" + reference)), "\(reference)")
        }
    }
}
