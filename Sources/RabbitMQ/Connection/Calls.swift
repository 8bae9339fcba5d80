// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// The RPCs of a connection that has no deliveries or confirms under way.
extension Handle {
    func selectConfirms() throws(BrokerFailure) {
        _ = guarded { amqp_confirm_select(state, Self.channel) }
        try checkReply()
    }

    /// Ready messages and consumers; throws 404 when there is no such queue.
    func inspectQueue(_ name: String) throws(BrokerFailure) -> (ready: Int, consumers: Int) {
        let arena = FieldArena()
        let answer = guarded {
            amqp_queue_declare(state, Self.channel, arena.text(name), 1, 1, 0, 0, amqp_empty_table)
        }
        try checkReply()
        let counts = answer.map { (ready: Int($0.pointee.message_count), consumers: Int($0.pointee.consumer_count)) }
        releaseBuffers()
        return counts ?? (0, 0)
    }

    /// Deliveries of one message before the broker gives it up: in effect never, for attempts are counted by us.
    ///
    /// It must be set all the same. Without it RabbitMQ 3.10 puts a requeued message at the end of the queue, and
    /// RabbitMQ 4 drops a message after 20 deliveries (RabbitMQ docs, quorum queues, poison message handling).
    private static let deliveryLimit: Int64 = 1_000_000

    func declareQueue(_ queue: Topology.Queue) throws(BrokerFailure) {
        let arena = FieldArena()
        var arguments = [
            ("x-queue-type", arena.string("quorum")), ("x-delivery-limit", arena.integer(Self.deliveryLimit)),
        ]
        if queue.singleActiveConsumer { arguments.append(("x-single-active-consumer", arena.bool(true))) }
        let table = arena.table(arguments)
        _ = guarded { amqp_queue_declare(state, Self.channel, arena.text(queue.name), 0, 1, 0, 0, table) }
        try checkReply()
        releaseBuffers()
    }

    /// - Parameter passive: only look whether it is there; 404 when it is not.
    func declareExchange(_ exchange: Topology.Exchange, passive: Bool) throws(BrokerFailure) {
        let arena = FieldArena()
        _ = guarded {
            amqp_exchange_declare(
                state, Self.channel, arena.text(exchange.name), arena.text(exchange.kind.rawValue), passive ? 1 : 0, 1,
                0, 0, amqp_empty_table)
        }
        try checkReply()
        releaseBuffers()
    }

    func bind(_ binding: Topology.Binding) throws(BrokerFailure) {
        let arena = FieldArena()
        _ = guarded {
            amqp_queue_bind(
                state, Self.channel, arena.text(binding.queue), arena.text(binding.exchange),
                arena.text(binding.routingKey), amqp_empty_table)
        }
        try checkReply()
        releaseBuffers()
    }

    func consume(_ queue: String, prefetch: Int) throws(BrokerFailure) {
        let arena = FieldArena()
        let count = UInt16(clamping: max(1, prefetch))
        _ = guarded { amqp_basic_qos(state, Self.channel, 0, count, 0) }
        try checkReply()
        _ = guarded {
            amqp_basic_consume(
                state, Self.channel, arena.text(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table)
        }
        try checkReply()
    }
}

extension Handle {
    /// Nil when there is no such queue. The broker tells neither what is unsettled nor how old the oldest is.
    func depth(of queue: String) throws(BusError) -> QueueDepth? {
        do throws(BrokerFailure) {
            let counts = try inspectQueue(queue)
            return QueueDepth(ready: counts.ready, unsettled: 0, consumers: counts.consumers)
        } catch {
            guard error.code == Int(AMQP_NOT_FOUND), !isBroken else { throw error.busError("queue \(queue)") }
            return nil
        }
    }
}
