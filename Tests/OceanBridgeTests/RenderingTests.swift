// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import JSON
import Testing

@testable import OceanBridge

@Suite("send --dry-run", .timeLimit(.minutes(15)))
struct RenderingTests {
    private static func settings(_ directory: String, _ site: String = "{}") throws -> Settings {
        // Port 1: nobody listens there, so the command looks into the store itself.
        let text = """
            ocean: { host: "http://127.0.0.1:9" }
            sites: { "1234": \(site) }
            dataDirectory: "\(directory)"
            http: { operations: { address: "127.0.0.1:1" } }
            """
        return try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
    }

    private static let update = ReferralUpdate(referral: "ref-1", site: "1234", action: .accept)

    @Test("the bundle is written as the stored referral asks for")
    func stored() async throws {
        try await withTemporaryDirectory { directory in
            let settings = try Self.settings(directory)
            let store = try settings.makeStore(Observability.logger(level: "critical"))
            _ = try await store.save(
                ReferralRecord(
                    reference: "ref-1", site: "1234", dialect: "0.10.0", status: "received",
                    sourceTime: Timestamp(milliseconds: 1)))
            await store.shutdown()
            let rendered = try await UpdateSender(settings: settings).render(Self.update.json.bytes())
            let bundle = try JSONValue(parsing: rendered.bundle)
            #expect(bundle["resourceType"] == "Bundle")
            #expect(rendered.notes.first?.contains("dialect 0.10.0") == true)
            #expect(rendered.notes.count == 1)
        }
    }

    @Test("without a store nothing is known, nothing is made, and it says so; so it does when the settings prevent it")
    func unknown() async throws {
        try await withTemporaryDirectory { directory in
            let settings = try Self.settings(directory + "/none", "{ actions: { deny: accept } }")
            let rendered = try await UpdateSender(settings: settings).render(Self.update.json.bytes())
            #expect(rendered.notes.contains { $0.contains("does not know this referral") })
            #expect(rendered.notes.contains { $0.contains("sites.1234.actions.deny") })
            #expect(rendered.notes[0].contains("does not exist"))
            let again = try Self.settings(directory + "/none")
            #expect(SettingsValues.contents(ofFile: again.storePath) == nil)
        }
    }

    @Test("what cannot be read is bad data")
    func unreadable() async throws {
        try await withTemporaryDirectory { directory in
            let sender = UpdateSender(settings: try Self.settings(directory))
            let error = await #expect(throws: SendError.self) { _ = try await sender.render(Array("{}".utf8)) }
            #expect(error?.isBadData == true)
        }
    }
}
