// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// Attempts and suspects.
enum HistoryTable {
    static func read(_ key: String, _ db: Database) throws -> AttemptHistory? {
        let statement = try db.cachedStatement(
            sql: "SELECT failures, first_at, last_at, reason FROM history WHERE key = ? AND failures > 0")
        guard let row = try Row.fetchOne(statement, arguments: [key]) else { return nil }
        return AttemptHistory(
            failures: row[0], firstAt: Timestamp(milliseconds: row[1]), lastAt: Timestamp(milliseconds: row[2]),
            reason: row[3])
    }

    static func noteFailure(of key: String, reason: String, now: Timestamp, _ db: Database) throws -> AttemptHistory {
        try db.cachedStatement(
            sql: """
                INSERT INTO history (key, failures, first_at, last_at, reason, begun, touched_at)
                VALUES (:key, 1, :now, :now, :reason, 0, :now)
                ON CONFLICT DO UPDATE SET failures = failures + 1,
                    first_at = CASE failures WHEN 0 THEN excluded.first_at ELSE first_at END,
                    last_at = excluded.last_at, reason = excluded.reason, touched_at = excluded.touched_at
                """
        ).execute(arguments: ["key": key, "now": now.milliseconds, "reason": reason])
        return try read(key, db) ?? AttemptHistory(failures: 1, firstAt: now, lastAt: now, reason: reason)
    }

    static func begin(_ key: String, now: Timestamp, _ db: Database) throws -> Int {
        try db.cachedStatement(
            sql: """
                INSERT INTO history (key, failures, first_at, last_at, reason, begun, touched_at)
                VALUES (:key, 0, :now, :now, '', 1, :now)
                ON CONFLICT DO UPDATE SET begun = begun + 1, touched_at = excluded.touched_at
                """
        ).execute(arguments: ["key": key, "now": now.milliseconds])
        let begun = try db.cachedStatement(sql: "SELECT begun FROM history WHERE key = ?")
        return try Int.fetchOne(begun, arguments: [key]) ?? 1
    }

    static func end(_ key: String, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE history SET begun = 0 WHERE key = ?").execute(arguments: [key])
        try db.cachedStatement(sql: "DELETE FROM history WHERE key = ? AND failures = 0").execute(arguments: [key])
    }

    static func forget(_ key: String, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM history WHERE key = ?").execute(arguments: [key])
    }
}
