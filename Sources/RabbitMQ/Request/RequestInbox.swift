// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// A question on its way to the broker.
struct PendingQuestion: Sendable {
    let id: String
    let name: String
    let content: PendingPublish.Content
    /// Monotonic nanoseconds.
    let deadline: Int64
    /// Whether the broker may have it: what becomes of the wait when the time is over depends on it.
    let progress: Progress

    final class Progress: Sendable {
        let isWritten = Atomic<Bool>(false)
    }

    var size: Int { content.body.count + 512 }
}

/// Where tasks hand questions to the connection's thread. The book ends their wait; nothing here does.
final class RequestInbox: Sendable {
    private struct State {
        var items = FirstInFirstOut<PendingQuestion>()
        var bytes = 0
        /// Nil while questions are taken: connected, or connecting for the first time or after a loss.
        var refusal: RequestError?
        var isStopping = false
        var threadWaits = false
    }

    let wakeup: Wakeup
    private let book: QuestionBook
    private let maximumBytes: Int
    private let state = Mutex(State())

    /// - Throws: `unavailable` when the process is out of descriptors.
    init(book: QuestionBook, maximumBytes: Int) throws(BusError) {
        self.book = book
        self.maximumBytes = maximumBytes
        wakeup = try Wakeup()
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Takes a question, or tells the book at once why not.
    func submit(_ item: PendingQuestion) {
        let (error, wake) = state.withLock { state -> (RequestError?, Bool) in
            if state.isStopping { return (RequestError(.unavailable, "the bus was shut down"), false) }
            if let refusal = state.refusal { return (refusal, false) }
            guard state.items.isEmpty || state.bytes + item.size <= maximumBytes else {
                return (RequestError(.tooMany, "too many bytes of questions wait for the broker"), false)
            }
            state.items.append(item)
            state.bytes += item.size
            defer { state.threadWaits = false }
            return (nil, state.threadWaits)
        }
        if wake { wakeup.signal() }
        if let error { book.fail(item.id, error) }
    }

    /// For the thread: what it may write now. What nobody waits for any more is left out.
    func take(count: Int) -> (items: [PendingQuestion], isStopping: Bool) {
        state.withLock { state in
            var items: [PendingQuestion] = []
            while items.count < count, let item = state.items.popFirst() {
                state.bytes -= item.size
                if book.isWaiting(item.id) { items.append(item) }
            }
            state.threadWaits = state.items.isEmpty && items.isEmpty
            return (items, state.isStopping)
        }
    }

    /// For the thread: items taken and not written.
    func putBack(_ items: [PendingQuestion]) {
        state.withLock { state in
            state.items.prepend(items)
            for item in items { state.bytes += item.size }
        }
    }

    /// Questions are taken, and wait for the connection if need be.
    func open() {
        state.withLock { state in
            state.refusal = nil
            state.threadWaits = false
        }
    }

    /// Whoever waits would wait in vain: everything not written yet ends, and so does what comes until `open`.
    func refuse(_ error: RequestError) {
        let ended = state.withLock { state in
            state.refusal = error
            state.bytes = 0
            return state.items.removeAll()
        }
        for item in ended { book.fail(item.id, error) }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }
}
