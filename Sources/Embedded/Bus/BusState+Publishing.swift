// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import GRDB

/// A message ready to be stored.
struct StoredMessage: Sendable {
    let id: String
    let envelope: Data
    let body: Data
    let publishedAt: Int64
}

extension BusState {
    mutating func publish(_ message: StoredMessage, to destination: Destination, _ db: Database) throws {
        switch destination {
        case .queue(let name):
            try store(message, routingKey: "", in: [queue(named: name).id], db)
        case .exchange(let name, let routingKey):
            let targets = try exchange(named: name).route(routingKey)
            guard !targets.isEmpty else {
                throw BusError(
                    .unroutable,
                    "no queue is bound to \(name) for routing key \(routingKey): bind one, or correct the key")
            }
            try store(message, routingKey: routingKey, in: targets, db)
        }
    }

    private mutating func store(
        _ message: StoredMessage, routingKey: String, in targets: [Int64], _ db: Database
    ) throws {
        let sequence = nextSequence
        nextSequence += 1
        try db.cachedStatement(
            sql: "INSERT INTO message (seq, id, routing_key, published_at, envelope, body) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            sequence, message.id, routingKey, message.publishedAt, message.envelope, message.body,
        ])
        let entry = try db.cachedStatement(sql: "INSERT INTO entry (queue, seq, shared) VALUES (?, ?, ?)")
        for queue in targets {
            try entry.execute(arguments: [queue, sequence, targets.count > 1])
            queues[queue]?.total += 1
            stirred.insert(queue)
        }
        if targets.count > 1 {
            try db.cachedStatement(sql: "INSERT INTO shared_message (seq, entries) VALUES (?, ?)")
                .execute(arguments: [sequence, targets.count])
        }
    }
}
