// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// The RPCs of a connection that has no deliveries or confirms under way.
extension Handle {
    /// When a call that starts now must have ended.
    var callEnd: Int64 { MonotonicTime.after(callDeadline) }

    func selectConfirms() throws(BrokerFailure) {
        try ask(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t(nowait: 0), expecting: AMQP_CONFIRM_SELECT_OK_METHOD)
        releaseBuffers()
    }

    /// Ready messages and consumers; throws 404 when there is no such queue.
    func inspectQueue(_ name: String) throws(BrokerFailure) -> (ready: Int, consumers: Int) {
        let arena = FieldArena()
        let question = amqp_queue_declare_t(
            ticket: 0, queue: arena.text(name), passive: 1, durable: 1, exclusive: 0, auto_delete: 0, nowait: 0,
            arguments: amqp_empty_table)
        let answer = try ask(AMQP_QUEUE_DECLARE_METHOD, question, expecting: AMQP_QUEUE_DECLARE_OK_METHOD)
        let counts = answer?.assumingMemoryBound(to: amqp_queue_declare_ok_t.self).pointee
        releaseBuffers()
        return counts.map { (ready: Int($0.message_count), consumers: Int($0.consumer_count)) } ?? (0, 0)
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
        let question = amqp_queue_declare_t(
            ticket: 0, queue: arena.text(queue.name), passive: 0, durable: 1, exclusive: 0, auto_delete: 0, nowait: 0,
            arguments: arena.table(arguments))
        try ask(AMQP_QUEUE_DECLARE_METHOD, question, expecting: AMQP_QUEUE_DECLARE_OK_METHOD)
        releaseBuffers()
    }

    /// - Parameter passive: only look whether it is there; 404 when it is not.
    func declareExchange(_ exchange: Topology.Exchange, passive: Bool) throws(BrokerFailure) {
        let arena = FieldArena()
        let question = amqp_exchange_declare_t(
            ticket: 0, exchange: arena.text(exchange.name), type: arena.text(exchange.kind.rawValue),
            passive: passive ? 1 : 0, durable: 1, auto_delete: 0, internal: 0, nowait: 0, arguments: amqp_empty_table)
        try ask(AMQP_EXCHANGE_DECLARE_METHOD, question, expecting: AMQP_EXCHANGE_DECLARE_OK_METHOD)
        releaseBuffers()
    }

    func bind(_ binding: Topology.Binding) throws(BrokerFailure) {
        let arena = FieldArena()
        let question = amqp_queue_bind_t(
            ticket: 0, queue: arena.text(binding.queue), exchange: arena.text(binding.exchange),
            routing_key: arena.text(binding.routingKey), nowait: 0, arguments: amqp_empty_table)
        try ask(AMQP_QUEUE_BIND_METHOD, question, expecting: AMQP_QUEUE_BIND_OK_METHOD)
        releaseBuffers()
    }

    /// Answers to what this channel asks come back on it (RabbitMQ docs, direct reply-to).
    func consumeReplies() throws(BrokerFailure) {
        let arena = FieldArena()
        let question = amqp_basic_consume_t(
            ticket: 0, queue: arena.text(RequestConnection.replyTo), consumer_tag: amqp_empty_bytes, no_local: 0,
            no_ack: 1, exclusive: 0, nowait: 0, arguments: amqp_empty_table)
        try ask(AMQP_BASIC_CONSUME_METHOD, question, expecting: AMQP_BASIC_CONSUME_OK_METHOD)
        releaseBuffers()
    }

    func consume(_ queue: String, prefetch: Int) throws(BrokerFailure) {
        let arena = FieldArena()
        let window = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: UInt16(prefetch), global: 0)
        try ask(AMQP_BASIC_QOS_METHOD, window, expecting: AMQP_BASIC_QOS_OK_METHOD)
        let question = amqp_basic_consume_t(
            ticket: 0, queue: arena.text(queue), consumer_tag: amqp_empty_bytes, no_local: 0, no_ack: 0, exclusive: 0,
            nowait: 0, arguments: amqp_empty_table)
        try ask(AMQP_BASIC_CONSUME_METHOD, question, expecting: AMQP_BASIC_CONSUME_OK_METHOD)
        releaseBuffers()
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
