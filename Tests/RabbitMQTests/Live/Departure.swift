// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CRabbitMQ
import Glibc
import Testing

@testable import RabbitMQ

/// A way in which the active consumer of a partition can leave, and what the next one receives then.
enum Departure: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case socketShutdown = "socket shut down without AMQP close"
    case connectionClose = "connection.close"
    case channelClose = "channel.close"
    case nackThenCancel = "basic.nack (multiple), then basic.cancel"
    case cancelAlone = "basic.cancel alone"

    var testDescription: String { rawValue }

    /// A consumer on a connection of its own; used by one thread.
    private struct Consumer {
        static let tag = "departure"
        let handle: Handle

        init(_ configuration: RabbitMQConfiguration, _ queue: String, prefetch: UInt16) throws {
            handle = try Connector(configuration: configuration).open("departure", fuse: SocketFuse())
            let arena = FieldArena()
            amqp_basic_qos(handle.state, Handle.channel, 0, prefetch, 0)
            try handle.checkReply()
            amqp_basic_consume(
                handle.state, Handle.channel, arena.text(queue), arena.text(Self.tag), 0, 0, 0, amqp_empty_table)
            try handle.checkReply()
        }

        /// The next delivery: its tag and its body; nil when none comes in time.
        func next(within seconds: Int) -> (tag: UInt64, body: String)? {
            var envelope = amqp_envelope_t()
            var limit = timeval(tv_sec: seconds, tv_usec: 0)
            amqp_maybe_release_buffers(handle.state)
            let reply = amqp_consume_message(handle.state, &envelope, &limit, 0)
            guard reply.reply_type == AMQP_RESPONSE_NORMAL else { return nil }
            defer { amqp_destroy_envelope(&envelope) }
            return (envelope.delivery_tag, envelope.message.body.text)
        }

        func acknowledge(_ tag: UInt64) {
            amqp_basic_ack(handle.state, Handle.channel, tag, 0)
        }
    }

    /// Takes twenty of the messages in `queue`, acknowledges five, leaves, and lets the one that stood by take over.
    /// Blocks: for a thread of its own.
    ///
    /// - Returns: the bodies in the order in which the next consumer receives them.
    func run(_ configuration: RabbitMQConfiguration, queue: String, expecting count: Int) throws -> [String] {
        let first = try Consumer(configuration, queue, prefetch: 20)
        var held: [UInt64] = []
        while held.count < 20 {
            guard let delivery = first.next(within: 20) else { throw RabbitMQBroker.Failure("no delivery") }
            held.append(delivery.tag)
        }
        let second = try Consumer(configuration, queue, prefetch: 20)
        for tag in held.prefix(5) { first.acknowledge(tag) }
        // Any answer proves that the broker has read the acknowledgements.
        amqp_basic_qos(first.handle.state, Handle.channel, 0, 20, 0)
        try first.handle.checkReply()
        let state = first.handle.state
        switch self {
        case .socketShutdown: Glibc.shutdown(first.handle.descriptor, Int32(SHUT_RDWR))
        case .connectionClose: amqp_connection_close(state, AMQP_REPLY_SUCCESS)
        case .channelClose: amqp_channel_close(state, Handle.channel, AMQP_REPLY_SUCCESS)
        case .nackThenCancel:
            amqp_basic_nack(state, Handle.channel, held[held.count - 1], 1, 1)
            amqp_basic_cancel(state, Handle.channel, FieldArena().text(Consumer.tag))
        case .cancelAlone: amqp_basic_cancel(state, Handle.channel, FieldArena().text(Consumer.tag))
        }
        var bodies: [String] = []
        var hasEnded = false
        while bodies.count < count {
            guard let delivery = second.next(within: 3) else {
                // What is missing is with the one that cancelled; its end gives it back.
                guard !hasEnded else { break }
                first.handle.close(politely: false)
                hasEnded = true
                continue
            }
            bodies.append(delivery.body)
            second.acknowledge(delivery.tag)
        }
        if !hasEnded { first.handle.close(politely: false) }
        second.handle.close(politely: true)
        return bodies
    }
}
