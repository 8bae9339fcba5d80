// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// The digests by which a form finds its referral.
enum MatchKeyTable {
    static let schema = """
        CREATE TABLE referral_match_key (
            reference TEXT NOT NULL,
            rule TEXT NOT NULL,
            key TEXT NOT NULL,
            PRIMARY KEY (reference, rule)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX referral_match ON referral_match_key (key);
        """

    /// Takes the key as its argument.
    static let condition = "reference IN (SELECT reference FROM referral_match_key WHERE key = ?)"

    static func read(_ reference: String, _ db: Database) throws -> [String: String] {
        let statement = try db.cachedStatement(sql: "SELECT rule, key FROM referral_match_key WHERE reference = ?")
        var output: [String: String] = [:]
        for row in try Row.fetchAll(statement, arguments: [reference]) {
            let rule: String = row[0]
            output[rule] = row[1]
        }
        return output
    }

    static func write(_ keys: [String: String], of reference: String, _ db: Database) throws {
        // Mostly they are as they were.
        guard try read(reference, db) != keys else { return }
        try remove(reference, db)
        let insert = try db.cachedStatement(
            sql: "INSERT INTO referral_match_key (reference, rule, key) VALUES (?, ?, ?)")
        for (rule, key) in keys { try insert.execute(arguments: [reference, rule, key]) }
    }

    static func remove(_ reference: String, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM referral_match_key WHERE reference = ?")
            .execute(arguments: [reference])
    }
}
