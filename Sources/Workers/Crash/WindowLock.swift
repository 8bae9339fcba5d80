// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Many at once, or one alone, in the order in which they came; who waits blocks no thread.
final class WindowLock: Sendable {
    private struct Waiter {
        let number: UInt64
        let isAlone: Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        /// Those inside together.
        var together = 0
        var isOneAlone = false
        /// First come first; a cancelled one is taken out.
        var waiters: [Waiter] = []
        var next: UInt64 = 0

        func admits(alone: Bool) -> Bool { !isOneAlone && (!alone || together == 0) }

        mutating func admit(alone: Bool) {
            if alone { isOneAlone = true } else { together += 1 }
        }

        /// Those at the head of the line who may go in now.
        mutating func admitWaiters() -> [CheckedContinuation<Bool, Never>] {
            var count = 0
            for waiter in waiters {
                guard admits(alone: waiter.isAlone) else { break }
                admit(alone: waiter.isAlone)
                count += 1
            }
            defer { waiters.removeFirst(count) }
            return waiters.prefix(count).map(\.continuation)
        }
    }

    private let state = Mutex(State())

    /// Those who wait, for tests.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// - Returns: false when the task was cancelled while it waited; then there is nothing to leave.
    func enter(alone: Bool) async -> Bool {
        let number: UInt64? = state.withLock { state in
            if state.waiters.isEmpty, state.admits(alone: alone) {
                state.admit(alone: alone)
                return nil
            }
            state.next += 1
            return state.next
        }
        guard let number else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.waiters.isEmpty, state.admits(alone: alone) {
                        state.admit(alone: alone)
                        return true
                    }
                    state.waiters.append(Waiter(number: number, isAlone: alone, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let (waiter, admitted) = state.withLock { state in
                let waiter = state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
                // It may have kept others behind it.
                return (waiter, waiter == nil ? [] : state.admitWaiters())
            }
            waiter?.continuation.resume(returning: false)
            for continuation in admitted { continuation.resume(returning: true) }
        }
    }

    func leave(alone: Bool) {
        let admitted = state.withLock { state in
            if alone { state.isOneAlone = false } else { state.together = max(0, state.together - 1) }
            return state.admitWaiters()
        }
        for continuation in admitted { continuation.resume(returning: true) }
    }
}
