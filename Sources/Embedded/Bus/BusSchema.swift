// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables of the embedded bus.
///
/// A message is stored once; `entry` puts it into queues. What is unsettled is known to the running process only:
/// after a crash every entry is ready again, and `queue.delivered` tells which had been handed out.
enum BusSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 queues and messages") { db in
            try db.execute(
                sql: """
                    CREATE TABLE exchange (
                        name TEXT NOT NULL PRIMARY KEY,
                        kind TEXT NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE queue (
                        id INTEGER PRIMARY KEY,
                        name TEXT NOT NULL UNIQUE,
                        single_active INTEGER NOT NULL,
                        -- highest message.seq ever handed to a consumer
                        delivered INTEGER NOT NULL DEFAULT 0
                    ) STRICT;
                    CREATE TABLE binding (
                        exchange TEXT NOT NULL,
                        queue INTEGER NOT NULL,
                        routing_key TEXT NOT NULL,
                        PRIMARY KEY (exchange, queue, routing_key)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE message (
                        seq INTEGER PRIMARY KEY,
                        id TEXT NOT NULL,
                        routing_key TEXT NOT NULL,
                        -- milliseconds since 1970
                        published_at INTEGER NOT NULL,
                        envelope BLOB NOT NULL,
                        body BLOB NOT NULL
                    ) STRICT;
                    CREATE TABLE entry (
                        queue INTEGER NOT NULL,
                        seq INTEGER NOT NULL,
                        -- 1 when several queues hold the message
                        shared INTEGER NOT NULL,
                        PRIMARY KEY (queue, seq)
                    ) STRICT, WITHOUT ROWID;
                    -- entries left of a message that went to several queues
                    CREATE TABLE shared_message (
                        seq INTEGER PRIMARY KEY,
                        entries INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE probe (filler BLOB NOT NULL) STRICT;
                    """)
        }
        return migrator
    }
}
