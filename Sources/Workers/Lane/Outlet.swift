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
    private let lastUnroutedLine = Mutex<Timestamp?>(nil)

    init(bus: any MessageBus, persistence: Persistence, clock: any WallClock) {
        self.bus = bus
        self.persistence = persistence
        self.clock = clock
    }

    /// Confirmed when it returns.
    ///
    /// - Throws: `final` with `unroutable` or `tooLarge`.
    func publish(
        _ message: Message, to destination: Destination, _ hop: Hop, until stop: StopSignal
    ) async throws(Interruption<BusError>) {
        try await persistence.until(stop, hop, step: "bus") { () async throws(BusError) in
            try await bus.publish(message, to: destination)
        }
    }

    /// To one of the bridge's own queues, which must exist: nothing is final here, or the message would be lost.
    func store(
        _ message: Message, in queue: String, _ hop: Hop, until stop: StopSignal
    ) async throws(Interruption<BusError>) {
        try await persistence.until(stop, hop, step: queue, isFinal: { _ in false }) { () async throws(BusError) in
            try await bus.publish(message, to: .queue(queue))
        }
    }

    /// To a topic exchange; what no queue takes goes to the unrouted lane.
    ///
    /// - Returns: whether a queue took it.
    func publishOrKeep(
        _ message: Message, exchange: String, routingKey: String, _ hop: Hop, until stop: StopSignal
    ) async throws(Interruption<BusError>) -> Bool {
        do throws(Interruption<BusError>) {
            try await publish(message, to: .exchange(exchange, routingKey: routingKey), hop, until: stop)
            return true
        } catch {
            guard case .final(let failure) = error, failure.code == .unroutable else { throw error }
        }
        var kept = message
        kept.headers["x-reason"] = .string(BusError.Code.unroutable.rawValue)
        kept.headers["x-exchange"] = .string(exchange)
        kept.headers["x-routing-key"] = .string(routingKey)
        try await store(kept, in: BusNames.unrouted, hop, until: stop)
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
