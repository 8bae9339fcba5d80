// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Dispatch
import GRDB
package import Logging
import Synchronization

/// The bridge's memory in one SQLite file, of its own beside the bus's. Calls that wait together share a transaction.
package final class SQLiteStateStore: StateStore {
    private let file: DatabaseFile
    let writer: GroupWriter<StoreError>
    let parking: ParkingLimits
    private let auditKeep: Duration
    private let clock: any WallClock
    private let logger: Logger
    private let isClosed = Atomic<Bool>(false)

    /// Opens or creates the file and its directory, readable by its owner only. Blocks while SQLite opens and migrates
    /// the file, so call it at start.
    ///
    /// - Parameters:
    ///   - sharing: several processes of this machine use the file, all of them with `sharing`; else it is locked for
    ///     this one.
    ///   - parking: how much may be parked.
    ///   - auditKeep: age from which `prune` removes audit events.
    ///   - clock: tells that age.
    /// - Throws: `unavailable` when another process uses the file or it cannot be written, `incompatible` when it
    ///   belongs to a newer version or is damaged.
    package init(
        path: String, sharing: Bool = false, parking: ParkingLimits = ParkingLimits(),
        auditKeep: Duration = .seconds(730 * 86_400), clock: any WallClock = SystemClock(), logger: Logger
    ) throws(StoreError) {
        do {
            file = try DatabaseFile.open(
                path: path, label: "state-store", sharing: sharing, migrator: StateSchema.migrator)
        } catch {
            throw StoreError(error.kind == .unavailable ? .unavailable : .incompatible, error.message)
        }
        self.parking = parking
        self.auditKeep = auditKeep
        self.clock = clock
        self.logger = logger
        // Another process's write between our read and our write would make a deferred transaction fail at once.
        writer = GroupWriter(
            database: file.database, transaction: sharing ? .immediate : .deferred,
            vocabulary: Self.vocabulary(path: path))
        logger.info("state store opened", metadata: ["path": "\(path)"])
    }

    package func claim(_ claim: Claim) async throws(StoreError) -> Claimed {
        try await writer.submit(.publish) { db in try IdempotencyTable.claim(claim, db) }
    }

    package func note(
        _ note: String, on key: String, holder: String, replacing expected: String?, saving record: ReferralRecord?
    ) async throws(StoreError) -> Noted {
        try await writer.submit(.publish, bytes: record?.resources?.count ?? 0) { db in
            let standing = try IdempotencyTable.note(note, on: key, holder: holder, replacing: expected, db)
            if let standing { return Noted(note: standing) }
            return Noted(note: note, record: try record.map { try ReferralTable.save($0, db) })
        }
    }

    package func note(of key: String) async throws(StoreError) -> String? {
        try await writer.submit(.memory) { db in try IdempotencyTable.note(of: key, db) }
    }

    package func seize(
        key: String, from dead: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> Bool {
        try await writer.submit(.publish) { db in
            try IdempotencyTable.seize(key: key, from: dead, holder: holder, until: until, db)
        }
    }

    package func complete(
        key: String, holder: String, now: Timestamp, delivered: DeliveredContent?
    ) async throws(StoreError) {
        try await writer.submit(.settlement) { db in
            try IdempotencyTable.complete(key: key, holder: holder, now: now, delivered: delivered, db)
        }
    }

    package func release(key: String, holder: String) async throws(StoreError) {
        try await writer.submit(.settlement) { db in
            try IdempotencyTable.release(key: key, holder: holder, db)
        }
    }

    package func remember(fingerprint: String, referral: String, now: Timestamp) async throws(StoreError) {
        try await writer.submit(.publish) { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO fingerprint (referral, fingerprint, sent_at) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET sent_at = max(sent_at, excluded.sent_at)
                    """
            ).execute(arguments: [referral, fingerprint, now.milliseconds])
        }
    }

    package func forget(_ fingerprints: [String], referral: String) async throws(StoreError) {
        try await writer.submit(.settlement) { db in
            let statement = try db.cachedStatement(
                sql: "DELETE FROM fingerprint WHERE referral = ? AND fingerprint = ?")
            for fingerprint in fingerprints { try statement.execute(arguments: [referral, fingerprint]) }
        }
    }

    package func remembered(
        _ fingerprints: [String], referral: String, since: Timestamp
    ) async throws(StoreError) -> [String: Timestamp] {
        try await writer.submit(.memory) { db in
            let statement = try db.cachedStatement(
                sql: "SELECT sent_at FROM fingerprint WHERE referral = ? AND fingerprint = ? AND sent_at >= ?")
            var output: [String: Timestamp] = [:]
            for fingerprint in fingerprints {
                let sent = try Int64.fetchOne(statement, arguments: [referral, fingerprint, since.milliseconds])
                if let sent { output[fingerprint] = Timestamp(milliseconds: sent) }
            }
            return output
        }
    }

    package func referral(_ reference: String) async throws(StoreError) -> ReferralRecord? {
        try await writer.submit(.memory) { db in try db.reading { try ReferralTable.read(reference, db) } }
    }

    package func save(_ record: ReferralRecord) async throws(StoreError) -> ReferralRecord {
        try await writer.submit(.publish, bytes: (record.resources?.count ?? 0) + (record.received?.count ?? 0)) { db in
            try ReferralTable.save(record, db)
        }
    }

    package func prune(before: Timestamp) async throws(StoreError) -> Int {
        let now = clock.now()
        let auditBefore = min(before, now.advanced(by: .zero - auditKeep))
        var total = 0
        while true {
            let removed = try await writer.submit(.settlement) { db in
                try PruneStep.run(before: before.milliseconds, auditBefore: auditBefore.milliseconds, db)
                    + LaunchTable.prune(now: now, db)
            }
            total += removed
            if removed == 0 { return total }
        }
    }

    package func check() async throws(StoreError) {
        try await writer.submit(.probe) { db in
            try db.cachedStatement(sql: "INSERT INTO probe (filler) VALUES (zeroblob(65536))").execute()
            try db.cachedStatement(sql: "DELETE FROM probe").execute()
        }
    }

    /// Answers what waits, then closes the file. Every later call throws `unavailable`.
    package func shutdown() async {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        await writer.close()
        await withCheckedContinuation { continuation in
            // Closing waits for the connection's queue, which the cooperative pool must not.
            DispatchQueue.global().async { [file, logger] in
                do {
                    try file.database.close()
                } catch {
                    logger.error("the state store was not closed", metadata: ["error": "\(type(of: error))"])
                }
                file.lock.release()
                continuation.resume()
            }
        }
    }

    private static func vocabulary(path: String) -> GroupWriter<StoreError>.Vocabulary {
        GroupWriter.Vocabulary(
            blocked: StoreError(.unavailable, "too much waits for the disk of \(path): move it to a faster disk"),
            closed: StoreError(.unavailable, "the state store is shut down"),
            translate: { error, _ in
                let advice = (error as? DatabaseError).map { StorageCondition($0).advice } ?? "\(type(of: error))"
                return StoreError(.unavailable, "\(path): \(advice)")
            })
    }
}
