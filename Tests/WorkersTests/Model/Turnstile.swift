// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Stops one worker before each call that it makes, until the model checker lets it through.
final class ModelTurnstile: Sendable {
    /// What becomes of the call.
    enum Decision: Sendable, Hashable {
        case goes
        /// It takes effect, and its answer is lost.
        case unheard
        /// The process dies before it, or after it took effect and before the answer is seen.
        case diesBefore
        case diesAfter
    }

    enum Event: Sendable, Hashable {
        case arrived(String)
        /// Whether the message was settled.
        case finished(Bool)
    }

    private struct State {
        var pending: CheckedContinuation<Decision, Never>?
        var events: [Event] = []
        var watcher: CheckedContinuation<Event, Never>?
        var isDead = false
    }

    private let state = Mutex(State())

    /// Called by the worker.
    func arrive(_ call: String) async -> Decision {
        await withCheckedContinuation { continuation in
            let isDead = state.withLock { state in
                if !state.isDead { state.pending = continuation }
                return state.isDead
            }
            if isDead { continuation.resume(returning: .diesBefore) } else { tell(.arrived(call)) }
        }
    }

    func finish(_ isSettled: Bool) { tell(.finished(isSettled)) }

    private func tell(_ event: Event) {
        let watcher = state.withLock { state in
            defer { state.watcher = nil }
            if state.watcher == nil { state.events.append(event) }
            return state.watcher
        }
        watcher?.resume(returning: event)
    }

    /// Called by the checker: what the worker does next.
    func next() async -> Event {
        await withCheckedContinuation { continuation in
            let event: Event? = state.withLock { state in
                if !state.events.isEmpty { return state.events.removeFirst() }
                state.watcher = continuation
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    func decide(_ decision: Decision) {
        let pending = state.withLock { state in
            if decision == .diesBefore || decision == .diesAfter { state.isDead = true }
            defer { state.pending = nil }
            return state.pending
        }
        pending?.resume(returning: decision)
    }
}
