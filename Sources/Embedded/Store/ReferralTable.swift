// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import GRDB

/// The last known state of each referral.
enum ReferralTable {
    private static let columns =
        "reference, site, listing, service, dialect, status, source_time, resources, patient_key, received"

    /// States in which nothing more is expected of a referral.
    private static let ended: [ReferralStatus] = [.declined, .cancelled, .completed]

    private static let pruneRows = 200

    static func read(_ reference: String, _ db: Database) throws -> ReferralRecord? {
        let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM referral WHERE reference = ?")
        return try Row.fetchOne(statement, arguments: [reference]).map { try record($0, db) }
    }

    static func find(_ query: ReferralQuery, limit: Int, _ db: Database) throws -> [ReferralRecord] {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        func require(_ condition: String, _ values: [any DatabaseValueConvertible]) {
            conditions.append(condition)
            arguments += StatementArguments(values)
        }
        if let site = query.site { require("site = ?", [site]) }
        if let service = query.service { require("(service = ? OR listing = ?)", [service, service]) }
        if let key = query.patientKey { require("patient_key = ?", [key]) }
        if let key = query.matchKey { require(MatchKeyTable.condition, [key]) }
        if let since = query.changedSince { require("source_time >= ?", [since.milliseconds]) }
        if !query.statuses.isEmpty {
            let marks = query.statuses.map { _ in "?" }.joined(separator: ", ")
            require("status IN (\(marks))", query.statuses.sorted())
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        arguments += [max(0, limit)]
        let statement = try db.cachedStatement(
            sql: "SELECT \(columns) FROM referral \(filter) ORDER BY source_time DESC, reference LIMIT ?")
        return try Row.fetchAll(statement, arguments: arguments).map { try record($0, db) }
    }

    /// - Returns: referrals removed; 0 when none is left to remove.
    static func pruneStep(endedBefore before: Timestamp, _ db: Database) throws -> Int {
        let marks = ended.map { _ in "?" }.joined(separator: ", ")
        let old = try db.cachedStatement(
            sql: "SELECT reference FROM referral WHERE status IN (\(marks)) AND source_time < ? LIMIT ?")
        let references = try String.fetchAll(
            old,
            arguments: StatementArguments(ended.map(\.rawValue))
                + StatementArguments([before.milliseconds, Int64(pruneRows)]))
        for reference in references {
            try db.cachedStatement(sql: "DELETE FROM appointment WHERE reference = ?").execute(arguments: [reference])
            try db.cachedStatement(sql: "DELETE FROM aspect_change WHERE reference = ?")
                .execute(arguments: [reference])
            try MatchKeyTable.remove(reference, db)
            try db.cachedStatement(sql: "DELETE FROM referral WHERE reference = ?").execute(arguments: [reference])
        }
        return references.count
    }

    private static func record(_ row: Row, _ db: Database) throws -> ReferralRecord {
        let reference: String = row[0]
        let appointments = try db.cachedStatement(
            sql: "SELECT id FROM appointment WHERE reference = ? ORDER BY position")
        let resources: Data? = row[7]
        let received: Data? = row[9]
        return ReferralRecord(
            reference: reference, site: row[1], listing: row[2], service: row[3], dialect: row[4], status: row[5],
            sourceTime: Timestamp(milliseconds: row[6]),
            appointmentIDs: try String.fetchAll(appointments, arguments: [reference]),
            resources: resources.map { [UInt8]($0) }, received: received.map { [UInt8]($0) }, patientKey: row[8],
            matchKeys: try MatchKeyTable.read(reference, db), changedAt: try changes(reference, db))
    }

    private static func changes(_ reference: String, _ db: Database) throws -> [String: Timestamp] {
        let statement = try db.cachedStatement(
            sql: "SELECT aspect, changed_at FROM aspect_change WHERE reference = ?")
        var output: [String: Timestamp] = [:]
        for row in try Row.fetchAll(statement, arguments: [reference]) {
            let aspect: String = row[0]
            output[aspect] = Timestamp(milliseconds: row[1])
        }
        return output
    }

    /// Two workers may note changes at once, each from what it read before.
    private static func note(_ changes: [String: Timestamp], of reference: String, _ db: Database) throws {
        guard !changes.isEmpty else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO aspect_change (reference, aspect, changed_at) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET changed_at = max(changed_at, excluded.changed_at)
                """)
        for (aspect, time) in changes.sorted(by: { $0.key < $1.key }) {
            try statement.execute(arguments: [reference, aspect, time.milliseconds])
        }
    }

    /// Keeps the newer record and returns it; of two with the same time the later write stays.
    static func save(_ record: ReferralRecord, _ db: Database) throws -> ReferralRecord {
        try note(record.changedAt, of: record.reference, db)
        var record = record
        if let known = try read(record.reference, db) {
            if known.sourceTime > record.sourceTime { return known }
            record.changedAt = known.changedAt
        }
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO referral
                    (\(columns))
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            record.reference, record.site, record.listing, record.service, record.dialect, record.status,
            record.sourceTime.milliseconds, record.resources.map { Data($0) }, record.patientKey,
            record.received.map { Data($0) },
        ])
        try db.cachedStatement(sql: "DELETE FROM appointment WHERE reference = ?").execute(arguments: [record.reference]
        )
        let insert = try db.cachedStatement(sql: "INSERT INTO appointment (reference, position, id) VALUES (?, ?, ?)")
        for (position, id) in record.appointmentIDs.enumerated() {
            try insert.execute(arguments: [record.reference, position, id])
        }
        try MatchKeyTable.write(record.matchKeys, of: record.reference, db)
        return record
    }
}
