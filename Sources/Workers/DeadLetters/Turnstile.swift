// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets one in at a time, in the order of coming.
final class Turnstile: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many may wait.
    init(limit: Int) {
        self.limit = limit
    }

    /// Waits for its turn; false when too many wait already.
    func enter() async -> Bool {
        let isFull = state.withLock { $0.isTaken && $0.waiting.count >= limit }
        if isFull { return false }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken {
                    state.waiting.append(continuation)
                    return false
                }
                state.isTaken = true
                return true
            }
            if isFree { continuation.resume() }
        }
        return true
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
