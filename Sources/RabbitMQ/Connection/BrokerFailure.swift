// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// What went wrong between the library and the broker.
struct BrokerFailure: Error {
    /// The broker's reply code (AMQP 0-9-1 constants), 0 when the library or the network failed.
    var code: Int
    /// The broker's text or the library's; names of queues and exchanges, never payload.
    var text: String
    /// Only the channel is closed; the connection goes on.
    var channelOnly = false

    /// Frames in an order that AMQP does not allow.
    static let outOfOrder = BrokerFailure(code: 0, text: "frames out of order")

    static func status(_ status: Int32) -> BrokerFailure {
        let text = amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
        return BrokerFailure(code: 0, text: text)
    }

    static func connectionClose(_ decoded: UnsafeMutableRawPointer?) -> BrokerFailure {
        guard let close = decoded?.assumingMemoryBound(to: amqp_connection_close_t.self).pointee else {
            return BrokerFailure(code: 0, text: "connection closed")
        }
        return BrokerFailure(code: Int(close.reply_code), text: close.reply_text.boundedText)
    }

    static func channelClose(_ decoded: UnsafeMutableRawPointer?) -> BrokerFailure {
        guard let close = decoded?.assumingMemoryBound(to: amqp_channel_close_t.self).pointee else {
            return BrokerFailure(code: 0, text: "channel closed")
        }
        return BrokerFailure(code: Int(close.reply_code), text: close.reply_text.boundedText, channelOnly: true)
    }

    /// The failure behind an RPC's reply, nil when it went well.
    static func of(_ reply: amqp_rpc_reply_t) -> BrokerFailure? {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return nil
        case AMQP_RESPONSE_SERVER_EXCEPTION where reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD:
            return connectionClose(reply.reply.decoded)
        case AMQP_RESPONSE_SERVER_EXCEPTION where reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD:
            return channelClose(reply.reply.decoded)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: return status(reply.library_error)
        default: return BrokerFailure(code: 0, text: "no answer")
        }
    }

    /// The bus's word for it.
    ///
    /// - Parameter place: host, queue or exchange.
    func busError(_ place: String) -> BusError {
        switch code {
        case Int(AMQP_ACCESS_REFUSED):
            BusError(
                .accessRefused, "\(place): \(text). Check user, password and permissions (rabbitmqctl list_permissions)"
            )
        case Int(AMQP_NOT_ALLOWED):
            BusError(.accessRefused, "\(place): \(text). Check the virtual host and the user's permissions on it")
        case Int(AMQP_NOT_FOUND): BusError(.notFound, "\(place): \(text)")
        case Int(AMQP_PRECONDITION_FAILED), Int(AMQP_RESOURCE_LOCKED):
            BusError(.topologyConflict, "\(place): \(text)")
        default: BusError(.unavailable, "\(place): \(text)")
        }
    }
}

extension amqp_bytes_t {
    /// The bytes as text; broken UTF-8 is repaired.
    var text: String {
        guard let bytes, len > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: len), as: UTF8.self)
    }

    /// At most 300 bytes of text without control characters, fit for an error or a log.
    var boundedText: String {
        guard let bytes, len > 0 else { return "" }
        let part = UnsafeRawBufferPointer(start: bytes, count: min(len, 300)).map { $0 < 0x20 ? 0x20 : $0 }
        return String(decoding: part, as: UTF8.self)
    }
}
