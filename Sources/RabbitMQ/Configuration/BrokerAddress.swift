// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

extension RabbitMQConfiguration {
    /// Reads `amqp://user:password@host:port,host:port/vhost?heartbeat=10` and `amqps://…` (RabbitMQ docs, URI
    /// specification and URI query parameters). Beyond the specification: several hosts, and an empty path is the
    /// virtual host `/`.
    ///
    /// Query: `heartbeat` (seconds), `connection_timeout` (milliseconds), `cacertfile`, `certfile`, `keyfile`,
    /// `auth_mechanism` (`plain` or `external`), `verify_hostname` (`true` or `false`).
    ///
    /// - Throws: `accessRefused` when the address cannot be used. The text never repeats the address, for it holds the
    ///   password.
    package init(url: String) throws(BusError) {
        let address = try BrokerAddress(url)
        self.init(
            hosts: address.hosts, virtualHost: address.virtualHost, user: address.user, password: address.password,
            tls: address.isSecure ? RabbitMQTLS() : nil)
        for (name, value) in address.query {
            try apply(name, value)
        }
        guard tls.map({ ($0.certificateFile == nil) == ($0.keyFile == nil) }) ?? true else {
            throw BrokerAddress.fault("certfile and keyfile go together")
        }
    }

    private mutating func apply(_ name: String, _ value: String) throws(BusError) {
        switch name {
        case "heartbeat":
            guard let seconds = Int(value), (1...3600).contains(seconds) else {
                throw BrokerAddress.fault("heartbeat must be 1 to 3600 seconds: it cannot be switched off")
            }
            heartbeat = seconds
        case "connection_timeout":
            guard let milliseconds = Int(value), (1...600_000).contains(milliseconds) else {
                throw BrokerAddress.fault("connection_timeout must be 1 to 600000 milliseconds")
            }
            connectTimeout = .milliseconds(milliseconds)
        case "cacertfile", "certfile", "keyfile", "auth_mechanism", "verify_hostname":
            guard var secure = tls else { throw BrokerAddress.fault("\(name) needs an amqps:// address") }
            switch (name, value) {
            case ("cacertfile", _): secure.authorityFile = value
            case ("certfile", _): secure.certificateFile = value
            case ("keyfile", _): secure.keyFile = value
            case ("auth_mechanism", "external"): secure.external = true
            case ("auth_mechanism", "plain"): secure.external = false
            case ("verify_hostname", "true"): secure.verifiesHostname = true
            case ("verify_hostname", "false"): secure.verifiesHostname = false
            default: throw BrokerAddress.fault("\(name) has a value that is not known")
            }
            tls = secure
        default:
            throw BrokerAddress.fault("a query parameter is not known; remove it")
        }
    }
}

/// The parts of an AMQP address.
struct BrokerAddress {
    var isSecure: Bool
    var user = "guest"
    var password = "guest"
    var hosts: [RabbitMQConfiguration.Host] = []
    var virtualHost = "/"
    var query: [(String, String)] = []

    init(_ text: String) throws(BusError) {
        var rest: Substring
        if text.hasPrefix("amqp://") {
            isSecure = false
            rest = text.dropFirst("amqp://".count)
        } else if text.hasPrefix("amqps://") {
            isSecure = true
            rest = text.dropFirst("amqps://".count)
        } else {
            throw Self.fault("it must begin with amqp:// or amqps://")
        }
        if let mark = rest.firstIndex(of: "?") {
            for pair in rest[rest.index(after: mark)...].split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw Self.fault("a query parameter has no value") }
                query.append((try Self.decode(parts[0]), try Self.decode(parts[1])))
            }
            rest = rest[..<mark]
        }
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            guard !path.contains("/") else {
                throw Self.fault("a slash inside the virtual host must be written %2F")
            }
            if !path.isEmpty { virtualHost = try Self.decode(path) }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decode(parts[0])
            password = parts.count == 2 ? try Self.decode(parts[1]) : ""
            rest = rest[rest.index(after: at)...]
        }
        for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
            hosts.append(try Self.host(part, defaultPort: isSecure ? 5671 : 5672))
        }
        for part in [user, password, virtualHost] where part.utf8.contains(0) {
            throw Self.fault("user, password and virtual host cannot hold a zero byte")
        }
    }

    static func fault(_ what: String) -> BusError {
        BusError(.accessRefused, "broker address: \(what)")
    }

    private static func host(_ text: Substring, defaultPort: Int) throws(BusError) -> RabbitMQConfiguration.Host {
        var name = text
        var port = defaultPort
        var tail: Substring = ""
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw fault("an IPv6 address lacks its bracket") }
            name = text[text.index(after: text.startIndex)..<close]
            tail = text[text.index(after: close)...]
        } else if let colon = text.firstIndex(of: ":") {
            name = text[..<colon]
            tail = text[colon...]
        }
        if !tail.isEmpty {
            guard tail.hasPrefix(":"), let number = Int(tail.dropFirst()), (1...65535).contains(number) else {
                throw fault("a port must be 1 to 65535")
            }
            port = number
        }
        let decoded = try decode(name)
        guard !decoded.isEmpty, !decoded.utf8.contains(0) else { throw fault("a host name is missing") }
        return RabbitMQConfiguration.Host(name: decoded, port: port)
    }

    private static func decode(_ text: Substring) throws(BusError) -> String {
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                output.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                throw fault("a percent sign is not followed by two hexadecimal digits")
            }
            output.append(high << 4 | low)
        }
        guard let decoded = String(validating: output, as: UTF8.self) else { throw fault("it is not UTF-8") }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
