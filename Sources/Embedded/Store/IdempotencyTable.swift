// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// Leases on idempotency keys.
enum IdempotencyTable {
    static func lease(
        key: String, holder: String, now: Timestamp, until: Timestamp, _ db: Database
    ) throws -> LeaseOutcome {
        if let row = try row(key, db) {
            if let done = row.done { return .done(at: done) }
            if row.until > now, row.holder != holder { return .held(until: row.until, by: row.holder) }
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO idempotency (key, holder, leased_until, done_at, aged_from) VALUES (?, ?, ?, NULL, ?)
                ON CONFLICT DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until,
                    aged_from = excluded.aged_from
                """
        ).execute(arguments: [key, holder, until.milliseconds, until.milliseconds])
        return .acquired
    }

    static func seize(
        key: String, from dead: String, holder: String, until: Timestamp, _ db: Database
    ) throws -> Bool {
        guard let row = try row(key, db), row.holder == dead, row.done == nil else { return false }
        try db.cachedStatement(
            sql: "UPDATE idempotency SET holder = ?, leased_until = ?, aged_from = ? WHERE key = ?"
        ).execute(arguments: [holder, until.milliseconds, until.milliseconds, key])
        return true
    }

    /// Done twice by the same holder is done once: its first answer may have been lost.
    static func complete(key: String, holder: String, now: Timestamp, _ db: Database) throws {
        guard let row = try row(key, db), row.holder == holder else { throw notHolder }
        guard row.done == nil else { return }
        try db.cachedStatement(sql: "UPDATE idempotency SET done_at = ?, aged_from = ? WHERE key = ?")
            .execute(arguments: [now.milliseconds, now.milliseconds, key])
    }

    /// A key that nobody holds is free already; one that is done stays done.
    static func release(key: String, holder: String, _ db: Database) throws {
        guard let row = try row(key, db) else { return }
        guard row.holder == holder, row.done == nil else { throw notHolder }
        try db.cachedStatement(sql: "DELETE FROM idempotency WHERE key = ?").execute(arguments: [key])
    }

    private static let notHolder = StoreError(
        .notHolder, "the idempotency key is leased to another holder or done: look at the message again")

    private static func row(
        _ key: String, _ db: Database
    ) throws -> (holder: String, until: Timestamp, done: Timestamp?)? {
        let statement = try db.cachedStatement(
            sql: "SELECT holder, leased_until, done_at FROM idempotency WHERE key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key]) else { return nil }
        let done: Int64? = row[2]
        return (row[0], Timestamp(milliseconds: row[1]), done.map { Timestamp(milliseconds: $0) })
    }
}
