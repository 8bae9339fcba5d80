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
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Why not; nil when ready.
    var reason: String? { state.withLock { $0.reason } }

    func fail(_ reason: String) {
        state.withLock { $0.reason = reason }
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

/// Declares the topology, again and again until the bus is there: start-up with the broker down must work.
struct TopologyService: Service {
    let bus: any MessageBus
    let topology: Topology
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await declare()
            // Stays up: a service that ends takes the group down.
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(3600)) } catch { break }
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
                logger.info("exchanges and queues are there")
                readiness.succeed()
                return
            } catch {
                attempt += 1
                readiness.fail(error.description)
                let isOperators = error.disposition == .fatal
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

/// Runs a consumer once the topology is there; stops it gracefully.
struct ConsumerService: Service {
    let name: String
    let readiness: Readiness
    let consumer: PartitionConsumer

    func run() async throws {
        try await withGracefulShutdownHandler {
            await readiness.wait()
            try await consumer.run()
        } onGracefulShutdown: {
            consumer.stop()
            readiness.release()
        }
    }
}

/// Keeps the store from growing for ever.
struct PruneService: Service {
    /// Longer than Ocean's retries (four days) and than the window in which echoes are known (thirty days).
    static let keep: Duration = .seconds(35 * 86_400)

    let store: any StateStore
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(3600)) } catch { return }
                do throws(StoreError) {
                    let count = try await store.prune(before: clock.now().advanced(by: .zero - Self.keep))
                    logger.debug("store pruned", metadata: ["removed": "\(count)"])
                } catch {
                    logger.warning("cannot prune the store", metadata: ["reason": "\(error.reason)"])
                }
            }
        }
    }
}
