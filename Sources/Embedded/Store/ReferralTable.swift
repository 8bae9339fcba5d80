// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import GRDB

/// The last known state of each referral.
enum ReferralTable {
    static func read(_ reference: String, _ db: Database) throws -> ReferralRecord? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT site, listing, service, dialect, status, source_time, resources
                FROM referral WHERE reference = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [reference]) else { return nil }
        let appointments = try db.cachedStatement(
            sql: "SELECT id FROM appointment WHERE reference = ? ORDER BY position")
        let resources: Data? = row[6]
        return ReferralRecord(
            reference: reference, site: row[0], listing: row[1], service: row[2], dialect: row[3], status: row[4],
            sourceTime: Timestamp(milliseconds: row[5]),
            appointmentIDs: try String.fetchAll(appointments, arguments: [reference]),
            resources: resources.map { [UInt8]($0) })
    }

    /// Keeps the newer record and returns it; of two with the same time the later write stays.
    static func save(_ record: ReferralRecord, _ db: Database) throws -> ReferralRecord {
        if let known = try read(record.reference, db), known.sourceTime > record.sourceTime { return known }
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO referral
                    (reference, site, listing, service, dialect, status, source_time, resources)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            record.reference, record.site, record.listing, record.service, record.dialect, record.status,
            record.sourceTime.milliseconds, record.resources.map { Data($0) },
        ])
        try db.cachedStatement(sql: "DELETE FROM appointment WHERE reference = ?").execute(arguments: [record.reference]
        )
        let insert = try db.cachedStatement(sql: "INSERT INTO appointment (reference, position, id) VALUES (?, ?, ?)")
        for (position, id) in record.appointmentIDs.enumerated() {
            try insert.execute(arguments: [record.reference, position, id])
        }
        return record
    }
}
