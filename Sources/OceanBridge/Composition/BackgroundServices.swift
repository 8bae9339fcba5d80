// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import ServiceLifecycle
import Synchronization
import Workers

/// Whether exchanges and queues are there: consumers wait for it, `/readyz` shows it.
final class Readiness: Sendable {
    private struct State {
        var reason: String? = "exchanges and queues are not declared yet"
        var isBusAway = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Why not; nil when ready.
    var reason: String? { state.withLock { $0.reason } }

    /// Whether only the bus's absence is in the way, which mends itself.
    var isBusAway: Bool { state.withLock { $0.reason != nil && $0.isBusAway } }

    func fail(_ reason: String, isBusAway: Bool) {
        state.withLock { state in
            state.reason = reason
            state.isBusAway = isBusAway
        }
    }

    func succeed() {
        let waiting = state.withLock { state in
            state.reason = nil
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Lets everybody go, ready or not: the process stops.
    func release() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.reason != nil { state.waiting.append(continuation) }
                return state.reason == nil
            }
            if isReady { continuation.resume() }
        }
    }
}

/// Declares the topology: again and again until the bus is there, since start-up with the broker down must work, and
/// from time to time after that, since an operator or a broken broker may have removed a part.
struct TopologyService: Service {
    /// Nothing is changed on a broker where all is in place, so this costs some passive questions.
    static let period: Duration = .seconds(30)

    let bus: any MessageBus
    let topology: Topology
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await declare()
                do { try await Task.sleep(for: Self.period) } catch { break }
            }
        }
        readiness.release()
    }

    /// What an operator must mend is tried again rarely; a broker that is away, soon.
    private static func pauses(isOperators: Bool) -> RetryPolicy {
        isOperators
            ? RetryPolicy(base: .seconds(15), cap: .seconds(60), floor: .seconds(10))
            : RetryPolicy(base: .milliseconds(500), cap: .seconds(4))
    }

    private func declare() async {
        var attempt = 0
        var told = ""
        var policy = Self.pauses(isOperators: false)
        while !Task.isCancelled {
            do throws(BusError) {
                try await bus.declare(topology)
                if readiness.reason != nil { logger.info("exchanges and queues are there") }
                readiness.succeed()
                return
            } catch {
                attempt += 1
                let isOperators = error.disposition == .fatal
                // While the connection is away the bus itself says so; what was declared is still declared.
                if isOperators || readiness.reason != nil {
                    readiness.fail(error.description, isBusAway: !isOperators)
                }
                // Once for each reason, not once for each attempt.
                if told != error.description {
                    logger.log(
                        level: isOperators ? .error : .warning, "cannot declare exchanges and queues yet",
                        metadata: ["reason": "\(error.description)", "attempt": "\(attempt)"])
                }
                told = error.description
                policy = Self.pauses(isOperators: isOperators)
            }
            var generator = SystemRandomNumberGenerator()
            let pause = policy.delay(afterAttempt: attempt, retryAfter: nil, using: &generator)
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }
}

/// Runs a worker once the topology is there; stops it gracefully.
struct WorkerService: Service {
    let readiness: Readiness
    let worker: Worker

    func run() async throws {
        try await withGracefulShutdownHandler {
            await readiness.wait()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.consumer.run() }
                group.addTask { await worker.attendant.run() }
                if let router = worker.router { group.addTask { try await router.run() } }
                var failure: (any Error)?
                while let result = await group.nextResult() {
                    // One part alone carries nothing on.
                    stop()
                    if case .failure(let error) = result { failure = failure ?? error }
                }
                if let failure { throw failure }
            }
        } onGracefulShutdown: {
            stop()
            readiness.release()
        }
    }

    private func stop() {
        worker.router?.stop()
        worker.consumer.stop()
        worker.attendant.stop()
    }
}

/// Keeps the store from growing for ever.
struct PruneService: Service {
    /// Longer than Ocean's retries (four days) and than the window in which echoes are known (thirty days).
    static let keep: Duration = .seconds(35 * 86_400)

    let store: any StateStore
    let keepEndedReferrals: Duration
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(3600)) } catch { return }
                do throws(StoreError) {
                    let count = try await store.prune(before: clock.now().advanced(by: .zero - Self.keep))
                    let ended = try await store.pruneReferrals(
                        endedBefore: clock.now().advanced(by: .zero - keepEndedReferrals))
                    logger.debug("store pruned", metadata: ["removed": "\(count)", "referrals": "\(ended)"])
                } catch {
                    logger.warning("cannot prune the store", metadata: ["reason": "\(error.reason)"])
                }
            }
        }
    }
}
