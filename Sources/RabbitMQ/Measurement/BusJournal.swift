// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// Tells the operator what happens to the broker connections: one line for a change, not one for every attempt or for
/// every connection. All connections of a bus share it.
final class BusJournal: Sendable {
    /// A connection's part in the bus.
    enum Role: Sendable, Hashable {
        case publisher
        case consumer(queue: String)
        /// Questions and their answers.
        case requests

        var metric: String {
            switch self {
            case .publisher: "publisher"
            case .consumer: "consumer"
            case .requests: "requests"
            }
        }

        var name: String {
            switch self {
            case .publisher: "publisher"
            case .consumer(let queue): "consumer of \(queue)"
            case .requests: "requests"
            }
        }
    }

    /// The same line is written again after this time only.
    static let lostInterval = Duration.seconds(60)
    static let failedInterval = Duration.seconds(600)
    /// Different lines in one outage; a broker that invents a new text each time must not fill the disk.
    static let distinctLimit = 24

    private struct State {
        var down: [Role: Int64] = [:]
        /// When each line was last written, monotonic nanoseconds.
        var written: [String: Int64] = [:]
        var attempts = 0
        var suppressed = 0
        var hasTold = false
        var since: Int64 = 0
    }

    let metrics: BusMetrics
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// - Parameter now: monotonic nanoseconds.
    init(metrics: BusMetrics, logger: Logger, now: @escaping @Sendable () -> Int64 = { MonotonicTime.now() }) {
        self.metrics = metrics
        self.logger = logger
        self.now = now
    }

    func connected(_ role: Role, host: String) {
        let at = now()
        let (wasDown, ended) = state.withLock { state -> (Bool, (attempts: Int, suppressed: Int, since: Int64)?) in
            let wasDown = state.down.removeValue(forKey: role) != nil
            guard state.down.isEmpty, state.hasTold else { return (wasDown, nil) }
            defer {
                state.attempts = 0
                state.suppressed = 0
                state.hasTold = false
            }
            return (wasDown, (state.attempts, state.suppressed, state.since))
        }
        if wasDown { metrics.countReconnect(role) }
        if let ended {
            logger.notice(
                "broker connections are back",
                metadata: [
                    "host": "\(host)", "seconds": "\((at - ended.since) / 1_000_000_000)",
                    "attempts": "\(ended.attempts)", "lines_left_out": "\(ended.suppressed)",
                ])
        } else if !wasDown {
            logger.info("broker connected", metadata: ["connection": "\(role.name)", "host": "\(host)"])
        }
    }

    /// An established connection ended.
    func lost(_ role: Role, host: String, _ failure: BrokerFailure) {
        metrics.countLost(role, failure.cause)
        note(role)
        guard isDue("lost \(host) \(failure.text)", Self.lostInterval) else { return }
        logger.warning(
            "broker connection lost; connecting again",
            metadata: [
                "connection": "\(role.name)", "host": "\(host)", "cause": "\(failure.cause.rawValue)",
                "reason": "\(failure.text)",
            ])
    }

    /// An attempt to connect or to subscribe failed.
    func failed(_ role: Role, _ error: BusError) {
        note(role)
        let attempts = state.withLock { state in
            state.attempts += 1
            return state.attempts
        }
        guard isDue("failed \(error.message)", Self.failedInterval) else { return }
        logger.log(
            level: error.disposition == .fatal ? .error : .warning, "broker cannot be used; trying again",
            metadata: [
                "connection": "\(role.name)", "code": "\(error.code.rawValue)", "reason": "\(error.message)",
                "attempts": "\(attempts)",
            ])
    }

    /// The connection was given up on purpose.
    func forget(_ role: Role) {
        state.withLock { state in _ = state.down.removeValue(forKey: role) }
    }

    /// Something that the bus had declared was gone and was declared again, or could not be.
    func restored(_ what: String, _ error: BusError?) {
        metrics.countRestored(error == nil)
        if let error {
            guard isDue("unrestored \(what) \(error.message)", Self.failedInterval, opensOutage: false) else { return }
            logger.error(
                "a part of the topology is gone and cannot be declared again",
                metadata: ["part": "\(what)", "reason": "\(error.message)"])
        } else {
            guard isDue("restored \(what)", Self.lostInterval, opensOutage: false) else { return }
            logger.warning(
                "a part of the topology was gone and is declared again; what stood in it is lost",
                metadata: ["part": "\(what)"])
        }
    }

    private func note(_ role: Role) {
        let at = now()
        state.withLock { state in
            if state.down.isEmpty { state.since = at }
            state.down[role] = state.down[role] ?? at
        }
    }

    private func isDue(_ line: String, _ interval: Duration, opensOutage: Bool = true) -> Bool {
        let at = now()
        return state.withLock { state in
            if let last = state.written[line], at - last < interval.nanoseconds {
                state.suppressed += 1
                return false
            }
            if state.written.count >= Self.distinctLimit {
                state.written = state.written.filter { at - $0.value < Self.failedInterval.nanoseconds }
            }
            guard state.written.count < Self.distinctLimit || state.written[line] != nil else {
                state.suppressed += 1
                return false
            }
            state.written[line] = at
            if opensOutage { state.hasTold = true }
            return true
        }
    }
}
