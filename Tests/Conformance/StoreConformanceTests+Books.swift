// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

extension StoreConformanceTests {
    @Test("failures are counted over restarts and forgotten on request", arguments: StoreUnderTest.all)
    func histories(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            #expect(try await store.history(of: "publisher|q|m-1") == nil)
            #expect(
                try await store.noteFailure(of: "publisher|q|m-1", reason: "service", now: Self.start)
                    == AttemptHistory(failures: 1, firstAt: Self.start, lastAt: Self.start, reason: "service"))
            _ = try await store.noteFailure(of: "publisher|q|m-2", reason: "service", now: Self.start)
        } then: { store async throws in
            let second = try await store.noteFailure(of: "publisher|q|m-1", reason: "timeout", now: Self.later(9))
            #expect(
                second == AttemptHistory(failures: 2, firstAt: Self.start, lastAt: Self.later(9), reason: "timeout"))
            #expect(try await store.history(of: "publisher|q|m-1") == second)
            try await store.forgetHistory(of: "publisher|q|m-1")
            #expect(try await store.history(of: "publisher|q|m-1") == nil)
            #expect(try await store.history(of: "publisher|q|m-2")?.failures == 1)
        }
    }

    @Test("a suspect begun and not ended is counted, in another process too", arguments: StoreUnderTest.all)
    func suspects(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            #expect(try await store.begin(suspect: "k", now: Self.start) == 1)
            #expect(try await store.history(of: "k") == nil)
        } then: { store async throws in
            #expect(try await store.begin(suspect: "k", now: Self.later(1)) == 2)
            let failed = try await store.noteFailure(of: "k", reason: "service", now: Self.later(2))
            #expect(
                failed
                    == AttemptHistory(
                        failures: 1, firstAt: Self.later(2), lastAt: Self.later(2), reason: "service"))
            #expect(try await store.begin(suspect: "k", now: Self.later(3)) == 3)
            try await store.end(suspect: "k")
            #expect(try await store.history(of: "k")?.failures == 1)
            #expect(try await store.begin(suspect: "k", now: Self.later(4)) == 1)
            try await store.forgetHistory(of: "k")
            #expect(try await store.begin(suspect: "k", now: Self.later(5)) == 1)
            try await store.end(suspect: "unknown")
        }
    }

    private static func entry(_ id: String, batch: String = "b-1", at seconds: Int = 0) -> ReplayEntry {
        ReplayEntry(
            batch: batch, messageID: id, lane: BusNames.deadLetters, state: .planned, actor: "operator",
            reason: "Ocean was mended", requestedAt: later(seconds))
    }

    @Test("a replay goes through its stages and is carried on after a restart", arguments: StoreUnderTest.all)
    func replays(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.plan([Self.entry("m-2"), Self.entry("m-1"), Self.entry("m-3")])
            try await store.plan([Self.entry("m-1", batch: "b-2", at: 1)])
            try await store.advance(batch: "b-1", messageID: "m-2", to: .published)
            try await store.advance(batch: "b-1", messageID: "m-1", to: .done)
            // Asked again because the answer was lost: what was done stays done.
            try await store.plan([Self.entry("m-1")])
        } then: { store async throws in
            var published = Self.entry("m-2")
            published.state = .published
            #expect(
                try await store.unfinishedReplays()
                    == [published, Self.entry("m-3"), Self.entry("m-1", batch: "b-2", at: 1)])
            try await store.advance(batch: "b-1", messageID: "m-3", to: .failed)
            try await store.advance(batch: "b-1", messageID: "m-2", to: .done)
            try await store.advance(batch: "b-9", messageID: "m-2", to: .planned)
            #expect(try await store.unfinishedReplays().map(\.identity) == ["b-2:m-1"])
        }
    }

    @Test("audit events come newest first and outlive the process", arguments: StoreUnderTest.all)
    func audit(_ adapter: StoreUnderTest) async throws {
        let events = (0..<5).map { number in
            AuditEvent(
                at: Self.later(number / 2), actor: "operator", action: "dead-letter.show",
                referral: number == 0 ? nil : "ref-\(number)", messageID: number == 1 ? nil : "m-\(number)",
                reason: "asked by the clinic, case \(number)")
        }
        try await adapter.run { store async throws in
            for event in events { try await store.record(event) }
        } then: { store async throws in
            #expect(try await store.auditEvents(limit: 10) == events.reversed())
            #expect(try await store.auditEvents(limit: 2) == [events[4], events[3]])
        }
    }

    @Test("referrals are found by every side of the query, last changed first", arguments: StoreUnderTest.all)
    func index(_ adapter: StoreUnderTest) async throws {
        func record(
            _ number: Int, site: String = "1234", service: String? = nil, listing: String? = nil, status: String,
            patient: String? = nil
        ) -> ReferralRecord {
            ReferralRecord(
                reference: "ref-\(number)", site: site, listing: listing, service: service, status: status,
                sourceTime: Self.later(number), appointmentIDs: ["a-\(number)", "b"], resources: [0x7B, 0x7D],
                patientKey: patient)
        }
        let records = [
            record(1, service: "cardiology", status: "received", patient: "p-1"),
            record(2, listing: "cardiology", status: "accepted"),
            record(3, site: "9", service: "cardiology", status: "completed", patient: "p-1"),
            record(4, service: "oncology", status: "booked", patient: "p-2"),
        ]
        try await adapter.run { store async throws in
            for record in records { try await store.save(record) }
        } then: { store async throws in
            @Sendable func find(_ query: ReferralQuery, limit: Int = 10) async throws -> [String] {
                try await store.referrals(matching: query, limit: limit).map(\.reference)
            }
            #expect(try await store.referrals(matching: ReferralQuery(), limit: 10) == records.reversed())
            #expect(try await find(ReferralQuery(), limit: 2) == ["ref-4", "ref-3"])
            #expect(try await find(ReferralQuery(site: "1234")) == ["ref-4", "ref-2", "ref-1"])
            #expect(try await find(ReferralQuery(service: "cardiology")) == ["ref-3", "ref-2", "ref-1"])
            #expect(try await find(ReferralQuery(statuses: ["received", "booked"])) == ["ref-4", "ref-1"])
            #expect(try await find(ReferralQuery(patientKey: "p-1")) == ["ref-3", "ref-1"])
            #expect(try await find(ReferralQuery(changedSince: Self.later(3))) == ["ref-4", "ref-3"])
            #expect(
                try await find(
                    ReferralQuery(
                        site: "1234", service: "cardiology", statuses: ["received"], patientKey: "p-1",
                        changedSince: Self.later(1))) == ["ref-1"])
            #expect(try await find(ReferralQuery(site: "' OR 1=1 --")).isEmpty)
            var changed = records[0]
            changed.sourceTime = Self.later(99)
            changed.patientKey = "p-3"
            try await store.save(changed)
            #expect(try await find(ReferralQuery(patientKey: "p-3")) == ["ref-1"])
            #expect(try await find(ReferralQuery(patientKey: "p-1")) == ["ref-3"])
        }
    }

    @Test(
        "a referral is found by each of its match keys, by those of its last state only", arguments: StoreUnderTest.all)
    func matchKeys(_ adapter: StoreUnderTest) async throws {
        @Sendable func record(_ number: Int, site: String = "1234", keys: [String: String]) -> ReferralRecord {
            ReferralRecord(
                reference: "ref-\(number)", site: site, status: "received", sourceTime: Self.later(number),
                matchKeys: keys)
        }
        try await adapter.run { store async throws in
            try await store.save(record(1, keys: ["mrn": "a", "name": "n"]))
            try await store.save(record(2, keys: ["name": "n"]))
            try await store.save(record(3, site: "9", keys: ["name": "n"]))
            try await store.save(record(4, keys: [:]))
        } then: { store async throws in
            @Sendable func find(_ key: String) async throws -> [String] {
                try await store.referrals(matching: ReferralQuery(site: "1234", matchKey: key), limit: 10)
                    .map(\.reference)
            }
            #expect(try await find("a") == ["ref-1"])
            #expect(try await find("n") == ["ref-2", "ref-1"])
            #expect(try await find("name").isEmpty)
            #expect(try await store.referral("ref-1")?.matchKeys == ["mrn": "a", "name": "n"])
            var changed = record(1, keys: ["mrn": "b"])
            changed.sourceTime = Self.later(99)
            try await store.save(changed)
            #expect(try await find("a").isEmpty)
            #expect(try await find("b") == ["ref-1"])
            #expect(try await find("n") == ["ref-2"])
        }
    }

    @Test("only ended referrals that rest are pruned", arguments: StoreUnderTest.all)
    func pruneReferrals(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            let statuses = ReferralStatus.allCases.map(\.rawValue)
            for (number, status) in statuses.enumerated() {
                for (name, time) in [("old", 10), ("new", 100)] {
                    try await store.save(
                        ReferralRecord(
                            reference: "\(name)-\(status)", site: "1", status: status,
                            sourceTime: Self.later(time + number), appointmentIDs: ["a"]))
                }
            }
            let ended = ["declined", "cancelled", "completed"]
            #expect(try await store.pruneReferrals(endedBefore: Self.later(100)) == ended.count)
            for status in statuses {
                #expect(try await (store.referral("old-\(status)") == nil) == ended.contains(status))
                #expect(try await store.referral("new-\(status)") != nil)
            }
        }
    }

    @Test("pruning takes old histories and finished replays, never what waits", arguments: StoreUnderTest.all)
    func pruneBooks(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.park(Self.parked("m-1"), nextAttempt: Self.start)
            _ = try await store.noteFailure(of: "old", reason: "service", now: Self.start)
            _ = try await store.noteFailure(of: "kept", reason: "service", now: Self.start)
            _ = try await store.noteFailure(of: "kept", reason: "service", now: Self.later(100))
            _ = try await store.begin(suspect: "old suspect", now: Self.start)
            for (id, state) in [
                ("planned", ReplayEntry.State.planned), ("published", .published), ("done", .done), ("failed", .failed),
            ] {
                try await store.plan([Self.entry(id)])
                try await store.advance(batch: "b-1", messageID: id, to: state)
            }
            #expect(try await store.prune(before: Self.later(100)) == 4)
            #expect(try await store.history(of: "old") == nil)
            #expect(try await store.history(of: "kept")?.failures == 2)
            #expect(try await store.begin(suspect: "old suspect", now: Self.later(200)) == 1)
            #expect(try await store.unfinishedReplays().map(\.messageID) == ["planned", "published"])
            #expect(try await store.parkedCount() == (1, 1))
        }
    }
}
