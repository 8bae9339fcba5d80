// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import GRDB
import JSON

/// The open launches: a few minutes of them at most.
enum LaunchTable {
    static let schema = """
        CREATE TABLE launch (
            key TEXT NOT NULL PRIMARY KEY,
            application TEXT NOT NULL,
            expires_at INTEGER NOT NULL,
            challenge TEXT,
            -- JSON: list of references; the launch as its message has it, null once it was used
            claims BLOB,
            launch BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX launch_age ON launch (expires_at);
        """

    private static let pruneRows = 500

    static func keep(_ ticket: LaunchTicket, limit: Int, now: Timestamp, _ db: Database) throws {
        let count = try db.cachedStatement(sql: "SELECT count(*) FROM launch WHERE expires_at > ?")
        guard try Int.fetchOne(count, arguments: [now.milliseconds]) ?? 0 < limit else {
            throw StoreError(.full, "\(limit) launches within the life of a handle: is somebody flooding the address?")
        }
        _ = try prune(now: now, db)
        try db.cachedStatement(
            sql: """
                INSERT INTO launch (key, application, expires_at, challenge, claims, launch)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            ticket.key, ticket.application, ticket.expiresAt.milliseconds, ticket.challenge,
            Data(JSONValue.array(ticket.claims.map { .string($0) }).bytes()), Data(ticket.launch.json.bytes()),
        ])
    }

    static func redeem(
        _ key: String, application: String, now: Timestamp, _ db: Database
    ) throws -> LaunchRedemption {
        let statement = try db.cachedStatement(
            sql: """
                SELECT expires_at, challenge, claims, launch FROM launch
                WHERE key = ? AND application = ? AND expires_at > ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [key, application, now.milliseconds]) else {
            return .unknown
        }
        guard let launch = launch(row[3]) else { return .used }
        let claims: Data? = row[2]
        let ticket = LaunchTicket(
            key: key, application: application, challenge: row[1],
            claims: claims.map { texts($0) } ?? [], launch: launch, expiresAt: Timestamp(milliseconds: row[0]))
        try db.cachedStatement(
            sql: "UPDATE launch SET challenge = NULL, claims = NULL, launch = NULL WHERE key = ?"
        ).execute(arguments: [key])
        return .granted(ticket)
    }

    /// - Returns: rows removed, at most a few hundred.
    static func prune(now: Timestamp, _ db: Database) throws -> Int {
        try db.cachedStatement(
            sql: "DELETE FROM launch WHERE key IN (SELECT key FROM launch WHERE expires_at <= ? LIMIT ?)"
        ).execute(arguments: [now.milliseconds, pruneRows])
        return db.changesCount
    }

    private static func launch(_ data: Data?) -> LaunchRequested? {
        guard let data, let json = try? JSONValue(parsing: [UInt8](data)) else { return nil }
        var unknown: [JSONPointer] = []
        return try? LaunchRequested(json: json, at: .root, unknown: &unknown)
    }

    private static func texts(_ data: Data) -> [String] {
        ((try? JSONValue(parsing: [UInt8](data)))?.arrayValue ?? []).compactMap(\.stringValue)
    }
}
