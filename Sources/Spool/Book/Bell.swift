// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Wakes everybody who waits for a change; a change between looking and waiting is not missed.
final class Bell: Sendable {
    private struct State {
        var round = 0
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Look at this before looking at what may change.
    var round: Int { state.withLock { $0.round } }

    func ring() {
        let waiting = state.withLock { state in
            state.round += 1
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Returns once there was a ring after `round`, or the task is cancelled.
    func wait(after round: Int) async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Asked under the lock: a cancellation from here on finds the waiter registered.
                    if state.round != round || Task.isCancelled { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }
}
