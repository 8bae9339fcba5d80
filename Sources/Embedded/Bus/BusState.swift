// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

/// The embedded bus in memory: topology, consumers, what is unsettled. Changed on the writer's queue only; a copy taken
/// before a transaction restores it when the transaction fails.
struct BusState: Sendable {
    var exchanges: [String: ExchangeState] = [:]
    var queueIDs: [String: Int64] = [:]
    var queues: [Int64: QueueState] = [:]
    var nextSequence: Int64 = 1
    var nextQueue: Int64 = 1
    var nextConsumer: UInt64 = 1
    /// Queues in which something may be handed out.
    var stirred: Set<Int64> = []
    /// Planned in the running transaction, given out after its COMMIT.
    var planned: [(mailbox: Mailbox<Handout>, handouts: [Handout])] = []

    /// Reads what the file holds.
    init(_ db: Database) throws {
        for row in try Row.fetchAll(db, sql: "SELECT id, name, single_active, delivered FROM queue") {
            var queue = QueueState(id: row[0], name: row[1], singleActiveConsumer: row[2])
            queue.delivered = row[3]
            queueIDs[queue.name] = queue.id
            queues[queue.id] = queue
            nextQueue = max(nextQueue, queue.id + 1)
            nextSequence = max(nextSequence, queue.delivered + 1)
        }
        for row in try Row.fetchAll(db, sql: "SELECT queue, COUNT(*) FROM entry GROUP BY queue") {
            queues[row[0]]?.total = row[1]
        }
        // Above every sequence handed out, too: `delivered` must never cover a message that comes later.
        nextSequence = max(nextSequence, try Int64.fetchOne(db, sql: "SELECT MAX(seq) + 1 FROM message") ?? 1)
        for row in try Row.fetchAll(db, sql: "SELECT name, kind FROM exchange") {
            guard let kind = Topology.Exchange.Kind(rawValue: row[1]) else { continue }
            exchanges[row[0]] = ExchangeState(kind: kind)
        }
        for row in try Row.fetchAll(db, sql: "SELECT exchange, queue, routing_key FROM binding") {
            let exchange: String = row[0]
            guard let queue = queues[row[1]] else { continue }
            exchanges[exchange]?.bind(queue: queue.id, name: queue.name, routingKey: row[2])
        }
    }

    func queue(named name: String) throws(BusError) -> QueueState {
        guard let id = queueIDs[name], let queue = queues[id] else {
            throw BusError(.notFound, "no queue \(name) on the embedded bus: declare the topology first")
        }
        return queue
    }

    func exchange(named name: String) throws(BusError) -> ExchangeState {
        guard let exchange = exchanges[name] else {
            throw BusError(.notFound, "no exchange \(name) on the embedded bus: declare the topology first")
        }
        return exchange
    }

    /// Every queue with a consumer gets another look; after a failed transaction.
    mutating func stirAll() {
        for (id, queue) in queues where !queue.consumers.isEmpty { stirred.insert(id) }
    }
}
