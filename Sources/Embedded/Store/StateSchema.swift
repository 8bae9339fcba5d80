// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
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
        migrator.registerMigration("2 parking, histories, replays, audit and index") { db in
            try db.execute(sql: second)
            try addSecret("patient", db)
        }
        migrator.registerMigration("3 losses") { db in try db.execute(sql: LossTable.schema) }
        migrator.registerMigration("4 notes, deliveries and changes") { db in try db.execute(sql: third) }
        migrator.registerMigration("5 received bundles") { db in
            try db.execute(sql: "ALTER TABLE referral ADD COLUMN received BLOB")
        }
        migrator.registerMigration("6 keys that match forms") { db in try db.execute(sql: MatchKeyTable.schema) }
        migrator.registerMigration("7 launches") { db in
            try db.execute(sql: LaunchTable.schema)
            try addSecret("launch", db)
        }
        return migrator
    }

    private static func addSecret(_ name: String, _ db: Database) throws {
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        try db.execute(sql: "INSERT INTO secret (name, bytes) VALUES (?, ?)", arguments: [name, Data(secret)])
    }

    private static let second = """
        ALTER TABLE referral ADD COLUMN patient_key TEXT;
        CREATE INDEX referral_change ON referral (source_time);
        CREATE INDEX referral_site ON referral (site, source_time);
        CREATE INDEX referral_patient ON referral (patient_key) WHERE patient_key IS NOT NULL;
        CREATE TABLE parked_lane (
            stage TEXT NOT NULL,
            key TEXT NOT NULL,
            reason TEXT NOT NULL,
            parked_at INTEGER NOT NULL,
            rounds INTEGER NOT NULL,
            next_attempt INTEGER NOT NULL,
            messages INTEGER NOT NULL,
            claimed_by TEXT,
            claimed_until INTEGER,
            PRIMARY KEY (stage, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX parked_lane_due ON parked_lane (stage, next_attempt);
        CREATE TABLE parked_message (
            -- never used twice: who holds a message of old must not remove a new one
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            stage TEXT NOT NULL,
            key TEXT NOT NULL,
            message_id TEXT NOT NULL,
            -- identity of the replay; empty for the original
            replay TEXT NOT NULL,
            queue TEXT NOT NULL,
            routing_key TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            first_attempt INTEGER NOT NULL,
            parked_at INTEGER NOT NULL,
            envelope BLOB NOT NULL,
            body BLOB NOT NULL,
            UNIQUE (stage, key, message_id, replay)
        ) STRICT;
        CREATE INDEX parked_message_lane ON parked_message (stage, key, position);
        CREATE TABLE parked_total (messages INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
        INSERT INTO parked_total (messages, bytes) VALUES (0, 0);
        CREATE TABLE history (
            key TEXT NOT NULL PRIMARY KEY,
            failures INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            -- how often the work on the suspect was begun and not ended
            begun INTEGER NOT NULL,
            touched_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX history_age ON history (touched_at);
        CREATE TABLE replay (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            batch TEXT NOT NULL,
            message_id TEXT NOT NULL,
            lane TEXT NOT NULL,
            state TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            UNIQUE (batch, message_id)
        ) STRICT;
        CREATE INDEX replay_state ON replay (state, requested_at);
        CREATE TABLE audit (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            referral TEXT,
            message_id TEXT,
            reason TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_age ON audit (at);
        CREATE TABLE secret (name TEXT NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """

    private static let third = """
        ALTER TABLE idempotency ADD COLUMN note TEXT;
        CREATE TABLE delivered (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            stream TEXT NOT NULL,
            bundle TEXT,
            header TEXT,
            digest TEXT NOT NULL,
            source_time INTEGER NOT NULL,
            delivered_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX delivered_stream ON delivered (stream, position);
        CREATE INDEX delivered_age ON delivered (delivered_at);
        CREATE TABLE aspect_change (
            reference TEXT NOT NULL,
            aspect TEXT NOT NULL,
            changed_at INTEGER NOT NULL,
            PRIMARY KEY (reference, aspect)
        ) STRICT, WITHOUT ROWID;
        """
}
