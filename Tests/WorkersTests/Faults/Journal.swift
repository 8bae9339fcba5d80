// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What happened, in order, and a way to wait for it.
final class Journal: Sendable {
    private struct State {
        var lines: [String] = []
        var waiters: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }

    func write(_ line: String) {
        let waiters = state.withLock { state in
            state.lines.append(line)
            return state.waiters
        }
        for waiter in waiters { waiter.yield() }
    }

    /// Returns when `condition` holds, or the test's time limit cancels it.
    func wait(until condition: @Sendable ([String]) -> Bool) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let holds = state.withLock { state in
            state.waiters.append(continuation)
            return condition(state.lines)
        }
        if holds { return }
        for await _ in stream where condition(lines) { return }
    }

    func wait(for line: String) async {
        await wait { $0.contains(line) }
    }
}
