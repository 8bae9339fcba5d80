// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables of the state store. Times are milliseconds since 1970.
enum StateSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 keys, fingerprints and referrals") { db in
            try db.execute(
                sql: """
                    CREATE TABLE idempotency (
                        key TEXT NOT NULL PRIMARY KEY,
                        holder TEXT NOT NULL,
                        leased_until INTEGER NOT NULL,
                        done_at INTEGER,
                        -- end of the lease, or when it was done: what pruning looks at
                        aged_from INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX idempotency_age ON idempotency (aged_from);
                    CREATE TABLE fingerprint (
                        referral TEXT NOT NULL,
                        fingerprint TEXT NOT NULL,
                        sent_at INTEGER NOT NULL,
                        PRIMARY KEY (referral, fingerprint)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX fingerprint_age ON fingerprint (sent_at);
                    CREATE TABLE referral (
                        reference TEXT NOT NULL PRIMARY KEY,
                        site TEXT NOT NULL,
                        listing TEXT,
                        service TEXT,
                        dialect TEXT,
                        status TEXT NOT NULL,
                        source_time INTEGER NOT NULL,
                        resources BLOB
                    ) STRICT;
                    CREATE TABLE appointment (
                        reference TEXT NOT NULL,
                        position INTEGER NOT NULL,
                        id TEXT NOT NULL,
                        PRIMARY KEY (reference, position)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE probe (filler BLOB NOT NULL) STRICT;
                    """)
        }
        return migrator
    }
}
