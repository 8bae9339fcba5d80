// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import GRDB

/// Parked lanes and their messages.
enum ParkingTable {
    /// Puts the message at the end of its lane, once.
    ///
    /// - Parameter nextAttempt: opens the lane when it is free; nil for a message that may only join.
    /// - Returns: whether the lane is parked now.
    static func add(
        _ parked: ParkedMessage, nextAttempt: Timestamp?, limits: ParkingLimits, _ db: Database
    ) throws -> Bool {
        let lane = parked.lane
        let isParked = try isParked(lane, db)
        guard isParked || nextAttempt != nil else { return false }
        let stored = ParkedForm(parked.message)
        if isParked, try isKnown(stored, in: lane, db) { return true }
        try makeRoom(for: stored.bytes, limits: limits, db)
        if let nextAttempt, !isParked {
            try db.cachedStatement(
                sql: """
                    INSERT INTO parked_lane (stage, key, reason, parked_at, rounds, next_attempt, messages)
                    VALUES (?, ?, ?, ?, 0, ?, 0)
                    """
            ).execute(arguments: [
                lane.stage, lane.key, parked.reason, parked.parkedAt.milliseconds, nextAttempt.milliseconds,
            ])
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO parked_message (stage, key, message_id, replay, queue, routing_key, reason, attempts,
                    first_attempt, parked_at, envelope, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            lane.stage, lane.key, stored.id, stored.replay, parked.queue, parked.routingKey, parked.reason,
            parked.attempts, parked.firstAttempt.milliseconds, parked.parkedAt.milliseconds, stored.envelope,
            stored.body,
        ])
        try count(lane, messages: 1, bytes: stored.bytes, db)
        return true
    }

    /// A lane whose last message goes is free.
    ///
    /// - Returns: whether more are waiting.
    static func remove(_ parked: ParkedMessage, _ db: Database) throws -> Bool {
        let lane = parked.lane
        let size = try db.cachedStatement(
            sql: """
                SELECT length(envelope) + length(body) FROM parked_message
                WHERE position = ? AND stage = ? AND key = ?
                """)
        if let bytes = try Int.fetchOne(size, arguments: [parked.position, lane.stage, lane.key]) {
            try db.cachedStatement(sql: "DELETE FROM parked_message WHERE position = ?")
                .execute(arguments: [parked.position])
            try count(lane, messages: -1, bytes: -bytes, db)
        }
        try db.cachedStatement(sql: "DELETE FROM parked_lane WHERE stage = ? AND key = ? AND messages <= 0")
            .execute(arguments: [lane.stage, lane.key])
        return try isParked(lane, db)
    }

    static func head(of lane: Lane, _ db: Database) throws -> ParkedMessage? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT position, queue, routing_key, reason, attempts, first_attempt, parked_at, envelope, body
                FROM parked_message WHERE stage = ? AND key = ? ORDER BY position LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [lane.stage, lane.key]) else { return nil }
        let (envelope, body): (Data, Data) = (row[7], row[8])
        let parkedAt = Timestamp(milliseconds: row[6])
        guard let message = ParkedForm.message(envelope: envelope, body: body, parkedAt: parkedAt) else {
            throw StoreError(
                .incompatible,
                "a parked message at place \(row[0] as Int64) cannot be read: stop the service and restore the file")
        }
        return ParkedMessage(
            lane: lane, message: message, queue: row[1], routingKey: row[2], reason: row[3], attempts: row[4],
            firstAttempt: Timestamp(milliseconds: row[5]), parkedAt: parkedAt, position: row[0])
    }

    static func counts(_ db: Database) throws -> (lanes: Int, messages: Int) {
        let row = try Row.fetchOne(
            try db.cachedStatement(sql: "SELECT (SELECT count(*) FROM parked_lane), messages FROM parked_total"))
        guard let row else { return (0, 0) }
        return (row[0], row[1])
    }

    static func isParked(_ lane: Lane, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM parked_lane WHERE stage = ? AND key = ?")
        return try Int.fetchOne(statement, arguments: [lane.stage, lane.key]) != nil
    }

    private static func isKnown(_ stored: ParkedForm, in lane: Lane, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT 1 FROM parked_message WHERE stage = ? AND key = ? AND message_id = ? AND replay = ?")
        return try Int.fetchOne(statement, arguments: [lane.stage, lane.key, stored.id, stored.replay]) != nil
    }

    private static func makeRoom(for bytes: Int, limits: ParkingLimits, _ db: Database) throws {
        let total = try Row.fetchOne(try db.cachedStatement(sql: "SELECT messages, bytes FROM parked_total"))
        let (messages, stored): (Int, Int) = total.map { ($0[0], $0[1]) } ?? (0, 0)
        guard messages < limits.messages, stored + bytes <= limits.bytes else {
            throw StoreError(
                .full,
                "the parking lot holds \(messages) messages (\(stored) bytes) and takes no more: see why referrals fail,"
                    + " or raise its limits")
        }
    }

    private static func count(_ lane: Lane, messages: Int, bytes: Int, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE parked_lane SET messages = messages + ? WHERE stage = ? AND key = ?")
            .execute(arguments: [messages, lane.stage, lane.key])
        try db.cachedStatement(sql: "UPDATE parked_total SET messages = messages + ?, bytes = bytes + ?")
            .execute(arguments: [messages, bytes])
    }
}

/// A message as the lot keeps it: the bus's envelope and the body byte for byte.
private struct ParkedForm {
    let id: String
    /// A message and its replay are two.
    let replay: String
    let envelope: Data
    let body: Data

    var bytes: Int { envelope.count + body.count }

    init(_ message: Message) {
        id = message.id
        replay = message.headers["x-replay"]?.text ?? ""
        envelope = Data(EnvelopeCodec.encode(CloudEventsBinary.properties(of: message)))
        body = Data(message.body)
    }

    static func message(envelope: Data, body: Data, parkedAt: Timestamp) -> Message? {
        guard let properties = EnvelopeCodec.decode([UInt8](envelope)) else { return nil }
        // Without the routing key: a message that came without a subject stays without.
        return CloudEventsBinary.message(
            from: properties, body: [UInt8](body), routingKey: "", fallbackID: properties.messageID ?? "",
            receivedAt: parkedAt)
    }
}
