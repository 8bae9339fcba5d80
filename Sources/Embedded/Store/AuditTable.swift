// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// Who did what.
enum AuditTable {
    static func record(_ event: AuditEvent, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO audit (at, actor, action, referral, message_id, reason) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            event.at.milliseconds, event.actor, event.action, event.referral, event.messageID, event.reason,
        ])
    }

    static func newest(limit: Int, _ db: Database) throws -> [AuditEvent] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT at, actor, action, referral, message_id, reason FROM audit
                ORDER BY at DESC, position DESC LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [max(0, limit)]).map { row in
            AuditEvent(
                at: Timestamp(milliseconds: row[0]), actor: row[1], action: row[2], referral: row[3],
                messageID: row[4], reason: row[5])
        }
    }
}
