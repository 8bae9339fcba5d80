// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// The part of the message history that the crash guard uses, with failures that a test scripts. It outlives a guard as
/// a store outlives a process.
final class MarkBook: MessageHistory {
    private struct State {
        var marks: [String: Int] = [:]
        var calls = 0
    }

    private let state = Mutex(State())
    private let journal: Journal
    /// Step (`begin`, `end`) and the number of the call from 1.
    private let script: @Sendable (String, Int) -> StoreError?

    init(journal: Journal = Journal(), _ script: @escaping @Sendable (String, Int) -> StoreError? = { _, _ in nil }) {
        self.journal = journal
        self.script = script
    }

    var marks: [String: Int] { state.withLock { $0.marks } }

    /// The process died over the message so many times while it was alone.
    func died(over key: String, times: Int) { state.withLock { $0.marks[key] = times } }

    private func enter(_ step: String, _ key: String) throws(StoreError) {
        let number = state.withLock { state in
            state.calls += 1
            return state.calls
        }
        if let error = script(step, number) {
            journal.write("\(step) failed")
            throw error
        }
        journal.write("\(step) \(key)")
    }

    func history(of key: String) async throws(StoreError) -> AttemptHistory? { nil }

    func noteFailure(of key: String, reason: String, now: Timestamp) async throws(StoreError) -> AttemptHistory {
        AttemptHistory(failures: 1, firstAt: now, lastAt: now, reason: reason)
    }

    func begin(suspect key: String, now: Timestamp) async throws(StoreError) -> Int {
        try enter("begin", key)
        return state.withLock { state in
            state.marks[key, default: 0] += 1
            return state.marks[key, default: 0]
        }
    }

    func end(suspect key: String) async throws(StoreError) {
        try enter("end", key)
        state.withLock { $0.marks[key] = nil }
    }

    func forgetHistory(of key: String) async throws(StoreError) {
        try enter("forget", key)
        state.withLock { $0.marks[key] = nil }
    }
}
