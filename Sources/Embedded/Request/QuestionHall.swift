// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// The queues of questions: in memory, gone with the process. As on RabbitMQ, a question that nobody has taken in its
/// time is dropped, and what a listener gives back comes first again.
final class QuestionHall: Sendable {
    struct Entry: Sendable {
        let number: UInt64
        let message: Message
        /// Nil for what was published without a limit.
        let until: ContinuousClock.Instant?
        var redelivered = false

        func isOver(_ now: ContinuousClock.Instant) -> Bool { until.map { $0 <= now } ?? false }
    }

    private struct Listener {
        let id: UInt64
        let prefetch: Int
        let mailbox: Mailbox<Entry>
        var held: [UInt64: Entry] = [:]
    }

    private struct Queue {
        /// Rising numbers.
        var waiting: [Entry] = []
        var listeners: [Listener] = []
        var turn = 0
    }

    private struct State {
        var queues: [String: Queue] = [:]
        var last: UInt64 = 0
        var isClosed = false
    }

    /// Questions of one name that may wait for a listener.
    private static let room = 1000

    private let state = Mutex(State())

    func declare(_ queue: String) {
        state.withLock { state in
            if state.queues[queue] == nil { state.queues[queue] = Queue() }
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether somebody listens; nil when there is no such queue.
    func hasListener(_ queue: String) -> Bool? {
        state.withLock { state in state.queues[queue].map { !$0.listeners.isEmpty } }
    }

    /// - Throws: `notFound`, `refused` when too many wait, `closed`.
    func put(_ message: Message, in name: String) throws(BusError) {
        let now = ContinuousClock.now
        let until = message.answerLimit.map { now + $0 }
        let result: Result<Void, BusError> = state.withLock { state in
            if state.isClosed { return .failure(BusError(.closed, "the embedded bus is shut down")) }
            guard var queue = state.queues[name] else {
                return .failure(BusError(.notFound, "no queue \(name) on the embedded bus: name it in the settings"))
            }
            queue.waiting.removeAll { $0.isOver(now) }
            guard queue.waiting.count < Self.room else {
                return .failure(BusError(.refused, "\(name): \(Self.room) questions wait already"))
            }
            state.last += 1
            queue.waiting.append(Entry(number: state.last, message: message, until: until))
            Self.handOut(&queue, now)
            state.queues[name] = queue
            return .success(())
        }
        try result.get()
    }

    /// Takes a question back that nobody waits for any more; what a listener has stays with it.
    func withdraw(_ id: String, from name: String) {
        state.withLock { state in state.queues[name]?.waiting.removeAll { $0.message.id == id } }
    }

    func listen(to name: String, prefetch: Int) throws(BusError) -> (id: UInt64, mailbox: Mailbox<Entry>) {
        let mailbox = Mailbox<Entry>()
        let result: Result<UInt64, BusError> = state.withLock { state in
            if state.isClosed { return .failure(BusError(.closed, "the embedded bus is shut down")) }
            guard var queue = state.queues[name] else {
                return .failure(BusError(.notFound, "no queue \(name) on the embedded bus: name it in the settings"))
            }
            state.last += 1
            queue.listeners.append(Listener(id: state.last, prefetch: max(1, prefetch), mailbox: mailbox))
            Self.handOut(&queue, .now)
            state.queues[name] = queue
            return .success(state.last)
        }
        return (try result.get(), mailbox)
    }

    /// What the listener holds goes back to its old places.
    func leave(_ listener: UInt64, _ name: String) {
        state.withLock { state in
            guard var queue = state.queues[name],
                let index = queue.listeners.firstIndex(where: { $0.id == listener })
            else { return }
            let gone = queue.listeners.remove(at: index)
            gone.mailbox.close()
            queue.turn = 0
            Self.giveBack(gone.held.values, &queue)
            Self.handOut(&queue, .now)
            state.queues[name] = queue
        }
    }

    /// Unlike a referral, a question that is given up goes to no dead letters: its asker is told nothing and gives up
    /// in its time.
    ///
    /// - Throws: `stale` when the listener does not hold it any more.
    func settle(_ number: UInt64, of listener: UInt64, in name: String, _ settlement: Settlement) throws(BusError) {
        let isHeld = state.withLock { state in
            guard var queue = state.queues[name],
                let index = queue.listeners.firstIndex(where: { $0.id == listener }),
                let entry = queue.listeners[index].held.removeValue(forKey: number)
            else { return false }
            if settlement == .nack(requeue: true) { Self.giveBack([entry], &queue) }
            Self.handOut(&queue, .now)
            state.queues[name] = queue
            return true
        }
        guard isHeld else {
            throw BusError(.stale, "the question is settled already or its listener was cancelled")
        }
    }

    func depth(of name: String) -> QueueDepth? {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard let queue = state.queues[name] else { return nil }
            return QueueDepth(
                ready: queue.waiting.count { !$0.isOver(now) },
                unsettled: queue.listeners.reduce(0) { $0 + $1.held.count }, consumers: queue.listeners.count)
        }
    }

    func close() {
        let mailboxes = state.withLock { state in
            state.isClosed = true
            defer { state.queues = [:] }
            return state.queues.values.flatMap { $0.listeners.map(\.mailbox) }
        }
        for mailbox in mailboxes { mailbox.close() }
    }

    private static func giveBack(_ entries: some Collection<Entry>, _ queue: inout Queue) {
        for var entry in entries {
            entry.redelivered = true
            queue.waiting.append(entry)
        }
        queue.waiting.sort { $0.number < $1.number }
    }

    private static func handOut(_ queue: inout Queue, _ now: ContinuousClock.Instant) {
        queue.waiting.removeAll { $0.isOver(now) }
        while let entry = queue.waiting.first, let index = nextListener(&queue) {
            queue.waiting.removeFirst()
            queue.listeners[index].held[entry.number] = entry
            queue.listeners[index].mailbox.put([entry])
        }
    }

    private static func nextListener(_ queue: inout Queue) -> Int? {
        for step in 0..<queue.listeners.count {
            let index = (queue.turn + step) % queue.listeners.count
            if queue.listeners[index].held.count < queue.listeners[index].prefetch {
                queue.turn = (index + 1) % queue.listeners.count
                return index
            }
        }
        return nil
    }
}
