// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FoundationEssentials
import GRDB

/// Histories, replays, audit, referral index and secret.
extension SQLiteStateStore {
    package func history(of key: String) async throws(StoreError) -> AttemptHistory? {
        try await writer.submit(.memory) { db in try HistoryTable.read(key, db) }
    }

    package func noteFailure(
        of key: String, reason: String, now: Timestamp
    ) async throws(StoreError) -> AttemptHistory {
        try await writer.submit(.settlement) { db in
            try HistoryTable.noteFailure(of: key, reason: reason, now: now, db)
        }
    }

    package func begin(suspect key: String, now: Timestamp) async throws(StoreError) -> Int {
        try await writer.submit(.settlement) { db in try HistoryTable.begin(key, now: now, db) }
    }

    package func end(suspect key: String) async throws(StoreError) {
        try await writer.submit(.settlement) { db in try HistoryTable.end(key, db) }
    }

    package func forgetHistory(of key: String) async throws(StoreError) {
        try await writer.submit(.settlement) { db in try HistoryTable.forget(key, db) }
    }

    package func plan(_ entries: [ReplayEntry]) async throws(StoreError) {
        try await writer.submit(.publish) { db in try ReplayTable.plan(entries, db) }
    }

    package func unfinishedReplays() async throws(StoreError) -> [ReplayEntry] {
        try await writer.submit(.memory) { db in try ReplayTable.unfinished(db) }
    }

    package func advance(
        batch: String, messageID: String, to state: ReplayEntry.State
    ) async throws(StoreError) {
        try await writer.submit(.settlement) { db in
            try ReplayTable.advance(batch: batch, messageID: messageID, to: state, db)
        }
    }

    package func record(_ event: AuditEvent) async throws(StoreError) {
        try await writer.submit(.publish) { db in try AuditTable.record(event, db) }
    }

    package func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] {
        try await writer.submit(.memory) { db in try AuditTable.newest(limit: limit, db) }
    }

    package func referrals(
        matching query: ReferralQuery, limit: Int
    ) async throws(StoreError) -> [ReferralRecord] {
        // A read transaction: a record and its appointments are of one moment, whoever writes meanwhile.
        try await writer.submit(.memory) { db in
            try db.reading { try ReferralTable.find(query, limit: limit, db) }
        }
    }

    package func pruneReferrals(endedBefore before: Timestamp) async throws(StoreError) -> Int {
        var total = 0
        while true {
            let removed = try await writer.submit(.settlement) { db in
                try ReferralTable.pruneStep(endedBefore: before, db)
            }
            total += removed
            if removed == 0 { return total }
        }
    }

    /// The secret of this file that keys `ReferralRecord.patientKey`: 32 random bytes, made with the file.
    package func patientSecret() async throws(StoreError) -> [UInt8] {
        try await writer.submit(.memory) { db in
            let found = try Data.fetchOne(db, sql: "SELECT bytes FROM secret WHERE name = 'patient'")
            guard let found, found.count == 32 else {
                throw StoreError(.incompatible, "the state store has lost its secret: restore the file")
            }
            return [UInt8](found)
        }
    }
}

extension Database {
    /// Several reads of one moment.
    func reading<Value>(_ body: () throws -> Value) throws -> Value {
        try beginTransaction(.deferred)
        do {
            let value = try body()
            try commit()
            return value
        } catch {
            try rollback()
            throw error
        }
    }
}
