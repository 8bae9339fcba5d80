// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Where tasks hand settlements to the consumer's thread; knows which deliveries are still theirs to settle.
final class SettlementDesk: Sendable {
    struct Command: Sendable {
        let tag: UInt64
        let settlement: Settlement
        /// The message's id.
        let subject: String
    }

    private struct State {
        /// Numbers the connections; deliveries of an earlier one are stale.
        var generation = 0
        var unsettled: Set<UInt64> = []
        var commands: [Command] = []
        var isStopping = false
        var mustRenew = false
        var threadWaits = false
    }

    let wakeup: Wakeup
    private let queue: String
    private let state = Mutex(State())

    /// - Throws: `unavailable` when the process is out of descriptors.
    init(queue: String) throws(BusError) {
        wakeup = try Wakeup()
        self.queue = queue
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// - Throws: `stale` when the delivery's connection is gone or it was settled before.
    func settle(_ tag: UInt64, generation: Int, _ settlement: Settlement, subject: String) throws(BusError) {
        let (accepted, wake) = state.withLock { state -> (Bool, Bool) in
            guard state.generation == generation, state.unsettled.remove(tag) != nil else { return (false, false) }
            state.commands.append(Command(tag: tag, settlement: settlement, subject: subject))
            let wake = state.threadWaits
            state.threadWaits = false
            return (true, wake)
        }
        guard accepted else {
            throw BusError(.stale, "queue \(queue): the delivery is settled already or its connection is gone")
        }
        if wake { wakeup.signal() }
    }

    /// Deliveries handed out and not settled.
    var unsettledCount: Int { state.withLock { $0.unsettled.count } }
    var mustRenew: Bool { state.withLock { $0.mustRenew } }

    /// Asks the thread for a new connection: the queue is not the one that was subscribed to.
    func renew() {
        state.withLock { $0.mustRenew = true }
        wakeup.signal()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    /// For the thread: a new connection begins.
    func beginGeneration() -> Int {
        state.withLock { state in
            state.generation += 1
            state.unsettled = []
            state.commands = []
            state.mustRenew = false
            return state.generation
        }
    }

    /// For the thread: the connection is over; what it delivered is stale from now on.
    func endGeneration() {
        _ = beginGeneration()
    }

    /// - Returns: how many are unsettled with this one.
    func delivered(_ tag: UInt64) -> Int {
        state.withLock { state in
            state.unsettled.insert(tag)
            return state.unsettled.count
        }
    }

    /// For the thread: the settlements to write. When stopping, these are the last: later ones are stale.
    func take() -> (commands: [Command], isStopping: Bool) {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            state.threadWaits = commands.isEmpty
            if state.isStopping {
                state.generation += 1
                state.unsettled = []
            }
            return (commands, state.isStopping)
        }
    }
}
