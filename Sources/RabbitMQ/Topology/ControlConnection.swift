// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// Runs RPCs (declare, bind, inspect) on a connection of its own. It connects on demand and closes after two idle
/// seconds, so that a burst of calls costs one login.
final class ControlConnection: Sendable {
    private struct Job {
        /// Runs with a handle, or gets told why there is none. True when it must run again on a fresh connection.
        let run: @Sendable (Handle, _ mayRetry: Bool) -> Bool
        let refuse: @Sendable (BusError) -> Void
        let isAnswered: @Sendable () -> Bool
    }

    private struct State {
        var jobs = FirstInFirstOut<Job>()
        var isRunning = false
        var isClosed = false
        var wakeup: Wakeup?
    }

    private let connector: Connector
    private let state = Mutex(State())

    init(connector: Connector) {
        self.connector = connector
    }

    /// - Parameter limit: the caller waits no longer; the publish timeout unless told.
    /// - Throws: what `work` throws, `unavailable`, `accessRefused`, `closed`.
    func perform<Value: Sendable>(
        within limit: Duration? = nil, _ work: @escaping @Sendable (Handle) throws(BusError) -> Value
    ) async throws(BusError) -> Value {
        let result: Result<Value, BusError> = await withCheckedContinuation { continuation in
            start(within: limit, work) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// As `perform`, for callers that do not wait.
    func start<Value: Sendable>(
        within limit: Duration? = nil, _ work: @escaping @Sendable (Handle) throws(BusError) -> Value,
        then: @escaping @Sendable (Result<Value, BusError>) -> Void
    ) {
        let place = connector.configuration.place
        let answer = TimedAnswer(then)
        do throws(BusError) {
            try answer.expire(
                after: limit ?? connector.configuration.publishTimeout,
                with: .failure(BusError(.unavailable, "\(place): no answer within the publish timeout")))
        } catch {
            answer.give(.failure(error))
            return
        }
        let job = Job(
            run: { handle, mayRetry in
                let result: Result<Value, BusError>
                do throws(BusError) {
                    result = .success(try work(handle))
                } catch {
                    if mayRetry, handle.isBroken, error.code == .unavailable { return true }
                    result = .failure(error)
                }
                answer.give(result)
                return false
            },
            refuse: { answer.give(.failure($0)) }, isAnswered: { answer.isGiven })
        submit(job)
    }

    func close() {
        let wakeup = state.withLock { state in
            state.isClosed = true
            return state.wakeup
        }
        wakeup?.signal()
    }

    private func submit(_ job: Job) {
        let error: BusError? = state.withLock { state in
            if state.isClosed { return BusError(.closed, "the bus was shut down") }
            do throws(BusError) {
                let wakeup: Wakeup
                if let existing = state.wakeup {
                    wakeup = existing
                } else {
                    wakeup = try Wakeup()
                    state.wakeup = wakeup
                }
                if !state.isRunning {
                    try DedicatedThread.start("amqp-control") { self.run(wakeup) }
                    state.isRunning = true
                }
                state.jobs.append(job)
                wakeup.signal()
                return nil
            } catch {
                return error
            }
        }
        if let error { job.refuse(error) }
    }

    private func run(_ wakeup: Wakeup) {
        var handle: Handle?
        var lastUse = MonotonicTime.now()
        while true {
            guard let job = next(idle: MonotonicTime.now() - lastUse > 2_000_000_000) else {
                if !state.withLock({ $0.isRunning }) { break }
                wakeup.wait(milliseconds: 2100)
                continue
            }
            perform(job, &handle)
            lastUse = MonotonicTime.now()
        }
        handle?.close(politely: true)
    }

    private func next(idle: Bool) -> Job? {
        state.withLock { state in
            if let job = state.jobs.popFirst() { return job }
            if idle || state.isClosed { state.isRunning = false }
            return nil
        }
    }

    private func perform(_ job: Job, _ handle: inout Handle?) {
        // Its caller has stopped waiting while others were served.
        guard !job.isAnswered() else { return }
        var mayRetry = handle != nil
        while true {
            if handle?.isBroken == true { handle = nil }
            do throws(BusError) {
                let current: Handle
                if let handle {
                    current = handle
                } else {
                    current = try connector.open("control", fuse: try SocketFuse())
                    handle = current
                }
                guard job.run(current, mayRetry) else { return }
                mayRetry = false
            } catch {
                job.refuse(error)
                refuseAll(error)
                return
            }
        }
    }

    /// Whoever waits behind a failed connect would wait as long again.
    private func refuseAll(_ error: BusError) {
        for job in state.withLock({ $0.jobs.removeAll() }) { job.refuse(error) }
    }
}
