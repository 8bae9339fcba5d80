// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// A bus whose failures a test scripts. It keeps the port's promises: unsettled deliveries come again in their old
/// order when the consumer goes.
final class ScriptedBus: MessageBus {
    struct Published: Sendable {
        let message: Message
        let destination: Destination
    }

    private struct Waiting: Sendable {
        let number: Int
        let message: Message
        let routingKey: String
        var redelivered = false
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var held: [Waiting] = []
        var sink: AsyncStream<Delivery>.Continuation?
    }

    private struct State {
        var published: [Published] = []
        var queues: [String: Queue] = [:]
        var next = 0
    }

    /// Nil: confirmed. The number counts the publishes from 1.
    typealias Script = @Sendable (Message, Destination, Int) -> BusError?

    let journal: Journal
    private let state = Mutex(State())
    private let publishScript: Script
    private let subscribeScript: @Sendable (Int) -> BusError?
    private let depthScript: @Sendable (String) throws(BusError) -> QueueDepth?
    private let attempts = Mutex((publish: 0, subscribe: 0))
    /// A queue that is not there.
    private let missing: String?

    init(
        journal: Journal = Journal(), subscribing: @escaping @Sendable (Int) -> BusError? = { _ in nil },
        refusing missing: String? = nil,
        depth: @escaping @Sendable (String) throws(BusError) -> QueueDepth? = { _ in nil },
        publishing: @escaping Script = { _, _, _ in nil }
    ) {
        self.journal = journal
        publishScript = publishing
        subscribeScript = subscribing
        depthScript = depth
        self.missing = missing
    }

    /// What was confirmed.
    var published: [Published] { state.withLock { $0.published } }

    func published(to exchange: String) -> [Message] {
        published.compactMap { entry in
            switch entry.destination {
            case .exchange(let name, _) where name == exchange: entry.message
            case .queue(let name) where name == exchange: entry.message
            default: nil
            }
        }
    }

    func routingKeys(of exchange: String) -> [String] {
        published.compactMap { entry in
            if case .exchange(exchange, let key) = entry.destination { key } else { nil }
        }
    }

    /// Ids that no consumer has settled, in the order in which they would come.
    func remaining(in queue: String) -> [String] {
        state.withLock { state in
            let entry = state.queues[queue] ?? Queue()
            return (entry.held + entry.waiting).sorted { $0.number < $1.number }.map(\.message.id)
        }
    }

    func feed(_ message: Message, queue: String, routingKey: String? = nil, redelivered: Bool = false) {
        state.withLock { state in
            state.next += 1
            state.queues[queue, default: Queue()].waiting.append(
                Waiting(
                    number: state.next, message: message, routingKey: routingKey ?? message.subject ?? "",
                    redelivered: redelivered))
        }
        pump(queue)
    }

    private func pump(_ queue: String) {
        let (ready, sink) = state.withLock { state -> ([Waiting], AsyncStream<Delivery>.Continuation?) in
            guard var entry = state.queues[queue], let sink = entry.sink else { return ([], nil) }
            let ready = entry.waiting
            entry.held += ready
            entry.waiting = []
            state.queues[queue] = entry
            return (ready, sink)
        }
        for item in ready {
            sink?.yield(
                Delivery(
                    message: item.message, queue: queue, routingKey: item.routingKey, redelivered: item.redelivered
                ) { (settlement) async throws(BusError) in
                    try self.settle(item.number, item.message.id, queue, settlement)
                })
        }
    }

    private func settle(_ number: Int, _ id: String, _ queue: String, _ settlement: Settlement) throws(BusError) {
        let isHeld = state.withLock { state -> Bool in
            guard let index = state.queues[queue]?.held.firstIndex(where: { $0.number == number }) else { return false }
            state.queues[queue]?.held.remove(at: index)
            return true
        }
        journal.write(settlement == .ack ? "ack \(id)" : "nack \(id)")
        if !isHeld { throw BusError(.stale, "the consumer is gone") }
    }

    func declare(_ topology: Topology) async throws(BusError) {}

    func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        let number = attempts.withLock { attempts in
            attempts.publish += 1
            return attempts.publish
        }
        if let error = publishScript(message, destination, number) {
            journal.write("publish failed \(message.id)")
            throw error
        }
        state.withLock { $0.published.append(Published(message: message, destination: destination)) }
        journal.write("published \(message.id)")
    }

    func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        let number = attempts.withLock { attempts in
            attempts.subscribe += 1
            return attempts.subscribe
        }
        if let error = subscribeScript(number) { throw error }
        if queue == missing { throw BusError(.notFound, "no such queue") }
        let (stream, sink) = AsyncStream.makeStream(of: Delivery.self)
        state.withLock { $0.queues[queue, default: Queue()].sink = sink }
        journal.write("subscribed \(queue)")
        pump(queue)
        return Subscription(queue: queue, deliveries: stream) {
            self.giveBack(queue)
            self.journal.write("cancelled \(queue)")
        }
    }

    private func giveBack(_ queue: String) {
        state.withLock { state in
            guard var entry = state.queues[queue] else { return }
            entry.sink?.finish()
            entry.sink = nil
            entry.waiting = (entry.held + entry.waiting).sorted { $0.number < $1.number }.map { item in
                var item = item
                item.redelivered = true
                return item
            }
            entry.held = []
            state.queues[queue] = entry
        }
    }

    func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {}
    func depth(of queue: String) async throws(BusError) -> QueueDepth? { try depthScript(queue) }
    func health() async -> BusHealth { .ready }

    func shutdown() async {
        for queue in state.withLock({ $0.queues.keys.map(\.self) }) { giveBack(queue) }
    }
}
