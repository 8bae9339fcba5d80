// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("What a site lets be sent", .timeLimit(.minutes(15)))
struct SitePolicyTests {
    private func settings(_ change: (inout SitePolicy) -> Void) -> Publisher.Settings {
        var policy = SitePolicy()
        change(&policy)
        var settings = PublisherBench.settings
        settings.sites = ["1234": policy]
        return settings
    }

    @Test("an action that is switched off is refused with the setting's name and never sent; others and other sites go")
    func denied() async throws {
        let bench = PublisherBench(settings: settings { $0.denied = [.forward, .decline] }) { _, _ in nil }
        #expect(await bench.handle(Update.message("u1", action: .decline)) == .done)
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .refused)
        #expect(result.reason == "action-switched-off")
        #expect(result.explanation?.contains("sites.1234.actions.deny") == true)
        #expect(result.remedy?.isEmpty == false)
        #expect(bench.ocean.calls.isEmpty)
        let letter = try #require(bench.bus.published(to: "ocean.dead-letters").first)
        #expect(letter.headers["x-reason"] == .string("action-switched-off"))
        #expect(letter.headers["x-detail"]?.text.contains("sites.1234.actions.deny") == true)
        #expect(bench.store.doneKeys.isEmpty, "once the action is switched on, the same update can be sent")

        await bench.handle(Update.message("u2", action: .accept))
        await bench.handle(Update.message("u3", ref: "ref-2", site: "77", action: .decline))
        #expect(bench.ocean.calls.count == 2)
    }

    @Test("with a list of allowed actions all others are refused; what is denied stays denied")
    func allowed() async throws {
        let bench = PublisherBench(
            settings: settings {
                $0.allowed = [.message, .book]
                $0.denied = [.book]
            }
        ) { _, _ in nil }
        for (index, action) in [UpdateAction.message, .accept, .book].enumerated() {
            await bench.handle(Update.message("u\(index)", action: action))
        }
        #expect(bench.ocean.calls.count == 1)
        let refused = try bench.results().filter { $0.outcome == .refused }
        #expect(refused.map(\.action) == [.accept, .book])
        #expect(refused[0].explanation?.contains("sites.1234.actions.allow") == true)
        #expect(refused[1].explanation?.contains("sites.1234.actions.deny") == true)
    }

    @Test("every action can be switched off", arguments: UpdateAction.allCases)
    func everyAction(_ action: UpdateAction) async throws {
        let bench = PublisherBench(settings: settings { $0.allowed = [] }) { _, _ in nil }
        await bench.handle(Update.message("u1", action: action))
        #expect(bench.ocean.calls.isEmpty)
        #expect(try bench.results().map(\.reason) == ["action-switched-off"])
    }

    @Test("a dry run renders the exact bundle into the result and does nothing else")
    func dryRun() async throws {
        let rehearsing = PublisherBench(settings: settings { $0.isDryRun = true }, writer: JSONWriter()) { _, _ in nil }
        #expect(await rehearsing.handle(Update.message("u1", key: "k")) == .done)
        #expect(rehearsing.ocean.calls.isEmpty)
        #expect(rehearsing.bus.published(to: "ocean.dead-letters").isEmpty)
        #expect(rehearsing.store.doneKeys.isEmpty)
        #expect(!rehearsing.journal.lines.contains("remember"), "no echo is to be expected")
        #expect(rehearsing.bus.routingKeys(of: "ocean.results") == ["1234.unknown.dry-run"])
        #expect(rehearsing.bus.published.first?.message.type == .updateDryRun)
        let result = try #require(try rehearsing.results().first)
        #expect(result.outcome == .dryRun)
        #expect(result.attempts == 0)

        let sending = PublisherBench(writer: JSONWriter()) { _, _ in nil }
        await sending.handle(Update.message("u1", key: "k"))
        #expect(result.bundle?.bytes() == sending.ocean.calls.first?.body)
    }

    @Test("an update that cannot be written is refused in a dry run too")
    func dryRunRefusal() async throws {
        let bench = PublisherBench(settings: settings { $0.isDryRun = true }) { _, _ in nil }
        await bench.handle(Update.message("u1", action: .redirect))
        #expect(try bench.results().map(\.outcome) == [.refused])
    }

    @Test("a rendering is what would be sent, with what is known of the referral, and says what prevents it")
    func rendering() async throws {
        let record = ReferralRecord(
            reference: "ref-1", site: "1234", dialect: "0.10.0", status: "received",
            sourceTime: Timestamp(milliseconds: 1))
        let rehearsal = UpdateRehearsal(
            reader: PlainReader(), writer: PlainWriter(), settings: settings { $0.denied = [.accept] },
            record: { (reference) async throws(StoreError) in reference == "ref-1" ? record : nil })
        let known = try #require(try await rehearsal.render(Update.message("u1")).first)
        #expect(String(decoding: known.bundle, as: UTF8.self) == "0.10.0|ref-1|u1")
        #expect(known.dialect == .fhir0100)
        #expect(known.knowsReferral)
        #expect(known.preventedBy == "sites.1234.actions.deny")
        let unknown = try #require(
            try await rehearsal.render(Update.message("u2", ref: "ref-2", action: .message)).first)
        #expect(!unknown.knowsReferral)
        #expect(unknown.preventedBy == nil)
        await #expect(throws: TranslationError.self) {
            _ = try await rehearsal.render(Update.message("u3", action: .redirect))
        }
    }
}

/// A bundle that is JSON.
struct JSONWriter: UpdateWriter {
    func bundle(for update: ReferralUpdate, in context: UpdateContext) throws(TranslationError) -> OutgoingBundle {
        let body: JSONValue = [
            "resourceType": "Bundle", "id": .string(context.messageID), "n": .number(JSONNumber(17)),
            "referral": .string(update.referral),
        ]
        return OutgoingBundle(
            body: body.bytes(), event: "notify-update-status", fingerprints: ["fp"], appointmentID: nil)
    }
}
