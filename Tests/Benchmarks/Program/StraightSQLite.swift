// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDBSQLite

/// SQLite's C API with nothing round it: prepared statements, batches, the same durability and page size as the bus.
final class StraightSQLite {
    struct Failure: Error {
        let code: Int32
    }

    private var database: OpaquePointer?
    private var message: OpaquePointer?
    private var entry: OpaquePointer?
    private static let envelope = [UInt8](repeating: 0x41, count: 600)

    init(path: String) throws {
        try check(sqlite3_open(path, &database))
        for sql in [
            "PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
            "PRAGMA wal_autocheckpoint = 4096",
            """
            CREATE TABLE message (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, routing_key TEXT NOT NULL,
                published_at INTEGER NOT NULL, envelope BLOB NOT NULL, body BLOB NOT NULL)
            """,
            "CREATE TABLE entry (queue INTEGER, seq INTEGER, PRIMARY KEY (queue, seq)) WITHOUT ROWID",
        ] {
            try check(sqlite3_exec(database, sql, nil, nil, nil))
        }
        try check(
            sqlite3_prepare_v2(
                database, "INSERT INTO message VALUES (?, ?, '', 1767225600000, ?, ?)", -1, &message, nil))
        try check(sqlite3_prepare_v2(database, "INSERT INTO entry VALUES (1, ?)", -1, &entry, nil))
    }

    deinit {
        sqlite3_finalize(message)
        sqlite3_finalize(entry)
        sqlite3_close(database)
    }

    func insert(_ count: Int, batch: Int) throws {
        for start in stride(from: 0, to: count, by: batch) {
            try check(sqlite3_exec(database, "BEGIN", nil, nil, nil))
            for sequence in start..<min(count, start + batch) {
                try insert(sequence)
            }
            try check(sqlite3_exec(database, "COMMIT", nil, nil, nil))
        }
    }

    private func insert(_ sequence: Int) throws {
        let id = "message-\(sequence)"
        try check(sqlite3_bind_int64(message, 1, Int64(sequence)))
        try id.withCString { text in
            try Self.envelope.withUnsafeBytes { envelope in
                try EmbeddedBenchmark.body.withUnsafeBytes { body in
                    try check(sqlite3_bind_text(message, 2, text, -1, nil))
                    try check(sqlite3_bind_blob(message, 3, envelope.baseAddress, Int32(envelope.count), nil))
                    try check(sqlite3_bind_blob(message, 4, body.baseAddress, Int32(body.count), nil))
                    try step(message)
                }
            }
        }
        try check(sqlite3_bind_int64(entry, 1, Int64(sequence)))
        try step(entry)
    }

    private func step(_ statement: OpaquePointer?) throws {
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE else { throw Failure(code: code) }
        try check(sqlite3_reset(statement))
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw Failure(code: code) }
    }
}
