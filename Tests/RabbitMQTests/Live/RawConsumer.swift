// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import CRabbitMQ
import Glibc
import RabbitMQ

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
        try logIn(configuration)
        amqp_channel_open(state, Self.channel)
        try Self.check(amqp_get_rpc_reply(state))
        try limit(prefetch)
        Self.withBytes(queue) { queue in
            Self.withBytes(Self.tag) { tag in
                amqp_basic_consume(state, Self.channel, queue, tag, 0, 0, 0, amqp_empty_table)
            }
        }
        try Self.check(amqp_get_rpc_reply(state))
    }

    /// Step by step, since the library's own login is variadic.
    private func logIn(_ configuration: RabbitMQConfiguration) throws {
        try Self.check(amqp_send_header(state))
        try expect(AMQP_CONNECTION_START_METHOD)
        try Self.withBytes("PLAIN") { mechanism in
            try Self.withBytes("\0\(configuration.user)\0\(configuration.password)") { response in
                try Self.withBytes("en_US") { locale in
                    var start = amqp_connection_start_ok_t(
                        client_properties: amqp_empty_table, mechanism: mechanism, response: response, locale: locale)
                    try Self.check(amqp_send_method(state, 0, AMQP_CONNECTION_START_OK_METHOD, &start))
                }
            }
        }
        try expect(AMQP_CONNECTION_TUNE_METHOD)
        try Self.check(amqp_tune_connection(state, 8, 131_072, 0))
        var tune = amqp_connection_tune_ok_t(channel_max: 8, frame_max: 131_072, heartbeat: 0)
        try Self.check(amqp_send_method(state, 0, AMQP_CONNECTION_TUNE_OK_METHOD, &tune))
        try Self.withBytes(configuration.virtualHost) { host in
            var open = amqp_connection_open_t(virtual_host: host, capabilities: amqp_empty_bytes, insist: 0)
            try Self.check(amqp_send_method(state, 0, AMQP_CONNECTION_OPEN_METHOD, &open))
        }
        try expect(AMQP_CONNECTION_OPEN_OK_METHOD)
    }

    private func expect(_ method: UInt32) throws {
        var answer = amqp_method_t()
        try Self.check(amqp_simple_wait_method(state, 0, method, &answer))
    }

    private static func withBytes(_ text: String, _ body: (amqp_bytes_t) throws -> Void) rethrows {
        var bytes = Array(text.utf8)
        try bytes.withUnsafeMutableBytes { try body(amqp_bytes_t(len: $0.count, bytes: $0.baseAddress)) }
    }

    private static func check(_ status: Int32) throws {
        guard status == AMQP_STATUS_OK.rawValue else {
            throw RabbitMQBroker.Failure("the broker refused the login (\(status))")
        }
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
        Self.withBytes(Self.tag) { amqp_basic_cancel(state, Self.channel, $0) }
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
