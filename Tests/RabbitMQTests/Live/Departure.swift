// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import CRabbitMQ
import Glibc
import RabbitMQ
import Testing

/// A way in which the active consumer of a partition can leave.
enum Departure: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case socketShutdown = "socket shut down without AMQP close"
    case connectionClose = "connection.close"
    case channelClose = "channel.close"
    case nackThenCancel = "basic.nack (multiple), then basic.cancel"
    case cancelAlone = "basic.cancel alone"

    var testDescription: String { rawValue }

    /// Measured on RabbitMQ 3.10.8, twelve runs each: whether the next consumer receives what was held first and in
    /// order. Client libraries that cancel before they close have the disorder of the cancel.
    var keepsOrder: Bool {
        switch self {
        case .socketShutdown, .connectionClose, .channelClose: true
        case .nackThenCancel, .cancelAlone: false
        }
    }

    /// Takes twenty of the messages in `queue`, acknowledges five, leaves, and lets the one that stood by take over.
    /// Blocks: for a thread of its own.
    ///
    /// - Returns: the bodies in the order in which the next consumer receives them.
    func run(_ configuration: RabbitMQConfiguration, queue: String, expecting count: Int) throws -> [String] {
        let first = try RawConsumer(configuration, queue, prefetch: 20)
        defer { first.end() }
        var held: [UInt64] = []
        while held.count < 20 {
            guard let delivery = first.next(within: 20) else { throw RabbitMQBroker.Failure("no delivery") }
            held.append(delivery.tag)
        }
        let second = try RawConsumer(configuration, queue, prefetch: 20)
        defer { second.end() }
        for tag in held.prefix(5) { first.acknowledge(tag) }
        // Any answer proves that the broker has read the acknowledgements.
        try first.limit(20)
        switch self {
        case .socketShutdown: first.end()
        case .connectionClose: try first.closeConnection()
        case .channelClose: try first.closeChannel()
        case .nackThenCancel:
            first.returnAll(upTo: held[held.count - 1])
            try first.cancel()
        case .cancelAlone: try first.cancel()
        }
        var bodies: [String] = []
        while bodies.count < count {
            guard let delivery = second.next(within: 3) else {
                // What is missing is with the one that cancelled; its end gives it back.
                guard !first.hasEnded else { break }
                first.end()
                continue
            }
            bodies.append(delivery.body)
            second.acknowledge(delivery.tag)
        }
        return bodies
    }
}

/// A consumer straight on the library, with a connection of its own; used by one thread.
final class RawConsumer {
    private static let channel: amqp_channel_t = 1
    private static let tag = "departure"
    private let state: amqp_connection_state_t
    private(set) var hasEnded = false

    init(_ configuration: RabbitMQConfiguration, _ queue: String, prefetch: UInt16) throws {
        guard let host = configuration.hosts.first, let state = amqp_new_connection(),
            let socket = amqp_tcp_socket_new(state)
        else { throw RabbitMQBroker.Failure("no connection") }
        self.state = state
        guard amqp_socket_open(socket, host.name, Int32(host.port)) == AMQP_STATUS_OK.rawValue else {
            throw RabbitMQBroker.Failure("the broker cannot be reached")
        }
        var none = amqp_empty_table
        try Self.check(
            ocean_amqp_login_plain(
                state, configuration.virtualHost, 131_072, 0, &none, configuration.user, configuration.password))
        amqp_channel_open(state, Self.channel)
        try Self.check(amqp_get_rpc_reply(state))
        try limit(prefetch)
        _ = queue.withCString { queue in
            Self.tag.withCString { tag in
                amqp_basic_consume(
                    state, Self.channel, amqp_cstring_bytes(queue), amqp_cstring_bytes(tag), 0, 0, 0, amqp_empty_table)
            }
        }
        try Self.check(amqp_get_rpc_reply(state))
    }

    private static func check(_ reply: amqp_rpc_reply_t) throws {
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else {
            throw RabbitMQBroker.Failure("the broker refused a call (\(reply.reply_type), \(reply.library_error))")
        }
    }

    func limit(_ prefetch: UInt16) throws {
        amqp_basic_qos(state, Self.channel, 0, prefetch, 0)
        try Self.check(amqp_get_rpc_reply(state))
    }

    /// The next delivery: its tag and its body; nil when none comes in time.
    func next(within seconds: Int) -> (tag: UInt64, body: String)? {
        var envelope = amqp_envelope_t()
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        amqp_maybe_release_buffers(state)
        let reply = amqp_consume_message(state, &envelope, &limit, 0)
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { return nil }
        defer { amqp_destroy_envelope(&envelope) }
        let body = envelope.message.body
        return (
            envelope.delivery_tag,
            String(decoding: UnsafeRawBufferPointer(start: body.bytes, count: body.len), as: UTF8.self)
        )
    }

    func acknowledge(_ tag: UInt64) {
        amqp_basic_ack(state, Self.channel, tag, 0)
    }

    func returnAll(upTo tag: UInt64) {
        amqp_basic_nack(state, Self.channel, tag, 1, 1)
    }

    func cancel() throws {
        _ = Self.tag.withCString { amqp_basic_cancel(state, Self.channel, amqp_cstring_bytes($0)) }
        try Self.check(amqp_get_rpc_reply(state))
    }

    func closeChannel() throws {
        try Self.check(amqp_channel_close(state, Self.channel, AMQP_REPLY_SUCCESS))
    }

    func closeConnection() throws {
        try Self.check(amqp_connection_close(state, AMQP_REPLY_SUCCESS))
    }

    /// Shuts the socket down without an AMQP close.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        Glibc.shutdown(amqp_get_sockfd(state), Int32(SHUT_RDWR))
        amqp_destroy_connection(state)
    }

    deinit { end() }
}
