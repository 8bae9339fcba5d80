// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc
import Logging
import Synchronization

/// The asker's loop on one connection: read answers, write questions, wait. Used by one thread.
final class RequestSession {
    enum End {
        case stopped
        case failed(BrokerFailure)
    }

    private enum Start {
        case answer
        /// A question that no queue took.
        case returned
    }

    private static let batchLimit = 32
    private static let drainLimit = 256
    /// A write that has begun may take this long past a caller's deadline, or a busy machine would cost connections.
    private static let writeGrace = Duration.milliseconds(150)

    private let handle: Handle
    private let inbox: RequestInbox
    private let book: QuestionBook
    private let fuse: SocketFuse
    private let configuration: RabbitMQConfiguration
    private let restoration: TopologyRestoration
    private let responders: ResponderWatch
    private let metrics: BusMetrics
    private let logger: Logger
    private let clock = SystemClock()
    private let arena = FieldArena()
    private var content: ContentAssembler<Start>
    /// Written on this connection, in the order of writing; what is over is forgotten from the head.
    private var written = FirstInFirstOut<PendingQuestion>()
    private(set) var hasAnswered = false

    init(
        handle: Handle, inbox: RequestInbox, book: QuestionBook, fuse: SocketFuse,
        configuration: RabbitMQConfiguration, restoration: TopologyRestoration, responders: ResponderWatch,
        metrics: BusMetrics, logger: Logger
    ) {
        self.handle = handle
        self.inbox = inbox
        self.book = book
        self.fuse = fuse
        self.configuration = configuration
        self.restoration = restoration
        self.responders = responders
        self.metrics = metrics
        self.logger = logger
        content = ContentAssembler(limit: configuration.maximumMessageBytes)
    }

    /// Serves until the inbox stops or the connection fails; no question of it waits on after that.
    func serve() -> End {
        let end = loop()
        fuse.disarm()
        var text = "the bus was shut down"
        if case .failed(let failure) = end { text = "broker \(handle.host): \(failure.text)" }
        for item in written.removeAll() {
            book.fail(
                item.id,
                RequestError(.unavailable, "\(BusNames.request(item.name)): \(text); its answer cannot come any more"))
        }
        return end
    }

    private func loop() -> End {
        while true {
            fuse.arm(until: MonotonicTime.after(configuration.callDeadline))
            let isDry: Bool
            do throws(BrokerFailure) {
                isDry = try drain()
                handle.releaseBuffers()
            } catch {
                return .failed(handle.broken(error))
            }
            while let first = written.first, !book.isWaiting(first.id) { _ = written.popFirst() }
            let batch = inbox.take(count: Self.batchLimit)
            if batch.isStopping { return .stopped }
            var isWritable = true
            if let failure = write(batch.items, &isWritable) { return .failed(handle.broken(failure)) }
            fuse.disarm()
            guard isDry, batch.items.isEmpty || !isWritable, !handle.hasBufferedFrames else { continue }
            handle.wait(60_000, untilWritable: !isWritable, inbox.wakeup)
        }
    }

    // MARK: Writing

    private func write(_ items: [PendingQuestion], _ isWritable: inout Bool) -> BrokerFailure? {
        for (index, item) in items.enumerated() {
            guard handle.canWrite else {
                isWritable = false
                inbox.putBack(Array(items[index...]))
                return nil
            }
            let now = MonotonicTime.now()
            // Its asker is told by the book.
            guard item.deadline > now else { continue }
            var properties = item.content.properties
            // The broker counts in milliseconds; a question is never older there than here.
            properties.expiration = UInt64(max(1, (item.deadline - now) / 1_000_000))
            guard properties.encodedSizeBound <= handle.frameMax - 64 else {
                book.fail(
                    item.id,
                    RequestError(
                        .unavailable,
                        "\(BusNames.request(item.name)): the headers are larger than a frame of the broker"))
                continue
            }
            let grace = MonotonicTime.after(Self.writeGrace, from: now)
            fuse.arm(
                until: min(max(grace, item.deadline), MonotonicTime.after(configuration.callDeadline, from: now)))
            written.append(item)
            item.progress.isWritten.store(true, ordering: .releasing)
            let status = handle.publish(
                PendingPublish.Content(
                    exchange: item.content.exchange, routingKey: item.content.routingKey, properties: properties,
                    body: item.content.body), arena, isPersistent: false)
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
            end(try content.header(properties, bodySize: frame.payload.properties.body_size))
        case AMQP_FRAME_BODY:
            let fragment = frame.payload.body_fragment
            end(try content.body(UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)))
        default: break
        }
    }

    private func take(_ method: amqp_method_t) throws(BrokerFailure) {
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD: try content.begin(.answer)
        case AMQP_BASIC_RETURN_METHOD: try content.begin(.returned)
        case AMQP_BASIC_CANCEL_METHOD:
            throw BrokerFailure(cause: .missing, text: "the broker cancelled the consumer of answers")
        case AMQP_CONNECTION_BLOCKED_METHOD:
            // The broker reads nothing from a connection that publishes: every question would wait in vain.
            let reason = method.decoded?.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee.reason
            inbox.refuse(
                RequestError(
                    .unavailable,
                    "broker \(handle.host) has an alarm (\(reason?.boundedText ?? "alarm")). Free memory or disk on it")
            )
        case AMQP_CONNECTION_UNBLOCKED_METHOD: inbox.open()
        case AMQP_CHANNEL_CLOSE_METHOD: throw .channelClose(method.decoded)
        case AMQP_CONNECTION_CLOSE_METHOD: throw .connectionClose(method.decoded)
        default: throw .hostile("a method that an asker is never sent")
        }
    }

    private func end(_ complete: ContentAssembler<Start>.Content?) {
        guard let complete else { return }
        let id = complete.properties.correlationID ?? ""
        switch complete.start {
        case .returned: returned(id)
        case .answer:
            hasAnswered = true
            guard !complete.isOverLimit else {
                metrics.countOversize()
                book.fail(
                    id,
                    RequestError(
                        .noAnswer,
                        "the answer has \(complete.bodySize) bytes, the bridge takes \(content.limit): send less"))
                return
            }
            answered(id, complete)
        }
    }

    private func answered(_ id: String, _ complete: ContentAssembler<Start>.Content) {
        var properties = complete.properties
        properties.type = properties.type ?? MessageType.questionAnswered.rawValue
        let message = CloudEventsBinary.message(
            from: properties, body: complete.body, routingKey: "", fallbackID: FallbackID.make(complete.body),
            receivedAt: clock.now())
        if let refused = book.answer(id, with: message) {
            metrics.countLateAnswer(refused.name, refused.lateness)
            logger.debug("an answer came too late", metadata: ["cause": "\(refused.lateness.rawValue)"])
        }
    }

    private func returned(_ id: String) {
        guard let item = written.first(where: { $0.id == id }) else { return }
        let queue = BusNames.request(item.name)
        responders.forget(item.name)
        book.fail(id, RequestError(.noResponder, "there is no queue \(queue): name it in the settings"))
        // Declared by us and gone: for the next question.
        if restoration.knows(.queue(queue)) { restoration.restore(.queue(queue)) { _ in } }
    }
}
