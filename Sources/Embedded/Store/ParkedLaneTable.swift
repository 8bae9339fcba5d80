// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// Claims and due times of the parked lanes.
enum ParkedLaneTable {
    static func claim(
        stage: String, holder: String, now: Timestamp, until: Timestamp, _ db: Database
    ) throws -> ParkedLane? {
        let due = try db.cachedStatement(
            sql: """
                SELECT stage, key, messages, reason, parked_at, rounds, next_attempt FROM parked_lane
                WHERE stage = ? AND next_attempt <= ? AND (claimed_until IS NULL OR claimed_until <= ?)
                ORDER BY next_attempt, parked_at, key LIMIT 1
                """)
        guard let row = try Row.fetchOne(due, arguments: [stage, now.milliseconds, now.milliseconds]) else {
            return nil
        }
        let found = lane(row)
        try db.cachedStatement(
            sql: "UPDATE parked_lane SET claimed_by = ?, claimed_until = ? WHERE stage = ? AND key = ?"
        ).execute(arguments: [holder, until.milliseconds, found.lane.stage, found.lane.key])
        return found
    }

    static func renew(_ lane: Lane, holder: String, until: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: "UPDATE parked_lane SET claimed_until = ? WHERE stage = ? AND key = ? AND claimed_by = ?"
        ).execute(arguments: [until.milliseconds, lane.stage, lane.key, holder])
        guard db.changesCount > 0 else { throw notHolder }
    }

    private static let notHolder = StoreError(
        .notHolder, "the parked lane was taken over by another worker, or is free")

    static func postpone(
        _ lane: Lane, holder: String, reason: String, attempts: Int, until nextAttempt: Timestamp, _ db: Database
    ) throws {
        let claimed = try db.cachedStatement(
            sql: "SELECT 1 FROM parked_lane WHERE stage = ? AND key = ? AND claimed_by = ?")
        guard try Int.fetchOne(claimed, arguments: [lane.stage, lane.key, holder]) != nil else {
            throw notHolder
        }
        try db.cachedStatement(
            sql: """
                UPDATE parked_lane SET claimed_by = NULL, claimed_until = NULL, reason = ?, rounds = rounds + 1,
                    next_attempt = ?
                WHERE stage = ? AND key = ?
                """
        ).execute(arguments: [reason, nextAttempt.milliseconds, lane.stage, lane.key])
        try db.cachedStatement(
            sql: """
                UPDATE parked_message SET attempts = ?, reason = ? WHERE position =
                    (SELECT min(position) FROM parked_message WHERE stage = ? AND key = ?)
                """
        ).execute(arguments: [attempts, reason, lane.stage, lane.key])
    }

    static func release(_ lane: Lane, holder: String, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE parked_lane SET claimed_by = NULL, claimed_until = NULL
                WHERE stage = ? AND key = ? AND claimed_by = ?
                """
        ).execute(arguments: [lane.stage, lane.key, holder])
    }

    static func wake(_ lane: Lane, now: Timestamp, _ db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: "UPDATE parked_lane SET next_attempt = min(next_attempt, ?) WHERE stage = ? AND key = ?"
        ).execute(arguments: [now.milliseconds, lane.stage, lane.key])
        return try ParkingTable.isParked(lane, db)
    }

    static func list(limit: Int, _ db: Database) throws -> [ParkedLane] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT stage, key, messages, reason, parked_at, rounds, next_attempt FROM parked_lane
                ORDER BY parked_at, stage, key LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [max(0, limit)]).map { lane($0) }
    }

    private static func lane(_ row: Row) -> ParkedLane {
        ParkedLane(
            lane: Lane(stage: row[0], key: row[1]), count: row[2], reason: row[3],
            parkedAt: Timestamp(milliseconds: row[4]), rounds: row[5], nextAttempt: Timestamp(milliseconds: row[6]))
    }
}
