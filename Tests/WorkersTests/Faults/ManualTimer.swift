// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Time passes when the test says so: every sleep ends at the next `fire`, however long it was to be.
final class ManualTimer: Sendable {
    private struct State {
        var sleepers: [Int: AsyncStream<Never>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// How many sleeps have begun.
    var begun: Int { state.withLock { $0.next } }

    func sleep(_ duration: Duration) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        state.withLock { state in
            state.next += 1
            state.sleepers[state.next] = continuation
        }
        for await _ in stream {}
        try Task.checkCancellation()
    }

    func fire() {
        let sleepers = state.withLock { state in
            defer { state.sleepers = [:] }
            return state.sleepers.values.map(\.self)
        }
        for sleeper in sleepers { sleeper.finish() }
    }

    /// Lets time pass until the condition holds, or the test's time limit cancels it.
    func fire(until condition: () -> Bool) async {
        while !condition(), !Task.isCancelled {
            fire()
            await Task.yield()
        }
    }
}
