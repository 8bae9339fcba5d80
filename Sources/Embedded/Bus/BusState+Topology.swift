// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB

extension BusState {
    /// Checks the whole topology first, so that a conflict leaves nothing half declared.
    mutating func declare(_ topology: Topology, _ db: Database) throws {
        try check(topology)
        for exchange in topology.exchanges where exchanges[exchange.name] == nil {
            try db.execute(
                sql: "INSERT INTO exchange (name, kind) VALUES (?, ?)",
                arguments: [exchange.name, exchange.kind.rawValue])
            exchanges[exchange.name] = ExchangeState(kind: exchange.kind)
        }
        for queue in topology.queues where queueIDs[queue.name] == nil {
            try create(queue, db)
        }
        for binding in topology.bindings {
            try bind(binding, db)
        }
    }

    /// Declares the queue when it is not there, and binds it.
    mutating func bind(queue: String, to exchange: String, routingKey: String, _ db: Database) throws {
        let declaration = queueIDs[queue] == nil ? [Topology.Queue(name: queue)] : []
        try declare(
            Topology(
                queues: declaration,
                bindings: [Topology.Binding(exchange: exchange, queue: queue, routingKey: routingKey)]),
            db)
    }

    private func check(_ topology: Topology) throws(BusError) {
        var kinds = exchanges.mapValues(\.kind)
        for exchange in topology.exchanges {
            try check(name: exchange.name)
            guard kinds[exchange.name] ?? exchange.kind == exchange.kind else {
                throw BusError(
                    .topologyConflict,
                    "exchange \(exchange.name) exists with another kind: choose another name, or a new bus file")
            }
            kinds[exchange.name] = exchange.kind
        }
        var singles = queues.values.reduce(into: [:]) { $0[$1.name] = $1.singleActiveConsumer }
        for queue in topology.queues {
            try check(name: queue.name)
            guard singles[queue.name] ?? queue.singleActiveConsumer == queue.singleActiveConsumer else {
                throw BusError(
                    .topologyConflict,
                    "queue \(queue.name) exists with another single-active-consumer: drain it and choose another name")
            }
            singles[queue.name] = queue.singleActiveConsumer
        }
        for binding in topology.bindings {
            guard let kind = kinds[binding.exchange] else {
                throw BusError(
                    .notFound, "no exchange \(binding.exchange) to bind \(binding.queue) to: declare it first")
            }
            guard singles[binding.queue] != nil else {
                throw BusError(.notFound, "no queue \(binding.queue) to bind to \(binding.exchange): declare it first")
            }
            guard binding.routingKey.utf8.count <= Self.longestName,
                kind == .topic || ExchangeState.weight(binding.routingKey) != nil
            else {
                throw BusError(
                    .topologyConflict,
                    "binding of \(binding.queue) to \(binding.exchange): the key of a consistent-hash exchange is a"
                        + " weight from 1 to \(ExchangeState.maximumWeight), any other at most 255 bytes")
            }
        }
    }

    /// Names and routing keys are short strings in AMQP 0-9-1.
    static let longestName = 255

    private func check(name: String) throws(BusError) {
        guard !name.isEmpty, name.utf8.count <= Self.longestName else {
            throw BusError(.topologyConflict, "names of queues and exchanges have 1 to 255 bytes")
        }
    }

    private mutating func create(_ queue: Topology.Queue, _ db: Database) throws {
        let id = nextQueue
        nextQueue += 1
        try db.execute(
            sql: "INSERT INTO queue (id, name, single_active) VALUES (?, ?, ?)",
            arguments: [id, queue.name, queue.singleActiveConsumer])
        queueIDs[queue.name] = id
        queues[id] = QueueState(id: id, name: queue.name, singleActiveConsumer: queue.singleActiveConsumer)
    }

    private mutating func bind(_ binding: Topology.Binding, _ db: Database) throws {
        let queue = try queue(named: binding.queue)
        guard try !exchange(named: binding.exchange).has(queue: queue.id, routingKey: binding.routingKey) else {
            return
        }
        try db.execute(
            sql: "INSERT INTO binding (exchange, queue, routing_key) VALUES (?, ?, ?)",
            arguments: [binding.exchange, queue.id, binding.routingKey])
        exchanges[binding.exchange]?.bind(queue: queue.id, name: queue.name, routingKey: binding.routingKey)
    }
}
