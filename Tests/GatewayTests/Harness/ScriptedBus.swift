// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// A bus that fails as the test says: a fault injector, not a bus.
actor ScriptedBus: MessageBus {
    enum Step: Sendable {
        case succeed
        case fail(BusError.Code)
        /// Does not answer before `release()`, whatever happens to the caller.
        case hang
    }

    struct Published: Sendable {
        let message: Message
        let destination: Destination
    }

    struct Bound: Sendable, Hashable {
        let queue: String
        let exchange: String
        let routingKey: String
    }

    private var steps: [Step]
    private(set) var published: [Published] = []
    private(set) var bound: [Bound] = []
    private(set) var settled: [String: Settlement] = [:]
    private(set) var subscribed: [String] = []
    private(set) var cancelled: [String] = []
    private var hanging: [CheckedContinuation<Void, Never>] = []
    private var streams: [String: AsyncStream<Delivery>.Continuation] = [:]
    private var waiting: [String: [Message]] = [:]
    private var settlementFailure: BusError.Code?
    private var bindFailure: BusError.Code?
    private var depths: [String: QueueDepth] = [:]
    private let queues: Set<String>?

    /// - Parameters:
    ///   - steps: what the next publishes do; then all succeed.
    ///   - queues: the queues that there are; all when nil.
    init(_ steps: [Step] = [], queues: Set<String>? = nil) {
        self.steps = steps
        self.queues = queues
    }

    func declare(_ topology: Topology) async throws(BusError) {}

    func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        let step = steps.isEmpty ? Step.succeed : steps.removeFirst()
        switch step {
        case .succeed: break
        case .fail(let code): throw BusError(code, "scripted")
        case .hang: await withCheckedContinuation { hanging.append($0) }
        }
        published.append(Published(message: message, destination: destination))
    }

    /// Lets every hanging publish succeed.
    func release() {
        for continuation in hanging { continuation.resume() }
        hanging = []
    }

    func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        if let queues, !queues.contains(queue) { throw BusError(.notFound, "scripted") }
        let (stream, continuation) = AsyncStream<Delivery>.makeStream()
        subscribed.append(queue)
        streams[queue] = continuation
        for message in waiting.removeValue(forKey: queue) ?? [] { deliver(message, in: queue) }
        return Subscription(queue: queue, deliveries: stream) { await self.cancelled(queue) }
    }

    private func cancelled(_ queue: String) {
        cancelled.append(queue)
        streams.removeValue(forKey: queue)?.finish()
    }

    /// Hands a message to the queue's consumer, or keeps it for the next one.
    func deliver(_ message: Message, in queue: String, redelivered: Bool = false) {
        guard let stream = streams[queue] else {
            waiting[queue, default: []].append(message)
            return
        }
        stream.yield(
            Delivery(message: message, queue: queue, routingKey: "", redelivered: redelivered) {
                settlement throws(BusError) in
                try await self.settle(message.id, settlement)
            })
    }

    private func settle(_ id: String, _ settlement: Settlement) throws(BusError) {
        if let code = settlementFailure { throw BusError(code, "scripted") }
        settled[id] = settlement
    }

    func failSettlements(_ code: BusError.Code?) { settlementFailure = code }
    func failBindings(_ code: BusError.Code?) { bindFailure = code }
    func setDepth(_ depth: QueueDepth, of queue: String) { depths[queue] = depth }

    func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {
        if let code = bindFailure { throw BusError(code, "scripted") }
        bound.append(Bound(queue: queue, exchange: exchange, routingKey: routingKey))
    }

    func depth(of queue: String) async throws(BusError) -> QueueDepth? { depths[queue] }
    func health() async -> BusHealth { .ready }
    func shutdown() async {}
}
