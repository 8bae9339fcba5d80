// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics
import Synchronization

/// Publishes for a worker: tries again in place, and knows the side lanes.
final class Outlet: Sendable {
    private let bus: any MessageBus
    private let persistence: Persistence
    private let clock: any WallClock
    private let sideLanes: SideLanes
    private let lastUnroutedLine = Mutex<Timestamp?>(nil)

    init(bus: any MessageBus, persistence: Persistence, clock: any WallClock, sideLanes: SideLanes) {
        self.bus = bus
        self.persistence = persistence
        self.clock = clock
        self.sideLanes = sideLanes
    }

    /// Confirmed when it returns. A queue that is full says no again and again; the message then makes room.
    ///
    /// - Throws: `final` with `unroutable` or `tooLarge`, `enough` with `refused`.
    func publish(
        _ message: Message, to destination: Destination, _ hop: Hop, until stop: StopSignal, _ tally: Tally
    ) async throws(Interruption<BusError>) {
        try await persistence.until(
            stop, hop, step: "bus", isFinal: { $0.disposition == .reject },
            isEnough: { $0.code == .refused && tally.isOverdue() }
        ) { () async throws(BusError) in
            do throws(BusError) {
                try await bus.publish(message, to: destination)
            } catch {
                if error.code == .refused { await tally.note(error.reason, hop) }
                throw error
            }
        }
    }

    /// As `publish`, for what is not worth holding a message up.
    ///
    /// - Throws: `final` also for a queue that says no a third time.
    func tell(
        _ message: Message, to destination: Destination, _ hop: Hop, until stop: StopSignal
    ) async throws(Interruption<BusError>) {
        var refusals = 0
        try await persistence.until(
            stop, hop, step: "bus",
            isFinal: { failure in
                if failure.code == .refused { refusals += 1 }
                return failure.disposition == .reject || refusals >= 3
            }
        ) { () async throws(BusError) in
            try await bus.publish(message, to: destination)
        }
    }

    /// To one of the bridge's own queues. Nothing is final here, or the message would be lost.
    ///
    /// - Throws: `enough` when the queue is gone or full.
    func store(
        _ message: Message, in queue: String, _ hop: Hop, until stop: StopSignal, _ tally: Tally
    ) async throws(Interruption<BusError>) {
        var refusals = 0
        var last: BusError?
        do throws(Interruption<BusError>) {
            try await persistence.until(
                stop, hop, step: queue, isFinal: { _ in false },
                isEnough: { failure in
                    guard SideLanes.isClosed(failure) else { return false }
                    refusals += 1
                    last = failure
                    return refusals >= tally.sideLaneAttempts
                }
            ) { () async throws(BusError) in
                try await bus.publish(message, to: .queue(queue))
            }
        } catch {
            guard case .enough = error, let last else { throw error }
            sideLanes.failed(queue, last)
            throw .enough(Setback(reason: "side-lane-\(last.reason)"))
        }
        sideLanes.worked(queue)
    }

    /// To a topic exchange; what no queue takes goes to the unrouted lane.
    ///
    /// - Returns: whether a queue took it.
    /// - Throws: as `publish`; `enough` also when the unrouted lane is gone or full.
    func publishOrKeep(
        _ message: Message, exchange: String, routingKey: String, _ hop: Hop, until stop: StopSignal, _ tally: Tally
    ) async throws(Interruption<BusError>) -> Bool {
        do throws(Interruption<BusError>) {
            try await publish(message, to: .exchange(exchange, routingKey: routingKey), hop, until: stop, tally)
            return true
        } catch {
            guard case .final(let failure) = error, failure.code == .unroutable else { throw error }
        }
        var kept = message
        kept.headers["x-reason"] = .string(BusError.Code.unroutable.rawValue)
        kept.headers["x-exchange"] = .string(exchange)
        kept.headers["x-routing-key"] = .string(routingKey)
        kept.headers["x-stage"] = .string(hop.name)
        kept.headers["x-attempts"] = .integer(Int64(tally.attempt))
        let time = HeaderValue.string(clock.now().description)
        kept.headers[DeadLetter.firstAttemptHeader] = kept.headers[DeadLetter.firstAttemptHeader] ?? time
        kept.headers["x-last-at"] = time
        try await store(kept, in: BusNames.unrouted, hop, until: stop, tally)
        Counter(label: "ocean_bridge_unrouted_total", dimensions: [("exchange", exchange)]).increment()
        let now = clock.now()
        let isDue = lastUnroutedLine.withLock { last in
            if let last, now.duration(since: last) < .seconds(60) { return false }
            last = now
            return true
        }
        if isDue {
            hop.logger.warning(
                "no queue is bound for a message; it is kept in ocean.unrouted (told at most once a minute)",
                metadata: ["exchange": "\(exchange)", "routing_key": "\(routingKey)"])
        }
        return false
    }
}
