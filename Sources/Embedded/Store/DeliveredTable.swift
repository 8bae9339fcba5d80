// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// What was delivered, to know a repetition of it.
enum DeliveredTable {
    static func add(_ content: DeliveredContent, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO delivered (stream, bundle, header, digest, source_time, delivered_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            content.stream, content.bundleID, content.headerID, content.digest, content.sourceTime.milliseconds,
            content.deliveredAt.milliseconds,
        ])
    }

    /// Newest first.
    static func recent(_ stream: String, _ db: Database) throws -> [DeliveredContent] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT bundle, header, digest, source_time, delivered_at FROM delivered WHERE stream = ?
                ORDER BY position DESC LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [stream, DeliveredContent.recalled]).map { row in
            DeliveredContent(
                stream: stream, bundleID: row[0], headerID: row[1], digest: row[2],
                sourceTime: Timestamp(milliseconds: row[3]), deliveredAt: Timestamp(milliseconds: row[4]))
        }
    }
}
