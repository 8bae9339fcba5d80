// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc

/// Makes connections: hosts in random order, TLS, login, channel.
struct Connector: Sendable {
    let configuration: RabbitMQConfiguration
    let metrics: BusMetrics

    /// - Parameter purpose: a word after the connection's name in the broker's management.
    /// - Throws: `accessRefused` when a host refused the login and none took it, else `unavailable`.
    func open(_ purpose: String, fuse: SocketFuse, isStopping: () -> Bool = { false }) throws(BusError) -> Handle {
        var refusal: BusError?
        var last = BusError(.unavailable, "\(configuration.place): no host configured")
        for host in configuration.hosts.shuffled() {
            if isStopping() { throw BusError(.closed, "\(configuration.place): shut down while connecting") }
            do throws(BusError) {
                return try open(host, purpose, fuse)
            } catch {
                if error.code == .accessRefused { refusal = error }
                last = error
            }
        }
        throw refusal ?? last
    }

    private func open(
        _ host: RabbitMQConfiguration.Host, _ purpose: String, _ fuse: SocketFuse
    ) throws(BusError) -> Handle {
        let place = "broker \(host)"
        guard let state = amqp_new_connection() else { throw BusError(.unavailable, "\(place): out of memory") }
        let handle = Handle(state: state, host: host, fuse: fuse, callDeadline: configuration.callDeadline)
        var timeout = configuration.connectTimeout.timeval
        let socket: OpaquePointer
        do throws(BusError) {
            socket = try makeSocket(state, place)
        } catch {
            metrics.countConnectFailure(.tls)
            throw error
        }
        // Resolves the name each time, so that a moved broker is found.
        let status = amqp_socket_open_noblock(socket, host.name, Int32(host.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else {
            metrics.countConnectFailure(BrokerFailure.status(status).cause)
            throw Self.openError(status, place)
        }
        try fuse.attach(amqp_get_sockfd(state))
        tune(amqp_get_sockfd(state))
        do throws(BrokerFailure) {
            let deadline = MonotonicTime.after(configuration.connectTimeout)
            try handle.login(configuration, purpose: purpose, until: deadline)
            try handle.openChannel()
        } catch {
            metrics.countConnectFailure(error.cause)
            throw error.busError(place)
        }
        return handle
    }

    private func makeSocket(_ state: amqp_connection_state_t, _ place: String) throws(BusError) -> OpaquePointer {
        guard let tls = configuration.tls else {
            guard let socket = amqp_tcp_socket_new(state) else {
                throw BusError(.unavailable, "\(place): out of memory")
            }
            return socket
        }
        guard let socket = amqp_ssl_socket_new(state) else {
            throw BusError(.unavailable, "\(place): TLS could not be started")
        }
        // The library's own minimum is TLS 1.0.
        guard amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) == AMQP_STATUS_OK.rawValue else {
            throw BusError(.accessRefused, "\(place): TLS 1.2 is not available in OpenSSL")
        }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, tls.verifiesHostname ? 1 : 0)
        guard amqp_ssl_socket_set_cacert(socket, tls.authorityFile) == AMQP_STATUS_OK.rawValue else {
            throw BusError(.accessRefused, "\(place): cannot read the authority file \(tls.authorityFile)")
        }
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            guard amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue else {
                throw BusError(
                    .accessRefused, "\(place): cannot use the certificate \(certificate) with the key \(key)")
            }
        }
        return socket
    }

    private static func openError(_ status: Int32, _ place: String) -> BusError {
        let failure = BrokerFailure.status(status)
        switch status {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue:
            return BusError(
                .accessRefused,
                "\(place): \(failure.text). Reach the broker by a DNS name of its certificate; IP addresses are not "
                    + "compared")
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue:
            return BusError(
                .accessRefused,
                "\(place): \(failure.text). Renew the broker's certificate when it has expired, or set "
                    + "bus.tls.caFile to the authority that signed it")
        default: return failure.busError(place)
        }
    }

    /// A peer that acknowledges nothing is noticed by the kernel too, not by heartbeats alone.
    private func tune(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
        var limit = UInt32(clamping: configuration.heartbeat * 2000)
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, socklen_t(MemoryLayout<UInt32>.size))
    }
}
