// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// What went wrong between the library and the broker.
struct BrokerFailure: Error {
    /// The kind of fault, a label of the metrics: few values, none of them the broker's text.
    enum Cause: String, Sendable, CaseIterable {
        /// No route, connection refused, reset or closed.
        case network
        case nameResolution = "name-resolution"
        /// The peer did not answer in time.
        case timeout
        /// Nothing was heard for two heartbeats.
        case heartbeat
        /// A call passed its deadline and the watchdog shut the socket down.
        case watchdog
        case tls
        /// User, password, certificate, virtual host or permissions.
        case access
        /// Bytes or frames that AMQP 0-9-1 does not allow here.
        case hostile
        /// The broker closed the connection or the channel, with a code.
        case closed
        /// No such queue or exchange.
        case missing
        /// Something exists with other arguments.
        case conflict
        /// The broker serves the connection and confirms nothing.
        case unconfirmed
        /// Messages wait, nobody holds any, and the broker delivers none.
        case undelivered
        case library
    }

    var cause: Cause
    /// The broker's reply code (AMQP 0-9-1 constants), 0 when the library or the network failed.
    var code = 0
    /// The broker's text or the library's; names of queues and exchanges, never payload.
    var text: String
    /// Only the channel is closed; the connection goes on.
    var channelOnly = false

    /// Frames in an order that AMQP does not allow.
    static let outOfOrder = BrokerFailure.hostile("frames out of order")
    static let watchdog = BrokerFailure(cause: .watchdog, text: "a call passed its deadline, the socket was shut down")

    static func hostile(_ what: String) -> BrokerFailure {
        BrokerFailure(cause: .hostile, text: "broken AMQP 0-9-1: \(what)")
    }

    static func timeout(_ what: String) -> BrokerFailure {
        BrokerFailure(cause: .timeout, text: "no \(what) in time")
    }

    static func status(_ status: Int32) -> BrokerFailure {
        let text = amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
        return BrokerFailure(cause: cause(of: status), text: text)
    }

    private static func cause(of status: Int32) -> Cause {
        switch status {
        case AMQP_STATUS_HEARTBEAT_TIMEOUT.rawValue: .heartbeat
        case AMQP_STATUS_TIMEOUT.rawValue: .timeout
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED.rawValue: .nameResolution
        case AMQP_STATUS_CONNECTION_CLOSED.rawValue, AMQP_STATUS_SOCKET_ERROR.rawValue,
            AMQP_STATUS_TCP_ERROR.rawValue:
            .network
        case AMQP_STATUS_BAD_AMQP_DATA.rawValue, AMQP_STATUS_UNKNOWN_CLASS.rawValue,
            AMQP_STATUS_UNKNOWN_METHOD.rawValue, AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION.rawValue,
            AMQP_STATUS_WRONG_METHOD.rawValue, AMQP_STATUS_UNEXPECTED_STATE.rawValue:
            .hostile
        case AMQP_STATUS_SSL_ERROR.rawValue, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue,
            AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue:
            .tls
        default: .library
        }
    }

    static func connectionClose(_ decoded: UnsafeMutableRawPointer?) -> BrokerFailure {
        guard let close = decoded?.assumingMemoryBound(to: amqp_connection_close_t.self).pointee else {
            return BrokerFailure(cause: .closed, text: "connection closed")
        }
        return closed(Int(close.reply_code), close.reply_text.boundedText)
    }

    static func channelClose(_ decoded: UnsafeMutableRawPointer?) -> BrokerFailure {
        guard let close = decoded?.assumingMemoryBound(to: amqp_channel_close_t.self).pointee else {
            return BrokerFailure(cause: .closed, text: "channel closed", channelOnly: true)
        }
        var failure = closed(Int(close.reply_code), close.reply_text.boundedText)
        failure.channelOnly = true
        return failure
    }

    private static func closed(_ code: Int, _ text: String) -> BrokerFailure {
        let cause: Cause =
            switch code {
            case Int(AMQP_ACCESS_REFUSED), Int(AMQP_NOT_ALLOWED): .access
            case Int(AMQP_NOT_FOUND): .missing
            case Int(AMQP_PRECONDITION_FAILED), Int(AMQP_RESOURCE_LOCKED): .conflict
            default: .closed
            }
        return BrokerFailure(cause: cause, code: code, text: text)
    }

    /// The bus's word for it.
    ///
    /// - Parameter place: host, queue or exchange.
    func busError(_ place: String) -> BusError {
        switch (cause, code) {
        case (.access, Int(AMQP_NOT_ALLOWED)):
            BusError(.accessRefused, "\(place): \(text). Check the virtual host and the user's permissions on it")
        case (.access, Int(AMQP_ACCESS_REFUSED)):
            BusError(
                .accessRefused, "\(place): \(text). Check user, password and permissions (rabbitmqctl list_permissions)"
            )
        case (.access, _): BusError(.accessRefused, "\(place): \(text)")
        case (.missing, _): BusError(.notFound, "\(place): \(text)")
        case (.conflict, _): BusError(.topologyConflict, "\(place): \(text)")
        case (.tls, _):
            BusError(
                .unavailable,
                "\(place): \(text). The broker must speak TLS 1.2 or later; when it asks for a client certificate, "
                    + "set bus.tls.certificateFile and bus.tls.keyFile to one that it trusts")
        case (.nameResolution, _): BusError(.unavailable, "\(place): \(text). Check the host name in bus.url")
        case (.hostile, _):
            BusError(.unavailable, "\(place): \(text). Is this port RabbitMQ's AMQP port, and nothing in between?")
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
        let part = UnsafeRawBufferPointer(start: bytes, count: min(len, 300)).map {
            $0 < 0x20 || $0 == 0x7F ? 0x20 : $0
        }
        return String(decoding: part, as: UTF8.self)
    }
}
