// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import GRDB
import Testing

@testable import Embedded

@Suite("State file of an older version", .timeLimit(.minutes(15)))
struct StateMigrationTests {
    /// The tables as version 0.1 made them, word for word.
    private static let first = """
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations (identifier) VALUES ('1 keys, fingerprints and referrals');
        CREATE TABLE idempotency (
            key TEXT NOT NULL PRIMARY KEY,
            holder TEXT NOT NULL,
            leased_until INTEGER NOT NULL,
            done_at INTEGER,
            aged_from INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX idempotency_age ON idempotency (aged_from);
        CREATE TABLE fingerprint (
            referral TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            PRIMARY KEY (referral, fingerprint)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX fingerprint_age ON fingerprint (sent_at);
        CREATE TABLE referral (
            reference TEXT NOT NULL PRIMARY KEY,
            site TEXT NOT NULL,
            listing TEXT,
            service TEXT,
            dialect TEXT,
            status TEXT NOT NULL,
            source_time INTEGER NOT NULL,
            resources BLOB
        ) STRICT;
        CREATE TABLE appointment (
            reference TEXT NOT NULL,
            position INTEGER NOT NULL,
            id TEXT NOT NULL,
            PRIMARY KEY (reference, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE probe (filler BLOB NOT NULL) STRICT;
        INSERT INTO idempotency VALUES ('done', 'a', 1767225660000, 1767225630000, 1767225630000);
        INSERT INTO idempotency VALUES ('leased', 'a', 1767225660000, NULL, 1767225660000);
        INSERT INTO fingerprint VALUES ('ref-1', 'task:accepted', 1767225600000);
        INSERT INTO referral VALUES
            ('ref-1', '1234', 'l-1', 'cardiology', '0.11.1', 'accepted', 1767225600000, x'7B7D');
        INSERT INTO appointment VALUES ('ref-1', 0, 'a-1'), ('ref-1', 1, 'a-2');
        """

    @Test("keeps its data and takes what is new")
    func first() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.sqlite"
            let old = try DatabaseQueue(path: path)
            try await old.write { db in try db.execute(sql: Self.first) }
            try old.close()
            let now = Timestamp(milliseconds: 1_767_225_640_000)
            let record = ReferralRecord(
                reference: "ref-1", site: "1234", listing: "l-1", service: "cardiology", dialect: "0.11.1",
                status: "accepted", sourceTime: Timestamp(milliseconds: 1_767_225_600_000),
                appointmentIDs: ["a-1", "a-2"], resources: [0x7B, 0x7D])
            let lane = Lane(stage: "publisher", key: "ref-1")
            var secrets: Set<[UInt8]> = []
            for round in 0..<2 {
                let store = try SQLiteStateStore(path: path, logger: .quiet)
                #expect(try await store.referral("ref-1") == record)
                #expect(try await store.referrals(matching: ReferralQuery(site: "1234"), limit: 5) == [record])
                #expect(
                    try await store.lease(key: "done", holder: "b", now: now, until: now)
                        == .done(at: Timestamp(milliseconds: 1_767_225_630_000)))
                #expect(
                    try await store.lease(key: "leased", holder: "b", now: now, until: now)
                        == .held(until: Timestamp(milliseconds: 1_767_225_660_000), by: "a"))
                #expect(
                    try await store.isRemembered(
                        fingerprint: "task:accepted", referral: "ref-1", since: Timestamp(milliseconds: 0)))
                try await store.park(
                    ParkedMessage(
                        lane: lane, message: sample("m-\(round)"), queue: "q", routingKey: "ref-1", reason: "service",
                        attempts: 1, firstAttempt: now, parkedAt: now), nextAttempt: now)
                #expect(try await store.parkedCount() == (1, round + 1))
                secrets.insert(try await store.patientSecret())
                await store.shutdown()
            }
            #expect(secrets.count == 1)
        }
    }

    @Test("audit events go after their own time, which is longer")
    func audit() async throws {
        try await withTemporaryDirectory { directory in
            let clock = ManualClock()
            let store = try SQLiteStateStore(
                path: directory + "/state.sqlite", auditKeep: .seconds(1000), clock: clock, logger: .quiet)
            let event = AuditEvent(
                at: clock.now(), actor: "operator", action: "dead-letter.show", referral: nil, messageID: "m-1",
                reason: "asked by the clinic")
            try await store.record(event)
            clock.advance(by: .seconds(1000))
            #expect(try await store.prune(before: clock.now()) == 0)
            #expect(try await store.auditEvents(limit: 5) == [event])
            clock.advance(by: .seconds(1))
            #expect(try await store.prune(before: clock.now()) == 1)
            #expect(try await store.auditEvents(limit: 5).isEmpty)
            await store.shutdown()
        }
    }
}
