// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// The fields that partners send and the bridge cannot place.
enum LossTable {
    static let schema = """
        CREATE TABLE loss (
            partner TEXT NOT NULL,
            -- empty: the partner's list is full, and that was told
            path TEXT NOT NULL,
            first_at INTEGER NOT NULL,
            PRIMARY KEY (partner, path)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX loss_age ON loss (first_at);
        """

    static func learn(
        _ paths: [String], of partner: String, limit: Int, now: Timestamp, _ db: Database
    ) throws -> LossLesson {
        let count = try db.cachedStatement(sql: "SELECT count(*) FROM loss WHERE partner = ? AND path <> ''")
        let held = try Int.fetchOne(count, arguments: [partner]) ?? 0
        var room = limit - held
        let known = try db.cachedStatement(sql: "SELECT 1 FROM loss WHERE partner = ? AND path = ?")
        let insert = try db.cachedStatement(
            sql: "INSERT INTO loss (partner, path, first_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        var new: [String] = []
        for path in paths where !path.isEmpty {
            guard try Int.fetchOne(known, arguments: [partner, path]) == nil else { continue }
            guard room > 0 else {
                try insert.execute(arguments: [partner, "", now.milliseconds])
                return LossLesson(new: new, isNewlyFull: db.changesCount > 0)
            }
            try insert.execute(arguments: [partner, path, now.milliseconds])
            room -= 1
            new.append(path)
        }
        return LossLesson(new: new, isNewlyFull: false)
    }

    static func paths(of partner: String, _ db: Database) throws -> [String] {
        let statement = try db.cachedStatement(
            sql: "SELECT path FROM loss WHERE partner = ? AND path <> '' ORDER BY path")
        return try String.fetchAll(statement, arguments: [partner])
    }

    static func newest(limit: Int, _ db: Database) throws -> [KnownLoss] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT partner, path, first_at FROM loss WHERE path <> ''
                ORDER BY first_at DESC, partner, path LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [limit]).map { row in
            KnownLoss(partner: row[0], path: row[1], firstSeen: Timestamp(milliseconds: row[2]))
        }
    }
}
