// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// How to reach the broker and how much to have under way.
///
/// The password is never part of `description`.
package struct RabbitMQConfiguration: Sendable, CustomStringConvertible {
    package struct Host: Sendable, Hashable, CustomStringConvertible {
        package var name: String
        package var port: Int

        package init(name: String, port: Int) {
            self.name = name
            self.port = port
        }

        package var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
    }

    /// The nodes of one cluster; each connect tries them in a new random order.
    package var hosts: [Host]
    package var virtualHost: String
    package var user: String
    package var password: String
    /// Nil for a plain connection.
    package var tls: RabbitMQTLS?
    /// Seconds, at least 1: librabbitmq notices a dead peer by it.
    package var heartbeat: Int
    /// For reaching one host: TCP, TLS and login each.
    package var connectTimeout: Duration
    /// For a whole publish, waiting for a connection and for the confirm included.
    package var publishTimeout: Duration
    /// For one call into the library; the watchdog shuts the socket down when it passes.
    package var callDeadline: Duration
    /// Messages written and not yet confirmed.
    package var maximumInFlight: Int
    /// Bytes written and not yet confirmed; one message is always allowed.
    package var maximumBytesInFlight: Int
    /// Publishes that wait for their turn; beyond it a publish fails as `unavailable`.
    package var maximumWaiting: Int
    /// Bytes that wait for their turn; one message is always allowed.
    package var maximumBytesWaiting: Int
    /// Bytes; not below 131072, because librabbitmq 0.11 stalls on exact multiples of a small frame.
    package var frameMax: Int
    /// The name that the broker's management shows.
    package var connectionName: String
    /// Largest body taken or given, in bytes.
    package var maximumMessageBytes: Int
    /// Exchange → number of its partition queues: what is published to such an exchange goes straight to the partition
    /// that a stable hash of the routing key names. The broker's own consistent-hash exchange places keys otherwise
    /// after a restart (measured on 3.10.8), and then a newer message overtakes older ones that wait elsewhere.
    package var partitions: [String: Int] = [:]
    /// Questions that may wait for an answer at once.
    package var maximumQuestions = 256

    package init(
        hosts: [Host], virtualHost: String = "/", user: String, password: String, tls: RabbitMQTLS? = nil,
        heartbeat: Int = 10, connectTimeout: Duration = .seconds(5), publishTimeout: Duration = .seconds(10),
        callDeadline: Duration = .seconds(10), maximumInFlight: Int = 256, maximumBytesInFlight: Int = 2 << 20,
        maximumWaiting: Int = 4096, maximumBytesWaiting: Int = 64 << 20, frameMax: Int = 131_072,
        connectionName: String = "ocean-bridge", maximumMessageBytes: Int = 16 << 20
    ) {
        self.hosts = hosts
        self.virtualHost = virtualHost
        self.user = user
        self.password = password
        self.tls = tls
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.publishTimeout = publishTimeout
        self.callDeadline = callDeadline
        self.maximumInFlight = maximumInFlight
        self.maximumBytesInFlight = maximumBytesInFlight
        self.maximumWaiting = maximumWaiting
        self.maximumBytesWaiting = maximumBytesWaiting
        self.frameMax = frameMax
        self.connectionName = connectionName
        self.maximumMessageBytes = maximumMessageBytes
    }

    package var description: String {
        let scheme = tls == nil ? "amqp" : "amqps"
        let list = hosts.map(\.description).joined(separator: ",")
        return "\(scheme)://\(user)@\(list) vhost \(virtualHost)"
    }

    /// Where an error happened, for its text.
    var place: String { description }
}

extension RabbitMQConfiguration: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }

    /// Keeps the password out of `dump` and of default interpolation.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}

/// TLS to the broker: at least 1.2, the peer always verified.
package struct RabbitMQTLS: Sendable, Hashable {
    /// PEM file of trusted authorities; librabbitmq 0.11 knows no default of its own.
    package var authorityFile: String
    /// PEM files of the client's certificate chain and key; both or none.
    package var certificateFile: String?
    package var keyFile: String?
    /// librabbitmq 0.11 compares DNS names only: a broker that is reached by IP address needs this off.
    package var verifiesHostname: Bool
    /// Log in by the client certificate (SASL EXTERNAL) instead of user and password.
    package var external: Bool

    package init(
        authorityFile: String = RabbitMQTLS.systemAuthorities, certificateFile: String? = nil,
        keyFile: String? = nil, verifiesHostname: Bool = true, external: Bool = false
    ) {
        self.authorityFile = authorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.verifiesHostname = verifiesHostname
        self.external = external
    }

    package static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"
}
