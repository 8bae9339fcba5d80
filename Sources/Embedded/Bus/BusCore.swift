// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import GRDB
import Logging
import Synchronization

/// Joins the bus's state to the writer's transactions.
final class BusCore: GroupParticipant, Sendable {
    private struct Held {
        var state: BusState
        /// The state before the running transaction.
        var saved: BusState?
        var isFailing = false
    }

    private let held: Mutex<Held>
    private let metrics: BusMetrics
    private let logger: Logger

    init(_ state: BusState, metrics: BusMetrics, logger: Logger) {
        held = Mutex(Held(state: state))
        self.metrics = metrics
        self.logger = logger
    }

    func change<Value: Sendable>(_ body: (inout BusState) throws -> Value) rethrows -> Value {
        try held.withLock { held in try body(&held.state) }
    }

    var hasWork: Bool { held.withLock { !$0.state.stirred.isEmpty } }

    /// Whether the last transaction failed.
    var isFailing: Bool { held.withLock { $0.isFailing } }

    func begin() {
        held.withLock { $0.saved = $0.state }
    }

    func prepare(_ db: Database) throws {
        try held.withLock { held in try held.state.plan(db) }
    }

    func committed() {
        let (planned, recovered) = held.withLock { held in
            held.saved = nil
            defer {
                held.state.planned = []
                held.isFailing = false
            }
            return (held.state.planned, held.isFailing)
        }
        if recovered { logger.notice("the embedded bus can write again") }
        for (mailbox, handouts) in planned {
            metrics.countDeliveries(handouts)
            mailbox.put(handouts)
        }
    }

    func rolledBack(_ error: any Error) {
        let wasFailing = held.withLock { held in
            defer { held.isFailing = true }
            if let saved = held.saved { held.state = saved }
            held.saved = nil
            held.state.planned = []
            held.state.stirAll()
            return held.isFailing
        }
        guard !wasFailing else { return }
        let advice = (error as? DatabaseError).map { StorageCondition($0).advice } ?? "\(type(of: error))"
        logger.error("the embedded bus cannot write", metadata: ["advice": "\(advice)"])
    }
}
