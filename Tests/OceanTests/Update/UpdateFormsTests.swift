// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON
import Ocean
import Testing

/// Each accepted form of an update with the canonical updates that it means, and what Ocean is sent for them.
@Suite("Forms of updates")
struct UpdateFormsTests {
    /// `fhir/name` or `ocean-json/name` for every file there is.
    static let forms: [String] = ["fhir", "ocean-json"].flatMap { folder -> [String] in
        let path = GoldenFile.root() + "/Tests/Fixtures/updates/" + folder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0.dropLast(5) }
    }

    private func changes(_ form: String) throws -> [RequestedChange] {
        let message = Message(
            id: UpdateSamples.messageID, source: "/hospital", type: .updateRequested,
            subject: UpdateSamples.referral, time: Timestamp(milliseconds: 1_772_460_000_000),
            attributes: MessageAttributes(site: UpdateSamples.site),
            body: try GoldenFile.read("Tests/Fixtures/updates/\(form).json"))
        return try OceanUpdateReader().read(message).changes(since: UpdateSamples.context(.fhir0111).record)
    }

    @Test("there are samples")
    func present() { #expect(Self.forms.count >= 12) }

    @Test("the canonical updates are the golden file's", arguments: forms)
    func golden(form: String) throws {
        let list: [JSONValue] = try changes(form).map { change in
            ["part": .string(change.part), "isKnown": .bool(change.isKnown), "update": change.update.json]
        }
        let written = Array((JSONValue.array(list).text(.pretty) + "\n").utf8)
        let path = "Tests/Fixtures/golden/updates/canonical/\(form.replacing("/", with: "-")).json"
        #expect(try GoldenFile.content(path, replacedBy: written) == written)
    }

    @Test("each can be said to Ocean in both dialects that have the action", arguments: forms)
    func writable(form: String) throws {
        for dialect in [Dialect.fhir0100, .fhir0111] {
            for change in try changes(form) where UpdateEvent.code(for: change.update.action, in: dialect) != nil {
                _ = try OceanUpdateWriter().bundle(for: change.update, in: UpdateSamples.context(dialect))
            }
        }
    }
}
