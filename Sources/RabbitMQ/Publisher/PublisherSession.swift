// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc
import Logging

/// The publisher's loop on one connection: drain, write, wait. Used by one thread.
final class PublisherSession {
    enum End {
        case stopped
        case failed(BrokerFailure)
    }

    private struct Returned {
        let exchange: String
        let routingKey: String
    }

    /// How long publishes in flight wait on when the broker reports an alarm: those it has read are confirmed by then.
    private static let blockedGrace = Duration.milliseconds(500)
    private static let batchLimit = 32
    /// Frames read before the thread looks at its other work.
    private static let drainLimit = 256
    /// A write that has begun may take this long past a caller's deadline, or a busy machine would cost connections.
    private static let writeGrace = Duration.milliseconds(150)
    /// A queue or exchange that is gone as soon as it is declared is not declared for ever.
    private static let restorationLimit = 3

    private let handle: Handle
    private let inbox: PublisherInbox
    private let fuse: SocketFuse
    private let configuration: RabbitMQConfiguration
    private let restoration: TopologyRestoration
    private let metrics: BusMetrics
    private let logger: Logger
    private let arena = FieldArena()
    private var tracker = ConfirmTracker<PendingPublish>()
    private var returned = ContentAssembler<Returned>(limit: 0)
    private var isStalled = false
    private(set) var hasConfirmed = false

    init(
        handle: Handle, inbox: PublisherInbox, fuse: SocketFuse, configuration: RabbitMQConfiguration,
        restoration: TopologyRestoration, metrics: BusMetrics, logger: Logger
    ) {
        self.handle = handle
        self.inbox = inbox
        self.fuse = fuse
        self.configuration = configuration
        self.restoration = restoration
        self.metrics = metrics
        self.logger = logger
    }

    /// Serves until the inbox stops or the connection fails; everything in flight is ended on return.
    func serve() -> End {
        let end = loop()
        fuse.disarm()
        abandon(end)
        return end
    }

    private func loop() -> End {
        let callDeadline = configuration.callDeadline
        while true {
            var now = MonotonicTime.now()
            fuse.arm(until: MonotonicTime.after(callDeadline, from: now))
            let isDry: Bool
            do throws(BrokerFailure) {
                isDry = try drain()
                handle.releaseBuffers()
                try expire(now)
            } catch {
                return .failed(error)
            }
            let batch = inbox.take(
                count: min(Self.batchLimit, configuration.maximumInFlight - tracker.count),
                bytes: configuration.maximumBytesInFlight - tracker.bytes, mayExceed: tracker.count == 0, now: now)
            var isWritable = true
            if let failure = write(batch.items, &isWritable) { return .failed(handle.broken(failure)) }
            fuse.disarm()
            if batch.isStopping, batch.isEmpty, batch.items.isEmpty, !tracker.hasTokens { return .stopped }
            guard isDry, batch.items.isEmpty || !isWritable, !handle.hasBufferedFrames else { continue }
            now = MonotonicTime.now()
            let deadline = min(batch.nextDeadline, tracker.earliestDeadline)
            handle.wait(
                MonotonicTime.pollTimeout(until: deadline, limit: 60_000, now: now), untilWritable: !isWritable,
                inbox.wakeup)
        }
    }

    // MARK: Writing

    private func write(_ items: [PendingPublish], _ isWritable: inout Bool) -> BrokerFailure? {
        for (index, item) in items.enumerated() {
            guard let content = item.content else {
                item.resume(nil)
                continue
            }
            guard handle.canWrite else {
                isWritable = false
                inbox.putBack(Array(items[index...]))
                return nil
            }
            guard content.properties.encodedSizeBound <= handle.frameMax - 64 else {
                item.resume(
                    BusError(.tooLarge, "headers of message for \(content.place): larger than a frame of the broker"))
                continue
            }
            tracker.add(
                item, identity: .init(content), bytes: item.size, deadline: item.deadline)
            // Not only this caller waits for the thread: so do those whose confirms stand in the socket.
            let now = MonotonicTime.now()
            let grace = MonotonicTime.after(Self.writeGrace, from: now)
            fuse.arm(
                until: min(
                    max(grace, min(item.deadline, tracker.oldestDeadline())),
                    MonotonicTime.after(configuration.callDeadline, from: now)))
            Failpoint.publishBefore.hit(content.properties.messageID ?? "")
            let status = handle.publish(content, arena)
            Failpoint.publishAfter.hit(content.properties.messageID ?? "")
            guard status == AMQP_STATUS_OK.rawValue else {
                inbox.putBack(Array(items[(index + 1)...]))
                return .status(status)
            }
        }
        return nil
    }

    // MARK: Reading

    /// False when more may be there.
    private func drain() throws(BrokerFailure) -> Bool {
        for _ in 0..<Self.drainLimit {
            switch handle.receive() {
            case .nothing: return true
            case .failed(let failure): throw failure
            case .frame(let frame): try take(frame)
            }
        }
        return false
    }

    private func take(_ frame: amqp_frame_t) throws(BrokerFailure) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: try take(frame.payload.method)
        case AMQP_FRAME_HEADER:
            guard let raw = frame.payload.properties.decoded else { throw .outOfOrder }
            let properties = CloudEventsBinary.Properties(
                raw.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
            try note(try returned.header(properties, bodySize: frame.payload.properties.body_size))
        case AMQP_FRAME_BODY:
            let fragment = frame.payload.body_fragment
            try note(try returned.body(UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)))
        default: break
        }
    }

    private func note(_ content: ContentAssembler<Returned>.Content?) throws(BrokerFailure) {
        guard let content else { return }
        let identity = ConfirmTracker<PendingPublish>.Identity(
            messageID: content.properties.messageID, exchange: content.start.exchange,
            routingKey: content.start.routingKey)
        // Taken for nothing, the unroutable message would count as confirmed.
        guard tracker.markReturned(identity) else { throw .hostile("a returned message that was not under way") }
    }

    private func take(_ method: amqp_method_t) throws(BrokerFailure) {
        switch method.id {
        case AMQP_BASIC_ACK_METHOD:
            guard let ack = method.decoded?.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee else { return }
            try settle(ack.delivery_tag, ack.multiple != 0, true)
        case AMQP_BASIC_NACK_METHOD:
            guard let nack = method.decoded?.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee else { return }
            try settle(nack.delivery_tag, nack.multiple != 0, false)
        case AMQP_BASIC_RETURN_METHOD:
            guard let start = method.decoded?.assumingMemoryBound(to: amqp_basic_return_t.self).pointee else { return }
            try returned.begin(Returned(exchange: start.exchange.text, routingKey: start.routing_key.text))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            let reason = method.decoded?.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee.reason
            block(reason?.boundedText ?? "alarm")
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            inbox.unblocked()
            metrics.setBlocked(false)
            logger.notice("broker takes messages again")
        case AMQP_CHANNEL_CLOSE_METHOD: throw .channelClose(method.decoded)
        case AMQP_CONNECTION_CLOSE_METHOD: throw .connectionClose(method.decoded)
        default: throw .hostile("a method that a publisher is never sent")
        }
    }

    private func settle(_ tag: UInt64, _ multiple: Bool, _ positive: Bool) throws(BrokerFailure) {
        guard tag < tracker.nextTag, tag > 0 || multiple else {
            throw .hostile("a confirm of delivery tag \(tag), which was never used")
        }
        hasConfirmed = true
        if isStalled {
            isStalled = false
            inbox.setStalled(false)
        }
        tracker.settle(tag, multiple: multiple, positive: positive) { item, outcome in
            let id = item.content?.properties.messageID ?? ""
            Failpoint.confirmBefore.hit(id)
            defer { Failpoint.confirmAfter.hit(id) }
            switch outcome {
            case .confirmed: item.resume(nil)
            case .unroutable:
                if park(item, for: item.content.flatMap { $0.exchange.isEmpty ? .queue($0.routingKey) : nil }) {
                    return
                }
                item.resume(
                    BusError(.unroutable, "no queue is bound for \(item.place). Bind one, or correct the routing key"))
            case .refused:
                item.resume(BusError(.refused, "the broker refused the message for \(item.place); is the queue full?"))
            }
        }
    }

    private func block(_ reason: String) {
        logger.warning("broker blocks publishing", metadata: ["reason": "\(reason)"])
        metrics.setBlocked(true)
        inbox.blocked(reason: reason)
        tracker.cutDeadlines(to: MonotonicTime.after(Self.blockedGrace))
    }

    /// Lets the message wait while its queue or exchange is declared again, when the bus had declared it.
    private func park(_ item: PendingPublish, for loss: TopologyLoss?) -> Bool {
        guard let loss, item.restorations < Self.restorationLimit, restoration.knows(loss) else { return false }
        var item = item
        item.restorations += 1
        inbox.park(item, for: loss)
        restoration.restore(loss) { [inbox] error in inbox.unpark(loss, error) }
        return true
    }

    private func expire(_ now: Int64) throws(BrokerFailure) {
        let late = tracker.expire(now: now)
        if !late.isEmpty {
            isStalled = true
            inbox.setStalled(true)
        }
        for item in late {
            item.resume(
                BusError(
                    .unknownOutcome,
                    "no confirm for \(item.place) from broker \(handle.host) in time; publish again with the same "
                        + "message id"))
        }
        if isStalled, tracker.count >= configuration.maximumInFlight, !tracker.hasTokens {
            throw BrokerFailure(
                cause: .unconfirmed,
                text: "the broker confirms nothing; look for queues without a majority: rabbitmqctl list_queues name "
                    + "type state")
        }
    }

    /// Ends everything in flight: written and not confirmed means unknown.
    private func abandon(_ end: End) {
        var missing: String?
        var text = "the connection ended"
        if case .failed(let failure) = end {
            text = failure.text
            if failure.code == Int(AMQP_NOT_FOUND) { missing = Self.exchange(namedIn: failure.text) }
        }
        for (identity, item) in tracker.drain() {
            if let missing, missing == identity.exchange {
                if park(item, for: .exchange(missing)) { continue }
                item.resume(BusError(.notFound, "exchange \(missing) does not exist; declare the topology"))
            } else {
                item.resume(
                    BusError(
                        .unknownOutcome,
                        "\(item.place), broker \(handle.host): \(text), before the confirm; publish again with the same "
                            + "message id"))
            }
        }
    }

    /// The exchange in RabbitMQ's text `NOT_FOUND - no exchange 'NAME' in vhost '…'`.
    static func exchange(namedIn text: String) -> String? {
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].hasSuffix("no exchange "), parts[2].hasPrefix(" in vhost") else { return nil }
        return String(parts[1])
    }
}

extension PendingPublish {
    var place: String { content?.place ?? "connection" }
}

extension PendingPublish.Content {
    /// Where it was to go; names only.
    var place: String { exchange.isEmpty ? "queue \(routingKey)" : "exchange \(exchange), routing key \(routingKey)" }
}

extension ConfirmTracker.Identity {
    init(_ content: PendingPublish.Content) {
        let id = content.properties.messageID
        let fits = id.map { !$0.isEmpty && $0.utf8.count <= CloudEventsBinary.Properties.shortLimit } ?? false
        self.init(messageID: fits ? id : nil, exchange: content.exchange, routingKey: content.routingKey)
    }
}
