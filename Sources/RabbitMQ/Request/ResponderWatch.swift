// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Whether somebody takes questions: a question that nobody listens for must not cost its asker the whole time.
///
/// A passive look at the queue runs beside the question, so that it costs an answered one nothing; one look serves all
/// who ask meanwhile, and an answer counts as a look.
final class ResponderWatch: Sendable {
    private struct State {
        /// Until when a name counts as served, monotonic nanoseconds.
        var served: [String: Int64] = [:]
        /// Questions that a look under way will tell.
        var looking: [String: [String]] = [:]
    }

    private static let trust = Duration.seconds(2)

    private let control: ControlConnection
    private let book: QuestionBook
    private let state = Mutex(State())

    init(control: ControlConnection, book: QuestionBook) {
        self.control = control
        self.book = book
    }

    /// Looks whether the question has a listener, unless that is known; without one it ends at once.
    func look(for id: String, of name: String, within limit: Duration) {
        let isFirst = state.withLock { state in
            if state.served[name, default: 0] > MonotonicTime.now() { return false }
            state.looking[name, default: []].append(id)
            return state.looking[name]?.count == 1
        }
        guard isFirst else { return }
        let queue = BusNames.request(name)
        control.start(within: limit) { handle throws(BusError) in
            try handle.depth(of: queue)
        } then: { [self] result in
            let ids = state.withLock { state in
                if case .success(let depth?) = result, depth.consumers > 0 {
                    state.served[name] = MonotonicTime.after(Self.trust)
                }
                return state.looking.removeValue(forKey: name) ?? []
            }
            // What went wrong with the look is the control connection's; the question goes its own way.
            guard case .success(let depth) = result, depth.map({ $0.consumers == 0 }) ?? true else { return }
            let error =
                depth == nil
                ? RequestError(.noResponder, "there is no queue \(queue): name it in the settings")
                : RequestError(
                    .noResponder, "nobody takes questions from \(queue): start the service that answers them")
            for id in ids { book.fail(id, error) }
        }
    }

    func answered(_ name: String) {
        state.withLock { $0.served[name] = MonotonicTime.after(Self.trust) }
    }

    func forget(_ name: String) {
        state.withLock { $0.served[name] = nil }
    }
}
