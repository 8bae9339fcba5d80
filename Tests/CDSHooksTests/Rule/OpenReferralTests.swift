// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import CDSHooks

@Suite("Rule: open referral")
struct OpenReferralTests {
    /// Answers as the stores do; the rule is run against a real store in the end-to-end tests.
    private struct Index: ReferralIndex {
        var records: [ReferralRecord] = []
        var fault: StoreError?

        func referrals(matching query: ReferralQuery, limit: Int) async throws(StoreError) -> [ReferralRecord] {
            if let fault { throw fault }
            return Array(
                records.filter { record in
                    (query.site == nil || query.site == record.site)
                        && (query.service == nil || query.service == record.service || query.service == record.listing)
                        && (query.patientKey == nil || query.patientKey == record.patientKey)
                        && (query.statuses.isEmpty || query.statuses.contains(record.status))
                }.prefix(limit))
        }

        func pruneReferrals(endedBefore before: Timestamp) async throws(StoreError) -> Int { 0 }
    }

    private func record(
        _ reference: String, _ status: ReferralStatus, service: String = "ORTHOPAEDICS", patient: String = "p"
    ) -> ReferralRecord {
        ReferralRecord(
            reference: reference, site: "1234", service: service, status: status.rawValue,
            sourceTime: Timestamp(milliseconds: 1_767_225_600_000), patientKey: patient)
    }

    private func cards(_ index: Index, _ adjust: (inout HookSubject) -> Void = { _ in }) async throws -> [Card] {
        var subject = RuleSubjects.subject()
        subject.patientKey = "p"
        adjust(&subject)
        return try await OpenReferralRule(index: index, source: RuleSubjects.source)
            .cards(for: subject, now: RuleSubjects.now)
    }

    @Test("an open referral is told with its state and day, without a name")
    func told() async throws {
        let cards = try await cards(Index(records: [record("other", .awaitingInformation)]))
        #expect(
            cards == [
                Card(
                    summary: "The patient already has an open referral to this service.",
                    detail: "- awaiting information, last changed on 2026-01-01 (UTC)", indicator: .warning,
                    source: RuleSubjects.source)
            ])
    }

    @Test("the referral itself and the one that it replaces are not counted")
    func itself() async throws {
        #expect(try await cards(Index(records: [record("own", .received)])) == [])
        let forwarded = try await cards(Index(records: [record("own", .received), record("former", .accepted)])) {
            var links = ReferralLinks()
            links.replaces = ["former"]
            $0.referral.links = links
        }
        #expect(forwarded == [])
    }

    @Test("ended referrals, other services, other sites and other patients are not counted")
    func others() async throws {
        let ended: [ReferralStatus] = [.declined, .cancelled, .completed, .forwarded, .draft, .external, .unknown]
        #expect(try await cards(Index(records: ended.map { record("r-\($0)", $0) })) == [])
        #expect(try await cards(Index(records: [record("a", .accepted, service: "IMAGING")])) == [])
        #expect(try await cards(Index(records: [record("a", .accepted, patient: "q")])) == [])
        #expect(try await cards(Index(records: [record("a", .accepted)])) { $0.site = "5678" } == [])
    }

    @Test("without a patient's key or a service nothing is asked")
    func nothingAsked() async throws {
        let index = Index(fault: StoreError(.unavailable, "must not be asked"))
        #expect(try await cards(index) { $0.patientKey = nil } == [])
        #expect(try await cards(index) { $0.service = nil } == [])
    }

    @Test("of many the last five are told")
    func many() async throws {
        let cards = try await cards(Index(records: (0..<9).map { record("r-\($0)", .accepted) }))
        #expect(cards.map(\.summary) == ["The patient already has several open referrals to this service."])
        #expect(cards.first?.detail?.split(separator: "\n").count == 6)
        #expect(cards.first?.detail?.hasSuffix("- and more") == true)
    }

    @Test("a store that fails is an error of its own, not silence")
    func fault() async throws {
        await #expect(throws: StoreError.self) { try await cards(Index(fault: StoreError(.unavailable, "locked"))) }
    }
}
