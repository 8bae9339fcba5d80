// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Says once, to all who wait, that no new work is to begin; ends pauses at once.
package final class StopSignal: Sendable {
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    private struct State {
        var isTriggered = false
        var waiters: [Int: AsyncStream<Never>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    private let sleep: Sleep

    /// - Parameter sleep: how a pause passes its time; tests let it pass at once.
    package init(sleep: @escaping Sleep = { try await Task.sleep(for: $0) }) {
        self.sleep = sleep
    }

    package var isTriggered: Bool { state.withLock { $0.isTriggered } }

    package func trigger() {
        let waiters = state.withLock { state in
            state.isTriggered = true
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.self)
        }
        for waiter in waiters { waiter.finish() }
    }

    /// Returns when the signal is given, or the task is cancelled.
    package func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let number = state.withLock { state -> Int? in
            guard !state.isTriggered else { return nil }
            state.next += 1
            state.waiters[state.next] = continuation
            return state.next
        }
        guard let number else { return }
        for await _ in stream {}
        state.withLock { $0.waiters[number] = nil }
    }

    /// Waits; false when the signal or a cancellation ended the wait: then no further attempt is to be made.
    package func pause(for duration: Duration) async -> Bool {
        guard !isTriggered, !Task.isCancelled else { return false }
        let sleep = self.sleep
        await withTaskGroup(of: Void.self) { group in
            // A sleep throws only when it is cancelled, and that is looked at below.
            group.addTask { try? await sleep(duration) }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
        return !isTriggered && !Task.isCancelled
    }
}
