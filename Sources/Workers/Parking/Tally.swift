// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// What has been tried with one message, over restarts and hand-overs. Nothing is written for a message that succeeds
/// at once.
final class Tally: Sendable {
    private struct State {
        var failures = 0
        var firstAt: Timestamp?
        var isStored = false
    }

    /// `stage|queue|message id`.
    let key: String
    private let origin: Origin
    private let limit: Duration
    private let history: any MessageHistory
    private let clock: any WallClock
    private let state: Mutex<State>

    /// - Parameters:
    ///   - limit: how long a message may fail before it is parked.
    ///   - known: what the store knows of earlier attempts.
    init(
        key: String, origin: Origin, limit: Duration, known: AttemptHistory?, history: any MessageHistory,
        clock: any WallClock
    ) {
        self.key = key
        self.origin = origin
        self.limit = limit
        self.history = history
        self.clock = clock
        var state = State()
        if let known {
            state = State(failures: known.failures, firstAt: known.firstAt, isStored: true)
        }
        if case .lot(let parked) = origin {
            state.failures = max(state.failures, parked.attempts)
            state.firstAt = min(state.firstAt ?? parked.firstAttempt, parked.firstAttempt)
        }
        self.state = Mutex(state)
    }

    static func key(stage: String, _ delivery: Delivery) -> String {
        "\(stage)|\(delivery.queue)|\(delivery.message.id)"
    }

    /// Failed attempts so far.
    var failures: Int { state.withLock { $0.failures } }
    /// The number of the attempt that is being made, from 1.
    var attempt: Int { failures + 1 }
    /// When the first attempt failed.
    var firstAt: Timestamp? { state.withLock { $0.firstAt } }
    /// Whether the store knows of it.
    var isStored: Bool { state.withLock { $0.isStored } }
    var isFromLot: Bool { origin.isLot }

    /// How often a side lane of the bridge's own is tried before its message makes room.
    var sideLaneAttempts: Int { origin.isLot ? 1 : 3 }

    /// Counts a failed attempt. A store that is away loses the count, not the message.
    func note(_ reason: String, _ hop: Hop) async {
        let now = clock.now()
        state.withLock { state in
            state.failures += 1
            state.firstAt = state.firstAt ?? now
        }
        do throws(StoreError) {
            let known = try await history.noteFailure(of: key, reason: reason, now: now)
            state.withLock { state in
                state.failures = max(state.failures, known.failures)
                state.firstAt = min(state.firstAt ?? known.firstAt, known.firstAt)
                state.isStored = true
            }
        } catch {
            hop.logger.info("a failed attempt was not written down", metadata: ["reason": "\(error.reason)"])
        }
    }

    /// Whether the message has failed for so long that it makes room; one out of the lot does at its first failure.
    ///
    /// - Parameters:
    ///   - since: time before this does not count.
    ///   - wait: the wait that would come next.
    func isOverdue(since: Timestamp? = nil, wait: Duration = .zero) -> Bool {
        if origin.isLot { return true }
        guard let firstAt else { return false }
        let start = since.map { max($0, firstAt) } ?? firstAt
        return clock.now().duration(since: start) + wait > limit
    }

    /// The message has left the worker.
    func forget(_ hop: Hop) async {
        guard isStored else { return }
        do throws(StoreError) {
            try await history.forgetHistory(of: key)
        } catch {
            hop.logger.info("the attempts of a message stay written down", metadata: ["reason": "\(error.reason)"])
        }
    }
}
