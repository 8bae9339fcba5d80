// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// Leases on idempotency keys.
enum IdempotencyTable {
    static func claim(_ claim: Claim, _ db: Database) throws -> Claimed {
        let row = try row(claim.key, db)
        if let row {
            if let done = row.done { return Claimed(.done(at: done, note: row.note)) }
            if row.until > claim.now, row.holder != claim.holder {
                return Claimed(.held(until: row.until, by: row.holder))
            }
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO idempotency (key, holder, leased_until, done_at, aged_from, note)
                VALUES (?, ?, ?, NULL, ?, ?)
                ON CONFLICT DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until,
                    aged_from = excluded.aged_from, note = coalesce(note, excluded.note)
                """
        ).execute(arguments: [
            claim.key, claim.holder, claim.until.milliseconds, claim.until.milliseconds, claim.note,
        ])
        let outcome = row?.note.map { LeaseOutcome.resumed(note: $0) } ?? .acquired
        return Claimed(outcome, recent: try claim.stream.map { try DeliveredTable.recent($0, db) } ?? [])
    }

    /// - Returns: another note than `expected` that stands on the key; nil when `note` was written.
    static func note(
        _ note: String, on key: String, holder: String, replacing expected: String?, _ db: Database
    ) throws -> String? {
        guard let row = try row(key, db), row.holder == holder, row.done == nil else { throw notHolder }
        if let standing = row.note, standing != expected { return standing }
        try db.cachedStatement(sql: "UPDATE idempotency SET note = ? WHERE key = ?").execute(arguments: [note, key])
        return nil
    }

    static func note(of key: String, _ db: Database) throws -> String? {
        try row(key, db)?.note
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
    static func complete(
        key: String, holder: String, now: Timestamp, delivered: DeliveredContent?, _ db: Database
    ) throws {
        guard let row = try row(key, db), row.holder == holder else { throw notHolder }
        guard row.done == nil else { return }
        if let delivered { try DeliveredTable.add(delivered, db) }
        try db.cachedStatement(sql: "UPDATE idempotency SET done_at = ?, aged_from = ? WHERE key = ?")
            .execute(arguments: [now.milliseconds, now.milliseconds, key])
    }

    /// A key that nobody holds is free already; one that is done stays done.
    static func release(key: String, holder: String, _ db: Database) throws {
        guard let row = try row(key, db) else { return }
        guard row.holder == holder, row.done == nil else { throw notHolder }
        let free =
            row.note == nil
            ? "DELETE FROM idempotency WHERE key = ?" : "UPDATE idempotency SET leased_until = 0 WHERE key = ?"
        try db.cachedStatement(sql: free).execute(arguments: [key])
    }

    private static let notHolder = StoreError(
        .notHolder, "the idempotency key is leased to another holder or done: look at the message again")

    private static func row(
        _ key: String, _ db: Database
    ) throws -> (holder: String, until: Timestamp, done: Timestamp?, note: String?)? {
        let statement = try db.cachedStatement(
            sql: "SELECT holder, leased_until, done_at, note FROM idempotency WHERE key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key]) else { return nil }
        let done: Int64? = row[2]
        return (row[0], Timestamp(milliseconds: row[1]), done.map { Timestamp(milliseconds: $0) }, row[3])
    }
}
