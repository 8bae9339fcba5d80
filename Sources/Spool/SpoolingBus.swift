// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Synchronization

/// A bus whose publishes succeed while the real bus is away: what it does not confirm in time is made durable on this
/// machine and drained in order. For the ingress; every other call passes to the real bus.
///
/// A message goes straight to the bus only when nothing of its lane is stored or on its way from there.
package final class SpoolingBus: MessageBus {
    /// The queue on the local bus.
    package static let queue = "spool"
    /// Beside its body a record takes about this much of the disk.
    static let overhead = 512

    private let primary: any MessageBus
    private let local: any MessageBus
    private let core: SpoolCore
    private let wrapping: SpoolWrapping
    private let drain: SpoolDrain
    private let ids = UUIDv7Source()
    private let logger: Logger
    private let gate = Mutex(LaneGate<CheckedContinuation<Void, Never>>())

    /// Declares the spool's queue and looks what an earlier process has left there.
    ///
    /// - Parameters:
    ///   - local: durable when its publish returns; belongs to the caller, who shuts it down after this bus was used.
    ///   - storedBytes: what the local bus holds at start, in bytes.
    /// - Throws: what the local bus says.
    package static func open(
        primary: any MessageBus, local: any MessageBus, storedBytes: Int, settings: SpoolSettings,
        clock: any WallClock = SystemClock(), logger: Logger
    ) async throws(BusError) -> SpoolingBus {
        try await local.declare(Topology(queues: [Topology.Queue(name: queue)]))
        let depth = try await local.depth(of: queue)
        let contents = SpoolContents(unread: depth?.ready ?? 0, unreadBytes: storedBytes, oldest: depth?.oldest)
        return SpoolingBus(
            primary: primary, local: local,
            core: SpoolCore(contents, settings: settings, clock: clock, logger: logger), logger: logger)
    }

    private init(primary: any MessageBus, local: any MessageBus, core: SpoolCore, logger: Logger) {
        self.primary = primary
        self.local = local
        self.core = core
        self.logger = logger
        wrapping = SpoolWrapping(keys: core.settings.keys)
        drain = SpoolDrain(primary: primary, local: local, core: core, wrapping: wrapping, logger: logger)
    }

    package var status: SpoolStatus { core.status }

    /// Brings the gauges up to date, the age above all; called when metrics are read.
    package func measure() {
        core.measure()
    }

    /// Drains what is stored, now and later, until `stopDraining()` or cancellation. Once only.
    package func runDrain() async {
        await drain.run()
    }

    /// What is on its way is waited for, within the bus's own deadline; the rest stays in the spool.
    package func stopDraining() {
        drain.stop()
    }

    package func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        try check(message, destination)
        let lane = SpoolLane(of: message, to: destination)
        await enter(lane)
        let error = await carry(message, destination, lane)
        gate.withLock { $0.leave(lane) }?.resume()
        if let error { throw error }
    }

    /// Publishes of this lane that wait behind another one of it.
    func waiting(in lane: SpoolLane) -> Int {
        gate.withLock { $0.waiting(lane) }
    }

    private func enter(_ lane: SpoolLane) async {
        await withCheckedContinuation { continuation in
            if gate.withLock({ $0.enter(lane, continuation) }) { continuation.resume() }
        }
    }

    private func carry(_ message: Message, _ destination: Destination, _ lane: SpoolLane) async -> BusError? {
        if let cause = core.detour(lane) { return await spool(message, destination, lane, cause) }
        guard let error = await publishStraight(message, destination) else {
            core.succeeded()
            return nil
        }
        // The bus would say so for ever.
        if error.code == .tooLarge { return error }
        // The bus is there, and no hospital system has bound a queue: waiting would change nothing.
        if error.code == .unroutable, destination.open != nil {
            core.succeeded()
            return error
        }
        if error.isOfWholeBus { core.failed(isTrial: false, reason: error.message) }
        return await spool(message, destination, lane, error.code.rawValue)
    }

    /// Within the budget. A publish that is given up may still succeed: then the bus gets the same id twice.
    private func publishStraight(_ message: Message, _ destination: Destination) async -> BusError? {
        let primary = primary
        let outcome = await Deadline.value(within: core.settings.budget, cancelling: false) { () -> Straight in
            do throws(BusError) {
                try await primary.publish(message, to: destination)
                return Straight(error: nil)
            } catch {
                return Straight(error: error)
            }
        }
        guard let outcome else {
            return BusError(.unknownOutcome, "the bus did not confirm within \(core.settings.budget)")
        }
        return outcome.error
    }

    private struct Straight: Sendable {
        let error: BusError?
    }

    private func spool(
        _ message: Message, _ destination: Destination, _ lane: SpoolLane, _ cause: String
    ) async -> BusError? {
        let label = SpoolLabel(
            id: ids.next(), messageID: message.id, lane: lane, since: core.now, keyID: wrapping.keyID)
        guard let body = wrapping.seal(SpoolRecord(message: message, destination: destination), label) else {
            return BusError(.unavailable, "the message cannot be sealed for the spool (bus: \(cause))")
        }
        if let refusal = core.admit(label, bytes: body.count + Self.overhead) {
            return BusError(.unavailable, "\(refusal) (bus: \(cause))")
        }
        do throws(BusError) {
            try await local.publish(label.stored(body), to: .queue(Self.queue))
        } catch {
            core.notStored(label.id, isGone: error.code != .unknownOutcome, reason: error.message)
            return BusError(.unavailable, "the spool cannot store (bus: \(cause)): \(error.message)")
        }
        core.stored(cause: cause)
        return nil
    }

    /// What the real bus would refuse in any case.
    private func check(_ message: Message, _ destination: Destination) throws(BusError) {
        let limit = core.settings.maximumMessageBytes
        guard message.body.count <= limit else {
            throw BusError(.tooLarge, "a body of \(message.body.count) bytes; the bus takes \(limit)")
        }
        let names =
            switch destination {
            case .exchange(let exchange, let routingKey): [exchange, routingKey]
            case .queue(let queue): [queue]
            }
        guard names.allSatisfy({ $0.utf8.count <= 255 }), message.headers.keys.allSatisfy({ $0.utf8.count <= 128 })
        else {
            throw BusError(.tooLarge, "a name, routing key or header name is longer than AMQP takes")
        }
    }
}

extension SpoolingBus {
    package func declare(_ topology: Topology) async throws(BusError) {
        try await primary.declare(topology)
    }

    package func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        try await primary.subscribe(to: queue, prefetch: prefetch)
    }

    package func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {
        try await primary.bind(queue: queue, to: exchange, routingKey: routingKey)
    }

    package func depth(of queue: String) async throws(BusError) -> QueueDepth? {
        try await primary.depth(of: queue)
    }

    package func health() async -> BusHealth {
        await primary.health()
    }

    package func shutdown() async {
        await primary.shutdown()
    }
}

extension BusError {
    /// Whether the failure tells of the whole bus; else of one exchange or queue, and others may work.
    var isOfWholeBus: Bool {
        switch code {
        case .unavailable, .blocked, .unknownOutcome, .closed, .accessRefused, .stale: true
        case .unroutable, .refused, .notFound, .topologyConflict, .tooLarge: false
        }
    }
}
