// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Waits for work no longer than a limit, whether or not the work heeds cancellation.
package enum Deadline {
    /// The work's value, or nil once `limit` has passed.
    ///
    /// - Parameters:
    ///   - cancelling: whether late work is cancelled. A publish is not: half a publish is the one thing that must not
    ///     be, and its outcome is still wanted.
    ///   - late: told the value of work that ended after the limit.
    package static func value<Value: Sendable>(
        within limit: Duration, cancelling: Bool,
        late: @escaping @Sendable (Value) -> Void = { _ in }, _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let race = Race<Value>()
        // Unstructured: a task group would wait for work that ignores its cancellation, which is what this prevents.
        let worker = Task {
            let value = await work()
            if !race.finish(value) { late(value) }
        }
        // Unstructured for the same reason; cancelled below.
        let timer = Task {
            do {
                try await Task.sleep(for: limit)
                _ = race.finish(nil)
            } catch {
                // Cancelled: the work came first.
            }
        }
        let value = await race.value()
        timer.cancel()
        if value == nil, cancelling { worker.cancel() }
        return value
    }
}

/// Takes the first of several results and hands it to one waiter.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value?, Never>)
        case finished(Value?)
        case taken
    }

    private let state = Mutex(State.open)

    /// False when another result came first.
    func finish(_ value: Value?) -> Bool {
        let (won, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value?, Never>?) in
            switch state {
            case .open:
                state = .finished(value)
                return (true, nil)
            case .waiting(let continuation):
                state = .taken
                return (true, continuation)
            case .finished, .taken:
                return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return won
    }

    func value() async -> Value? {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> (isReady: Bool, value: Value?) in
                if case .finished(let value) = state {
                    state = .taken
                    return (true, value)
                }
                state = .waiting(continuation)
                return (false, nil)
            }
            if ready.isReady { continuation.resume(returning: ready.value) }
        }
    }
}
