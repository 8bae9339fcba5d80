// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc
import Logging

/// The consumer's loop on one connection. Used by one thread.
final class ConsumerSession {
    enum End {
        case stopped
        /// The broker cancelled the consumer: its queue is gone.
        case cancelled
        case failed(BrokerFailure)
    }

    private struct Start {
        let tag: UInt64
        let redelivered: Bool
        let routingKey: String
    }

    /// RabbitMQ takes no larger message, whatever its settings.
    private static let largestBody: UInt64 = 512 << 20
    private static let lookInterval = Duration.seconds(4)
    /// Frames read before the thread looks at its other work.
    private static let drainLimit = 256

    private let handle: Handle
    private let queue: String
    private let prefetch: Int
    private let generation: Int
    private let desk: SettlementDesk
    private let mailbox: DeliveryMailbox
    private let fuse: SocketFuse
    private let configuration: RabbitMQConfiguration
    private let metrics: BusMetrics
    private let logger: Logger
    private let clock = SystemClock()
    private var content: ContentAssembler<Start>
    private var hasSettled = false
    private var isLeaving = false
    private var isCancelled = false
    private var hasQosAnswer = false
    private var lastTag: UInt64 = 0
    private var nextLook = MonotonicTime.after(lookInterval)
    private var isLooking = false
    private var tagAtLook: UInt64 = 0
    private var suspicion = 0
    private(set) var hasDelivered = false

    init(
        handle: Handle, queue: String, prefetch: Int, generation: Int, desk: SettlementDesk,
        mailbox: DeliveryMailbox, fuse: SocketFuse, configuration: RabbitMQConfiguration, metrics: BusMetrics,
        logger: Logger
    ) {
        self.handle = handle
        self.queue = queue
        self.prefetch = prefetch
        self.generation = generation
        self.desk = desk
        self.mailbox = mailbox
        self.fuse = fuse
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
        content = ContentAssembler(limit: configuration.maximumMessageBytes)
    }

    func serve() -> End {
        defer { fuse.disarm() }
        do throws(BrokerFailure) {
            while true {
                fuse.arm(until: MonotonicTime.after(configuration.callDeadline))
                let (commands, isStopping) = desk.take()
                try write(commands)
                if isStopping {
                    try leave()
                    return .stopped
                }
                if desk.mustRenew {
                    throw BrokerFailure(cause: .missing, text: "queue \(queue) was gone and was declared again")
                }
                let isDry = try drain()
                if isCancelled { return .cancelled }
                let now = MonotonicTime.now()
                try look(now)
                fuse.disarm()
                if isDry, commands.isEmpty, !handle.hasBufferedFrames {
                    handle.wait(MonotonicTime.pollTimeout(until: nextLook, limit: 60_000, now: now), desk.wakeup)
                }
            }
        } catch {
            return .failed(handle.broken(error))
        }
    }

    /// An idle consumer looks after its queue. RabbitMQ 3.10 does not always cancel the consumer of a deleted queue: when
    /// the queue is made again at once, the subscription stands in the new queue and gets nothing from it.
    private func look(_ now: Int64) throws(BrokerFailure) {
        guard now >= nextLook, !isLooking else { return }
        nextLook = MonotonicTime.after(Self.lookInterval, from: now)
        guard desk.unsettledCount == 0 else {
            suspicion = 0
            return
        }
        isLooking = true
        tagAtLook = lastTag
        let arena = FieldArena()
        try handle.send(
            AMQP_QUEUE_DECLARE_METHOD,
            amqp_queue_declare_t(
                ticket: 0, queue: arena.text(queue), passive: 1, durable: 1, exclusive: 0, auto_delete: 0, nowait: 0,
                arguments: amqp_empty_table), on: Handle.channel)
    }

    /// With several consumers only one of them receives, and which one is not told: patience is longer then.
    private func judge(ready: UInt32, consumers: UInt32) throws(BrokerFailure) {
        isLooking = false
        guard ready > 0, tagAtLook == lastTag, desk.unsettledCount == 0 else {
            suspicion = 0
            return
        }
        suspicion += 1
        guard suspicion >= (consumers == 1 ? 2 : 15) else { return }
        throw BrokerFailure(
            cause: .undelivered, text: "\(ready) messages wait in queue \(queue) and the broker delivers none")
    }

    private func write(_ commands: [SettlementDesk.Command]) throws(BrokerFailure) {
        for command in commands {
            hasSettled = true
            let status: Int32
            switch command.settlement {
            case .ack: status = amqp_basic_ack(handle.state, Handle.channel, command.tag, 0)
            case .nack(let requeue):
                status = amqp_basic_nack(handle.state, Handle.channel, command.tag, 0, requeue ? 1 : 0)
            }
            guard status == AMQP_STATUS_OK.rawValue else { throw .status(status) }
            if command.settlement == .ack { Failpoint.ackAfter.hit(command.subject) }
        }
    }

    /// Makes sure that the broker has read the last settlements before the socket goes: a reset could overtake them.
    /// The answer to any RPC proves it, since a channel works in order.
    private func leave() throws(BrokerFailure) {
        guard hasSettled else { return }
        isLeaving = true
        let deadline = MonotonicTime.after(.seconds(3))
        fuse.arm(until: MonotonicTime.after(.seconds(4)))
        var qos = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: 1, global: 0)
        let status = amqp_send_method(handle.state, Handle.channel, AMQP_BASIC_QOS_METHOD, &qos)
        guard status == AMQP_STATUS_OK.rawValue else { throw .status(status) }
        while !hasQosAnswer, !isCancelled {
            let now = MonotonicTime.now()
            guard now < deadline else { return }
            let isDry = try drain()
            if isDry, !hasQosAnswer, !handle.hasBufferedFrames {
                handle.wait(MonotonicTime.pollTimeout(until: deadline, limit: 1000, now: now))
            }
        }
    }

    /// False when more may be there.
    private func drain() throws(BrokerFailure) -> Bool {
        for _ in 0..<Self.drainLimit {
            switch handle.receive() {
            case .nothing:
                handle.releaseBuffers()
                return true
            case .failed(let failure): throw failure
            case .frame(let frame): try take(frame)
            }
        }
        handle.releaseBuffers()
        return false
    }

    private func take(_ frame: amqp_frame_t) throws(BrokerFailure) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: try take(frame.payload.method)
        case AMQP_FRAME_HEADER:
            guard let raw = frame.payload.properties.decoded else { throw .outOfOrder }
            let properties = CloudEventsBinary.Properties(
                raw.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
            let size = frame.payload.properties.body_size
            guard size <= Self.largestBody else { throw .hostile("a body of \(size) bytes") }
            try deliver(try content.header(properties, bodySize: size))
        case AMQP_FRAME_BODY:
            let fragment = frame.payload.body_fragment
            let delivered = try content.body(UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len))
            try deliver(delivered)
            // A burst of large bodies must not pile up in the library until the socket is empty.
            if delivered != nil, !handle.hasBufferedFrames { handle.releaseBuffers() }
        default: break
        }
    }

    private func take(_ method: amqp_method_t) throws(BrokerFailure) {
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            guard let start = method.decoded?.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee else { return }
            guard start.delivery_tag > lastTag else { throw .hostile("delivery tags that do not rise") }
            lastTag = start.delivery_tag
            try content.begin(
                Start(
                    tag: start.delivery_tag, redelivered: start.redelivered != 0, routingKey: start.routing_key.text))
        case AMQP_BASIC_QOS_OK_METHOD: hasQosAnswer = true
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            guard isLooking else { throw .hostile("an answer that was not asked for") }
            let found = method.decoded?.assumingMemoryBound(to: amqp_queue_declare_ok_t.self).pointee
            try judge(ready: found?.message_count ?? 0, consumers: found?.consumer_count ?? 0)
        case AMQP_BASIC_CANCEL_METHOD: isCancelled = true
        case AMQP_CHANNEL_CLOSE_METHOD: throw .channelClose(method.decoded)
        case AMQP_CONNECTION_CLOSE_METHOD: throw .connectionClose(method.decoded)
        case AMQP_CONNECTION_BLOCKED_METHOD, AMQP_CONNECTION_UNBLOCKED_METHOD: break
        default: throw .hostile("a method that a consumer is never sent")
        }
    }

    private func deliver(_ complete: ContentAssembler<Start>.Content?) throws(BrokerFailure) {
        guard let complete, !isLeaving else { return }
        hasDelivered = true
        metrics.countDelivery(redelivered: complete.start.redelivered)
        guard !complete.isOverLimit else {
            // Neither settled nor handed on: rejecting it could lose it, and it cannot be held in memory.
            metrics.countOversize()
            logger.error(
                "message is larger than the limit and stays in its queue; raise maximumMessageBytes or move it by hand",
                metadata: ["queue": "\(queue)", "bytes": "\(complete.bodySize)"])
            return
        }
        var properties = complete.properties
        let routingKey = PartitionKey.take(from: &properties, queue: queue, routingKey: complete.start.routingKey)
        var message = CloudEventsBinary.message(
            from: properties, body: complete.body, routingKey: routingKey == queue ? "" : routingKey,
            fallbackID: FallbackID.make(complete.body), receivedAt: clock.now())
        if BusNames.isRequest(queue), let replyTo = properties.replyTo {
            message.headers[QuestionHeader.replyTo] = .string(replyTo)
            if let correlation = properties.correlationID, correlation != message.id {
                message.headers[QuestionHeader.correlation] = .string(correlation)
            }
        }
        guard desk.delivered(complete.start.tag) <= prefetch else {
            throw .hostile("more deliveries than the prefetch of \(prefetch) allows")
        }
        let tag = complete.start.tag
        let id = message.id
        mailbox.put(
            Delivery(
                message: message, queue: queue, routingKey: routingKey,
                redelivered: complete.start.redelivered
            ) { [desk, generation, metrics] settlement throws(BusError) in
                if settlement == .ack { Failpoint.ackBefore.hit(id) }
                try desk.settle(tag, generation: generation, settlement, subject: id)
                metrics.countSettlement(settlement)
            })
    }
}
