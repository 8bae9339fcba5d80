// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import GRDB

extension BusState {
    mutating func subscribe(to name: String, prefetch: Int, mailbox: Mailbox<Handout>) throws(BusError) -> (
        Int64, UInt64
    ) {
        let id = try queue(named: name).id
        let consumer = nextConsumer
        nextConsumer += 1
        queues[id]?.consumers.append(ConsumerState(id: consumer, prefetch: max(1, prefetch), mailbox: mailbox))
        stirred.insert(id)
        return (id, consumer)
    }

    /// What the consumer holds goes back to its old places; the next in line takes over.
    mutating func cancel(consumer: UInt64, queue: Int64) {
        guard let index = queues[queue]?.consumers.firstIndex(where: { $0.id == consumer }),
            let gone = queues[queue]?.consumers.remove(at: index)
        else { return }
        queues[queue]?.giveBack(gone.held.keys)
        queues[queue]?.turn = 0
        stirred.insert(queue)
    }

    func depth(of name: String, _ db: Database) throws -> QueueDepth? {
        guard let id = queueIDs[name], let queue = queues[id] else { return nil }
        var oldest: Int64?
        if queue.ready > 0 {
            let statement = try db.cachedStatement(
                sql: """
                    SELECT published_at FROM entry JOIN message USING (seq)
                    WHERE queue = ? AND seq >= ? ORDER BY seq LIMIT 1
                    """)
            oldest = try Int64.fetchOne(statement, arguments: [id, queue.returned.first ?? queue.cursor + 1])
        }
        return QueueDepth(
            ready: queue.ready, unsettled: queue.unsettled, consumers: queue.consumers.count,
            oldest: oldest.map { Timestamp(milliseconds: $0) })
    }

    /// Takes ready entries of the stirred queues for consumers with credit. They go out after the COMMIT, which also
    /// makes `delivered` durable: after a crash the bus knows what it had handed out.
    mutating func plan(_ db: Database) throws {
        for id in stirred {
            guard var queue = queues.removeValue(forKey: id) else { continue }
            try plan(&queue, db)
            queues[id] = queue
        }
        stirred = []
    }

    private mutating func plan(_ queue: inout QueueState, _ db: Database) throws {
        let before = queue.delivered
        var outgoing: [UInt64: [Handout]] = [:]
        while true {
            let wanted = min(queue.ready, queue.credit, 256)
            guard wanted > 0 else { break }
            let rows = try take(wanted, from: &queue, db)
            if rows.isEmpty { break }
            for (handout, isShared) in rows {
                guard let index = queue.nextConsumer() else { break }
                queue.consumers[index].held[handout.sequence] = isShared
                outgoing[queue.consumers[index].id, default: []].append(handout)
            }
        }
        if queue.delivered > before {
            try db.cachedStatement(sql: "UPDATE queue SET delivered = ? WHERE id = ?")
                .execute(arguments: [queue.delivered, queue.id])
        }
        for consumer in queue.consumers {
            if let handouts = outgoing[consumer.id] { planned.append((consumer.mailbox, handouts)) }
        }
    }

    /// At most `count` entries from the head of the queue, and no more than its consumers' credit.
    private func take(_ count: Int, from queue: inout QueueState, _ db: Database) throws -> [(Handout, Bool)] {
        var taken: [(Handout, Bool)] = []
        func add(_ row: Row) throws {
            let sequence: Int64 = row[0]
            let handout = Handout(
                sequence: sequence, routingKey: row[2], publishedAt: row[3], redelivered: sequence <= queue.delivered,
                envelope: try bytes(row, 4), body: try bytes(row, 5))
            taken.append((handout, row[1]))
        }
        if !queue.returned.isEmpty {
            let statement = try db.cachedStatement(
                sql: Self.columns + "WHERE entry.queue = ? AND entry.seq = ?")
            let sequences = queue.returned.prefix(count)
            queue.returned.removeFirst(sequences.count)
            for sequence in sequences {
                let rows = try Row.fetchCursor(statement, arguments: [queue.id, sequence])
                while let row = try rows.next() { try add(row) }
            }
        }
        if taken.count < count, queue.returned.isEmpty {
            let statement = try db.cachedStatement(
                sql: Self.columns + "WHERE entry.queue = ? AND entry.seq > ? ORDER BY entry.seq LIMIT ?")
            let rows = try Row.fetchCursor(statement, arguments: [queue.id, queue.cursor, count - taken.count])
            while let row = try rows.next() { try add(row) }
        }
        if let last = taken.last?.0.sequence {
            queue.cursor = max(queue.cursor, last)
            queue.delivered = max(queue.delivered, last)
        }
        return taken
    }

    private static let columns = """
        SELECT entry.seq, shared, routing_key, published_at, envelope, body
        FROM entry JOIN message ON message.seq = entry.seq\u{20}
        """

    private func bytes(_ row: Row, _ index: Int) throws -> [UInt8] {
        try row.withUnsafeData(atIndex: index) { data in data.map { [UInt8]($0) } ?? [] }
    }
}
