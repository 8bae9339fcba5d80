// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Removes what is old, a bounded number of rows a transaction, so that others get their turn.
enum PruneStep {
    private static let rows = 500

    /// - Parameters:
    ///   - before: milliseconds since 1970, for keys, fingerprints, deliveries, histories and finished replays.
    ///   - auditBefore: the same for audit events.
    /// - Returns: rows removed; 0 when nothing is left to remove.
    static func run(before: Int64, auditBefore: Int64, _ db: Database) throws -> Int {
        var removed = 0
        for (sql, limit) in [
            (
                """
                DELETE FROM idempotency WHERE key IN
                    (SELECT key FROM idempotency WHERE aged_from < ? ORDER BY aged_from LIMIT ?)
                """, before
            ),
            (
                """
                DELETE FROM fingerprint WHERE (referral, fingerprint) IN
                    (SELECT referral, fingerprint FROM fingerprint WHERE sent_at < ? ORDER BY sent_at LIMIT ?)
                """, before
            ),
            (
                """
                DELETE FROM delivered WHERE position IN
                    (SELECT position FROM delivered WHERE delivered_at < ? ORDER BY delivered_at LIMIT ?)
                """, before
            ),
            (
                """
                DELETE FROM history WHERE key IN
                    (SELECT key FROM history WHERE touched_at < ? ORDER BY touched_at LIMIT ?)
                """, before
            ),
            (
                """
                DELETE FROM replay WHERE position IN
                    (SELECT position FROM replay WHERE state IN ('done', 'failed') AND requested_at < ? LIMIT ?)
                """, before
            ),
            ("DELETE FROM audit WHERE position IN (SELECT position FROM audit WHERE at < ? LIMIT ?)", auditBefore),
        ] {
            try db.cachedStatement(sql: sql).execute(arguments: [limit, rows])
            removed += db.changesCount
        }
        return removed
    }
}
