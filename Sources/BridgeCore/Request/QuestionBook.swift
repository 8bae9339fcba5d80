// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The questions of one process that wait for an answer: each ends exactly once, by its limit at the latest.
///
/// What the bus does never holds a caller: the book's own timer ends the wait, whether or not the bus has noticed.
package final class QuestionBook: Sendable {
    /// Why an answer was not taken.
    package enum Lateness: String, Sendable, Hashable {
        /// Its question was given up before.
        case late
        /// Another answer came first.
        case second
        /// No question of this id is remembered.
        case unknown
    }

    private enum Slot {
        case open
        case waiting(CheckedContinuation<Result<Message, RequestError>, Never>)
        case decided(Result<Message, RequestError>)
    }

    private struct State {
        var slots: [String: (name: String, slot: Slot)] = [:]
        /// What was asked lately and is over, for telling late answers from strangers'.
        var over: [String: (name: String, wasAnswered: Bool)] = [:]
        var order: [String] = []
        var next = 0
    }

    private static let remembered = 1024

    private let maximum: Int
    private let state = Mutex(State())

    /// - Parameter maximum: questions that may wait at once.
    package init(maximum: Int = 256) {
        self.maximum = max(1, maximum)
    }

    /// Questions that wait now.
    package var count: Int { state.withLock { $0.slots.count } }

    /// Registers the question, has it sent, and waits.
    ///
    /// - Parameters:
    ///   - limit: from now; the wait never takes longer.
    ///   - unanswered: the error when the time is over.
    ///   - send: starts the sending and returns at once; a failure is told by `fail`.
    /// - Throws: `tooMany`, `unavailable` when a question of the same id waits already, and what `fail` is told.
    package func ask(
        _ id: String, of name: String, within limit: Duration, unanswered: @escaping @Sendable () -> RequestError,
        send: () -> Void
    ) async throws(RequestError) -> Message {
        if let refusal = open(id, name) { throw refusal }
        // Unstructured: it must end the wait also when whatever was asked never comes back; cancelled below.
        let timer = Task {
            do {
                try await Task.sleep(for: limit)
                self.fail(id, unanswered())
            } catch {
                // Cancelled: the answer came first.
            }
        }
        send()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(id, continuation) }
        } onCancel: {
            fail(id, RequestError(.noAnswer, "\(BusNames.request(name)): nobody waits for the answer any more"))
        }
        timer.cancel()
        return try result.get()
    }

    /// Hands an answer to whoever waits.
    ///
    /// - Returns: nil when it was taken, else why not and the name of the question (nil when unknown).
    package func answer(_ id: String, with message: Message) -> (lateness: Lateness, name: String?)? {
        decide(id, .success(message))
    }

    /// Ends a question without an answer; nothing when it is over already.
    package func fail(_ id: String, _ error: RequestError) {
        _ = decide(id, .failure(error))
    }

    /// Ends every question that waits.
    package func failAll(_ error: RequestError) {
        for id in state.withLock({ Array($0.slots.keys) }) { fail(id, error) }
    }

    package func isWaiting(_ id: String) -> Bool {
        state.withLock { state in
            guard let entry = state.slots[id] else { return false }
            if case .decided = entry.slot { return false }
            return true
        }
    }

    private func open(_ id: String, _ name: String) -> RequestError? {
        state.withLock { state in
            let queue = BusNames.request(name)
            guard state.slots[id] == nil else {
                return RequestError(
                    .unavailable, "\(queue): a question of the same id waits already; give each its own")
            }
            guard state.slots.count < maximum else {
                return RequestError(
                    .tooMany, "\(queue): \(maximum) questions wait already; let the service answer faster, or add one")
            }
            state.slots[id] = (name, .open)
            return nil
        }
    }

    private func wait(_ id: String, _ continuation: CheckedContinuation<Result<Message, RequestError>, Never>) {
        let decided = state.withLock { state -> Result<Message, RequestError>? in
            guard let entry = state.slots[id] else { return .failure(RequestError(.noAnswer, "the question is over")) }
            if case .decided(let result) = entry.slot {
                state.slots[id] = nil
                return result
            }
            state.slots[id]?.slot = .waiting(continuation)
            return nil
        }
        if let decided { continuation.resume(returning: decided) }
    }

    private func decide(
        _ id: String, _ result: Result<Message, RequestError>
    ) -> (lateness: Lateness, name: String?)? {
        var waiter: CheckedContinuation<Result<Message, RequestError>, Never>?
        let refused = state.withLock { state -> (lateness: Lateness, name: String?)? in
            guard let entry = state.slots[id] else {
                guard let past = state.over[id] else { return (.unknown, nil) }
                return (past.wasAnswered ? .second : .late, past.name)
            }
            var wasAnswered = false
            if case .success = result { wasAnswered = true }
            switch entry.slot {
            case .decided(let earlier):
                if case .success = earlier { return (.second, entry.name) }
                return (.late, entry.name)
            case .open: state.slots[id]?.slot = .decided(result)
            case .waiting(let continuation):
                waiter = continuation
                state.slots[id] = nil
            }
            Self.remember(id, entry.name, wasAnswered, &state)
            return nil
        }
        waiter?.resume(returning: result)
        return refused
    }

    private static func remember(_ id: String, _ name: String, _ wasAnswered: Bool, _ state: inout State) {
        if state.over.updateValue((name, wasAnswered), forKey: id) != nil { return }
        if state.order.count < remembered {
            state.order.append(id)
        } else {
            state.over[state.order[state.next]] = nil
            state.order[state.next] = id
            state.next = (state.next + 1) % remembered
        }
    }
}
