// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// The login, step by step (AMQP 0-9-1 §2.2.4). Not the library's own: that takes any frame size from the broker and
/// tells a silent broker from a refusing one badly.
extension Handle {
    /// AMQP 0-9-1 §4.2.3: no peer may ask for less.
    static let smallestFrame: UInt32 = 4096

    /// - Parameter purpose: a word after the connection's name in the broker's management.
    /// - Throws: the failure, with `isBroken` set.
    func login(
        _ configuration: RabbitMQConfiguration, purpose: String, until deadline: Int64
    ) throws(BrokerFailure) {
        do throws(BrokerFailure) {
            try guarded(until: deadline) { () throws(BrokerFailure) in
                try converse(configuration, purpose, deadline)
            }
        } catch {
            throw broken(error)
        }
        releaseBuffers()
    }

    private func converse(
        _ configuration: RabbitMQConfiguration, _ purpose: String, _ deadline: Int64
    ) throws(BrokerFailure) {
        let status = amqp_send_header(state)
        guard status == AMQP_STATUS_OK.rawValue else { throw .status(status) }
        let start = try expect(AMQP_CONNECTION_START_METHOD, until: deadline)
        try answer(start, configuration, purpose)
        let tune = try expect(AMQP_CONNECTION_TUNE_METHOD, until: deadline)
        try agree(tune, configuration)
        let arena = FieldArena()
        try send(
            AMQP_CONNECTION_OPEN_METHOD,
            amqp_connection_open_t(
                virtual_host: arena.text(configuration.virtualHost), capabilities: amqp_empty_bytes, insist: 1),
            on: 0)
        try expect(AMQP_CONNECTION_OPEN_OK_METHOD, until: deadline)
    }

    private func answer(
        _ decoded: UnsafeMutableRawPointer?, _ configuration: RabbitMQConfiguration, _ purpose: String
    ) throws(BrokerFailure) {
        guard let start = decoded?.assumingMemoryBound(to: amqp_connection_start_t.self).pointee else {
            throw .outOfOrder
        }
        guard start.version_major == 0, start.version_minor == 9 else {
            throw .hostile("version \(start.version_major)-\(start.version_minor)")
        }
        let isExternal = configuration.tls?.external == true
        let mechanism = isExternal ? "EXTERNAL" : "PLAIN"
        guard start.mechanisms.text.split(separator: " ").contains(Substring(mechanism)) else {
            let remedy =
                isExternal
                ? "On every node run: rabbitmq-plugins enable rabbitmq_auth_mechanism_ssl, and add EXTERNAL to "
                    + "auth_mechanisms" : "Add PLAIN to auth_mechanisms, or use EXTERNAL with a client certificate"
            throw BrokerFailure(
                cause: .access, text: "the broker does not offer SASL \(mechanism). \(remedy)")
        }
        let arena = FieldArena()
        let yes = arena.bool(true)
        let capabilities = arena.table([
            ("publisher_confirms", yes), ("basic.nack", yes), ("consumer_cancel_notify", yes),
            ("connection.blocked", yes), ("authentication_failure_close", yes),
        ])
        let properties = arena.table([
            ("product", arena.string("Ocean Bridge")),
            ("connection_name", arena.string("\(configuration.connectionName) \(purpose)")),
            ("capabilities", arena.nested(capabilities)),
        ])
        let response =
            isExternal ? configuration.user : "\u{0}\(configuration.user)\u{0}\(configuration.password)"
        try send(
            AMQP_CONNECTION_START_OK_METHOD,
            amqp_connection_start_ok_t(
                client_properties: properties, mechanism: arena.text(mechanism), response: arena.text(response),
                locale: arena.text("en_US")), on: 0)
    }

    private func agree(
        _ decoded: UnsafeMutableRawPointer?, _ configuration: RabbitMQConfiguration
    ) throws(BrokerFailure) {
        guard let tune = decoded?.assumingMemoryBound(to: amqp_connection_tune_t.self).pointee else {
            throw .outOfOrder
        }
        // Zero: the broker sets no limit.
        guard tune.frame_max == 0 || tune.frame_max >= Self.smallestFrame else {
            throw .hostile("frames of \(tune.frame_max) bytes, the least is \(Self.smallestFrame)")
        }
        let wanted = UInt32(clamping: max(Int(Self.smallestFrame), configuration.frameMax))
        let frame = tune.frame_max == 0 ? wanted : min(wanted, tune.frame_max)
        // The smaller one counts; zero would switch heartbeats off, and they are how a dead peer is noticed.
        let own = UInt16(clamping: max(1, configuration.heartbeat))
        let beat = tune.heartbeat == 0 ? own : min(own, tune.heartbeat)
        let status = amqp_tune_connection(state, Int32(Self.channel), Int32(clamping: frame), Int32(beat))
        guard status == AMQP_STATUS_OK.rawValue else { throw .status(status) }
        try send(
            AMQP_CONNECTION_TUNE_OK_METHOD,
            amqp_connection_tune_ok_t(channel_max: Self.channel, frame_max: frame, heartbeat: beat), on: 0)
    }
}
