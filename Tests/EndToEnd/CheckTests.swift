// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import OceanBridge
import OceanSandbox
import Testing

@Suite("ocean-bridge check beside a running bridge", .serialized, .timeLimit(.minutes(15)))
struct CheckTests {
    private func findings(
        _ world: BridgeUnderTest, directory: String, bus: String, integrations: String = "", secret: String? = nil
    ) async throws -> [ConnectionCheck.Finding] {
        func port(_ address: String) -> Int { address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }
        var text = BridgeUnderTest.settings(
            directory: directory, bus: bus, ocean: try await world.ocean.address(), publicPort: port(world.bridge),
            operationsPort: port(world.hospital.address))
        text = text.replacing("public: {", with: "public: { url: \"\(world.bridge)\", ")
        if let secret { text = text.replacing("clientSecret: hook-secret", with: "clientSecret: \(secret)") }
        if !integrations.isEmpty { text = text.replacing("  second: {", with: "  \(integrations)\n  second: {") }
        return await ConnectionCheck(
            settings: try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
        ).run()
    }

    @Test("the credentials of each site are proved, and the webhooks lead to this bridge with each integration's own")
    func good() async throws {
        try await withTemporaryDirectory { directory in
            try await runBridge(directory: directory, bus: "embedded") { world in
                let found = try await findings(world, directory: directory, bus: "embedded")
                #expect(found.filter { $0.verdict == .bad }.isEmpty, "\(found)")
                for site in ["1234", "5678"] {
                    #expect(found.contains { $0.part == "site \(site)" && $0.verdict == .good })
                }
                for name in ["ereferral", "openapi", "forms", "second"] {
                    let lines = found.filter { $0.part == "webhook \(name)" }.map(\.description)
                    #expect(lines.contains { $0.contains("leads to this bridge") }, "\(lines)")
                    let word =
                        name == "second" ? "from everybody" : "takes the integration's credentials, refuses others"
                    #expect(lines.contains { $0.contains(word) }, "\(lines)")
                }
                // Nothing of it was taken for a message.
                for lane in [BusNames.invalid, BusNames.deadLetters] {
                    let answer = try await HospitalSide.call(
                        "POST", "\(world.hospital.address)/api/v1/queues/\(lane)/receive?max=1&wait=0")
                    #expect(answer.json?["messages"]?.arrayValue?.isEmpty ?? true)
                }
            }
        }
    }

    @Test("a secret that the running bridge does not have, and an integration that it does not know, are told")
    func changed() async throws {
        try await withTemporaryDirectory { directory in
            try await runBridge(directory: directory, bus: "embedded") { world in
                let found = try await findings(
                    world, directory: directory, bus: "embedded",
                    integrations: "newer: { kind: ereferral-fhir, site: \"1234\", auth: { none: true } }",
                    secret: "another-secret")
                let token = try #require(found.first { $0.part == "webhook ereferral" && $0.verdict == .bad })
                #expect(token.message.contains("/oauth2/token answered 401"))
                let unknown = try #require(found.first { $0.part == "webhook newer" })
                #expect(unknown.verdict == .bad)
                #expect(unknown.message.contains("restart it after changing the settings"))
            }
        }
    }
}
