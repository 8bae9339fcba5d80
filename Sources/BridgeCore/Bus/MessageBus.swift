// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The port to the hospital's bus. Two adapters serve it, embedded (SQLite) and RabbitMQ; one conformance suite holds
/// both to the same semantics.
///
/// - Publishing is durable when the call returns: persistent, mandatory, confirmed.
/// - Deliveries of one queue come in the order of their publishing; unsettled ones come again, in order, when the
///   consumer goes away.
/// - Nothing here blocks a thread of the cooperative pool.
package protocol MessageBus: Sendable {
    /// Makes sure that all of `topology` exists; existing parts stay as they are.
    ///
    /// - Throws: `topologyConflict` when something of the same name exists with other arguments, `unavailable`.
    func declare(_ topology: Topology) async throws(BusError)

    /// Publishes and waits for the confirm.
    ///
    /// - Throws: `unroutable` when no queue took the message, `refused` when the bus said no (nack, full),
    ///   `unknownOutcome` when the connection went away before the confirm (publish again with the same id),
    ///   `unavailable`, `blocked`, `tooLarge`.
    func publish(_ message: Message, to destination: Destination) async throws(BusError)

    /// Starts a consumer with manual acknowledgement. The adapter re-subscribes by itself after a lost connection.
    ///
    /// - Parameter prefetch: how many unsettled deliveries the consumer may hold at once, at least 1.
    func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription

    /// Binds `queue` to `exchange`; declares the queue (durable, quorum) when it does not exist yet.
    func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError)

    /// Messages waiting in a queue; nil when there is no such queue.
    func depth(of queue: String) async throws(BusError) -> QueueDepth?

    /// Whether the bus can take and give messages now; for readiness and for the console.
    func health() async -> BusHealth

    /// Stops consumers without settling what they hold, then closes.
    func shutdown() async
}

/// Where a message is published.
package enum Destination: Sendable, Hashable {
    case exchange(String, routingKey: String)
    /// Straight to a queue, through the default exchange.
    case queue(String)
}

/// A running consumer.
package struct Subscription: Sendable {
    package let queue: String
    /// Ends when the consumer is cancelled or the bus shuts down; never because of a lost connection.
    package let deliveries: AsyncStream<Delivery>
    private let onCancel: @Sendable () async -> Void

    package init(queue: String, deliveries: AsyncStream<Delivery>, cancel: @escaping @Sendable () async -> Void) {
        self.queue = queue
        self.deliveries = deliveries
        onCancel = cancel
    }

    /// Gives the queue up. What the consumer holds unsettled returns to the queue in its old order, so settle what is
    /// in work first.
    package func cancel() async {
        await onCancel()
    }
}

/// A message handed to a consumer, to be settled exactly once.
package struct Delivery: Sendable {
    package let message: Message
    package let queue: String
    /// The key under which the message was published; empty on the embedded bus for a direct publish to a queue.
    package let routingKey: String
    /// The bus has handed this message out before, or cannot rule it out.
    package let redelivered: Bool
    private let onSettle: @Sendable (Settlement) async throws(BusError) -> Void

    package init(
        message: Message, queue: String, routingKey: String, redelivered: Bool,
        settle: @escaping @Sendable (Settlement) async throws(BusError) -> Void
    ) {
        self.message = message
        self.queue = queue
        self.routingKey = routingKey
        self.redelivered = redelivered
        onSettle = settle
    }

    /// The next hop has confirmed: the bus may forget the message.
    ///
    /// - Throws: `stale` when the connection that delivered it is gone; the message will come again.
    package func ack() async throws(BusError) {
        try await onSettle(.ack)
    }

    /// Puts the message back at the head of its queue (`requeue`) or gives it up.
    package func nack(requeue: Bool) async throws(BusError) {
        try await onSettle(.nack(requeue: requeue))
    }
}

/// How a delivery ends.
package enum Settlement: Sendable, Hashable {
    case ack
    case nack(requeue: Bool)
}

/// What waits in a queue.
package struct QueueDepth: Sendable, Hashable {
    package var ready: Int
    package var unsettled: Int
    package var consumers: Int
    /// When the oldest ready message was published, where the bus knows it.
    package var oldest: Timestamp?

    package init(ready: Int, unsettled: Int, consumers: Int, oldest: Timestamp? = nil) {
        self.ready = ready
        self.unsettled = unsettled
        self.consumers = consumers
        self.oldest = oldest
    }
}

/// Whether the bus serves.
package enum BusHealth: Sendable, Hashable {
    case ready
    /// Not now; `reason` is fit for `/readyz`: no secrets, no patient data.
    case notReady(reason: String)
}
