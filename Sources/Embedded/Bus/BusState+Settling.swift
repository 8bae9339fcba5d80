// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import GRDB

/// Names one delivery to one consumer.
struct DeliveryTag: Sendable, Hashable {
    let queue: Int64
    let consumer: UInt64
    let sequence: Int64
}

extension BusState {
    /// The next hop has confirmed: the entry goes, and the message with its last entry.
    mutating func acknowledge(_ tag: DeliveryTag, _ db: Database) throws {
        let isShared = try release(tag)
        try remove(queue: tag.queue, sequence: tag.sequence, isShared: isShared, db)
    }

    /// Back to its old place in the queue.
    mutating func giveBack(_ tag: DeliveryTag) throws(BusError) {
        _ = try release(tag)
        queues[tag.queue]?.giveBack([tag.sequence])
    }

    /// Given up by the consumer: to the dead letters, unless there is no such queue or it comes from there.
    mutating func giveUp(_ tag: DeliveryTag, at now: Int64, _ db: Database) throws {
        let isShared = try release(tag)
        if let deadLetters = queueIDs[BusNames.deadLetters], deadLetters != tag.queue {
            try copy(tag.sequence, to: deadLetters, at: now, db)
        }
        try remove(queue: tag.queue, sequence: tag.sequence, isShared: isShared, db)
    }

    /// Ends the consumer's hold; tells whether other queues may hold the message too.
    private mutating func release(_ tag: DeliveryTag) throws(BusError) -> Bool {
        guard let index = queues[tag.queue]?.consumer(tag.consumer, holding: tag.sequence),
            let isShared = queues[tag.queue]?.consumers[index].held.removeValue(forKey: tag.sequence)
        else {
            throw BusError(
                .stale, "the delivery is settled already or its consumer was cancelled: it comes again if unsettled")
        }
        stirred.insert(tag.queue)
        return isShared
    }

    private mutating func remove(queue: Int64, sequence: Int64, isShared: Bool, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM entry WHERE queue = ? AND seq = ?").execute(arguments: [
            queue, sequence,
        ])
        queues[queue]?.total -= 1
        if isShared {
            try db.cachedStatement(sql: "UPDATE shared_message SET entries = entries - 1 WHERE seq = ?")
                .execute(arguments: [sequence])
            try db.cachedStatement(sql: "DELETE FROM shared_message WHERE seq = ? AND entries <= 0")
                .execute(arguments: [sequence])
            guard db.changesCount > 0 else { return }
        }
        try db.cachedStatement(sql: "DELETE FROM message WHERE seq = ?").execute(arguments: [sequence])
    }

    private mutating func copy(_ sequence: Int64, to queue: Int64, at now: Int64, _ db: Database) throws {
        let select = try db.cachedStatement(sql: "SELECT envelope FROM message WHERE seq = ?")
        guard let stored = try Data.fetchOne(select, arguments: [sequence]) else { return }
        // An envelope that cannot be read is kept as it is rather than lost.
        var envelope = stored
        if var properties = EnvelopeCodec.decode([UInt8](stored)) {
            properties.headers["x-reason"] = .string("rejected")
            envelope = Data(EnvelopeCodec.encode(properties))
        }
        let moved = nextSequence
        nextSequence += 1
        try db.cachedStatement(
            sql: """
                INSERT INTO message (seq, id, routing_key, published_at, envelope, body)
                SELECT ?, id, routing_key, ?, ?, body FROM message WHERE seq = ?
                """
        ).execute(arguments: [moved, now, envelope, sequence])
        try db.cachedStatement(sql: "INSERT INTO entry (queue, seq, shared) VALUES (?, ?, 0)")
            .execute(arguments: [queue, moved])
        queues[queue]?.total += 1
        stirred.insert(queue)
    }
}
