// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Deliveries between the connection's thread and the consumer's task. Not an ordinary stream buffer, because what a
/// lost connection delivered must be taken back: the broker gives it out again, in order.
final class DeliveryMailbox: Sendable {
    private struct State {
        var deliveries = FirstInFirstOut<Delivery>()
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Delivery?, Never>)] = []
        var nextWaiter: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())

    var stream: AsyncStream<Delivery> {
        AsyncStream(unfolding: { await self.next() })
    }

    func put(_ delivery: Delivery) {
        let waiter = state.withLock { state -> CheckedContinuation<Delivery?, Never>? in
            guard !state.isFinished else { return nil }
            if state.waiters.isEmpty {
                state.deliveries.append(delivery)
                return nil
            }
            return state.waiters.removeFirst().continuation
        }
        waiter?.resume(returning: delivery)
    }

    /// Takes back what nobody has received yet.
    func clear() {
        state.withLock { state in _ = state.deliveries.removeAll() }
    }

    /// Ends the stream at once; what nobody has received returns to the queue.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            _ = state.deliveries.removeAll()
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    private func next() async -> Delivery? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Answer {
                    case now(Delivery?)
                    case later
                }
                let answer: Answer = state.withLock { state in
                    if state.isFinished || Task.isCancelled { return .now(nil) }
                    if let delivery = state.deliveries.popFirst() { return .now(delivery) }
                    state.waiters.append((id, continuation))
                    return .later
                }
                if case .now(let delivery) = answer { continuation.resume(returning: delivery) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
            }
            waiter?.resume(returning: nil)
        }
    }
}
