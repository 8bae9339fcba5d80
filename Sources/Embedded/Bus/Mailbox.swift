// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A stored message on its way to a consumer.
struct Handout: Sendable {
    let sequence: Int64
    let routingKey: String
    let publishedAt: Int64
    let redelivered: Bool
    let envelope: [UInt8]
    let body: [UInt8]
}

/// What one consumer may take now; at most its prefetch.
///
/// Unlike the buffer of an `AsyncStream` it can be emptied: after a cancel no message comes out that has already gone
/// back to its queue.
final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var waiting: [Item] = []
        var takers: [(id: UInt64, continuation: CheckedContinuation<Item?, Never>)] = []
        var nextTaker: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    func put(_ items: [Item]) {
        let served = state.withLock { state -> [(CheckedContinuation<Item?, Never>, Item)] in
            guard !state.isClosed else { return [] }
            state.waiting.append(contentsOf: items)
            let count = min(state.takers.count, state.waiting.count)
            let pairs = zip(state.takers.prefix(count), state.waiting.prefix(count)).map { ($0.continuation, $1) }
            state.takers.removeFirst(count)
            state.waiting.removeFirst(count)
            return pairs
        }
        for (continuation, item) in served { continuation.resume(returning: item) }
    }

    /// The next message; nil once closed, or when the calling task is cancelled.
    func take() async -> Item? {
        let id = state.withLock { state in
            state.nextTaker += 1
            return state.nextTaker
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Item?? in
                    // Asked under the lock: a cancellation from here on finds the taker registered.
                    if state.isClosed || Task.isCancelled { return .some(nil) }
                    if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
                    state.takers.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let taker = state.withLock { state in
                state.takers.firstIndex { $0.id == id }.map { state.takers.remove(at: $0).continuation }
            }
            taker?.resume(returning: nil)
        }
    }

    func close() {
        let takers = state.withLock { state in
            state.isClosed = true
            state.waiting = []
            defer { state.takers = [] }
            return state.takers
        }
        for taker in takers { taker.continuation.resume(returning: nil) }
    }
}
