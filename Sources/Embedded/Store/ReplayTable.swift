// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// The staged replays.
enum ReplayTable {
    static func plan(_ entries: [ReplayEntry], _ db: Database) throws {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO replay (batch, message_id, lane, state, actor, reason, requested_at)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """)
        for entry in entries {
            try insert.execute(arguments: [
                entry.batch, entry.messageID, entry.lane, entry.state.rawValue, entry.actor, entry.reason,
                entry.requestedAt.milliseconds,
            ])
        }
    }

    static func unfinished(_ db: Database) throws -> [ReplayEntry] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT batch, message_id, lane, state, actor, reason, requested_at FROM replay
                WHERE state IN ('planned', 'published') ORDER BY position
                """)
        return try Row.fetchAll(statement).compactMap { row in
            ReplayEntry.State(rawValue: row[3]).map { state in
                ReplayEntry(
                    batch: row[0], messageID: row[1], lane: row[2], state: state, actor: row[4], reason: row[5],
                    requestedAt: Timestamp(milliseconds: row[6]))
            }
        }
    }

    static func advance(batch: String, messageID: String, to state: ReplayEntry.State, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE replay SET state = ? WHERE batch = ? AND message_id = ?")
            .execute(arguments: [state.rawValue, batch, messageID])
    }
}
