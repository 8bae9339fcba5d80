// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A real RabbitMQ, started without root or a service manager, for tests.
///
/// It has its own directory, node name, ports and epmd. A guardian process kills all of it when the test process ends,
/// however that happens.
package final class RabbitMQBroker: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    /// Under the system's temporary directory; deleted when the process ends.
    package let directory: String
    package let port: Int
    package let managementPort: Int
    /// Listens only after `start(tls: true)`.
    package let tlsPort: Int
    private let distributionPort: Int
    private let epmdPort: Int
    private let node: String
    private let scripts: String
    private let guardian: BrokerGuardian
    private let process = Mutex<pid_t>(0)

    private static let sharedStart = Mutex<Task<RabbitMQBroker, any Error>?>(nil)

    /// One broker for the whole test process, started on first use.
    package static func shared() async throws -> RabbitMQBroker {
        let task = sharedStart.withLock { existing in
            if let existing { return existing }
            // Unstructured, because the broker outlives the test that happens to ask first.
            let task = Task { try await RabbitMQBroker.start() }
            existing = task
            return task
        }
        return try await task.value
    }

    /// A broker of one's own, for tests that kill or freeze it.
    ///
    /// - Parameters:
    ///   - tls: listen with TLS 1.2 and later too, under an authority of its own, as `localhost`.
    ///   - asksForCertificate: take TLS clients only with a certificate of that authority, and log them in by its
    ///     common name (SASL EXTERNAL).
    ///   - isExpired: with a certificate whose time is over.
    package static func start(
        tls: Bool = false, asksForCertificate: Bool = false, isExpired: Bool = false
    ) async throws -> RabbitMQBroker {
        let broker = try RabbitMQBroker()
        if tls { try await broker.prepareTLS(asksForCertificate: asksForCertificate, isExpired: isExpired) }
        try broker.launch()
        try await broker.waitUntilReady()
        return broker
    }

    private init() throws {
        scripts = try Self.findScripts()
        directory = try Self.makeDirectory()
        let ports = try FreePorts.find(5)
        port = ports[0]
        managementPort = ports[1]
        distributionPort = ports[2]
        epmdPort = ports[3]
        tlsPort = ports[4]
        node = "ocean\(ports[0])@localhost"
        guardian = try BrokerGuardian(directory: directory)
        try writeSettings()
    }

    /// `amqp://guest:guest@127.0.0.1:PORT`, without a virtual host.
    package var address: String { "amqp://guest:guest@127.0.0.1:\(port)" }
    package var processID: Int32 { process.withLock { $0 } }

    /// SIGKILL: the honest crash.
    package func kill() async throws {
        let pid = process.withLock { pid in
            defer { pid = 0 }
            return pid
        }
        guard pid > 0 else { return }
        Glibc.kill(pid, SIGKILL)
        try await ChildProcess.waitForEnd(pid)
    }

    /// Stops the broker's process in its tracks; its sockets stay open.
    package func freeze() {
        let pid = processID
        Glibc.kill(pid, SIGSTOP)
        // Its threads stop one after the other.
        for _ in 0..<2000 where !ChildProcess.isStopped(pid) { _ = poll(nil, 0, 1) }
    }
    package func thaw() { Glibc.kill(processID, SIGCONT) }

    /// Kills it if it runs, and starts it again on the same data and ports.
    package func restart() async throws {
        try await kill()
        try launch()
        try await waitUntilReady()
    }

    /// Runs `rabbitmqctl`, about a second a call.
    @discardableResult
    package func control(_ arguments: String...) async throws -> String {
        try await run("rabbitmqctl", arguments)
    }

    /// Writes the broker's own registers of queues to disk. RabbitMQ 3.10 does so half a second after a declare, and a
    /// crash before that loses the queue itself: it never gets a leader again.
    package func settle() async throws {
        try await run("rabbitmqctl", ["eval", "[dets:sync(Table) || Table <- dets:all()]."])
    }

    /// Switches a plugin off on the running broker.
    package func disablePlugin(_ name: String) async throws {
        try await run("rabbitmq-plugins", ["disable", name])
    }

    @discardableResult
    private func run(_ script: String, _ arguments: [String]) async throws -> String {
        let output = "\(directory)/control-\(UInt32.random(in: .min ... .max)).out"
        let pid = try ChildProcess.spawn(
            ["\(scripts)/\(script)"] + arguments, environment: environment, output: output)
        let status = try await ChildProcess.waitForEnd(pid)
        let text = try Files.read(output)
        guard status == 0 else { throw Failure("\(script) \(arguments.joined(separator: " ")): \(text)") }
        return text
    }

    /// The PEM file of the authority that signed the broker's certificate.
    package var authorityFile: String { "\(directory)/ca.pem" }

    /// PEM files of the client that the authority knows, and of one that signed itself.
    package var clientCertificate: (certificate: String, key: String) {
        ("\(directory)/client.pem", "\(directory)/client.key")
    }
    package var strangerCertificate: (certificate: String, key: String) {
        ("\(directory)/stranger.pem", "\(directory)/stranger.key")
    }

    private func prepareTLS(asksForCertificate: Bool, isExpired: Bool) async throws {
        try await TestCertificates.make(in: directory, isExpired: isExpired)
        let settings = try Files.read("\(directory)/rabbitmq.conf")
        try Files.write(
            "\(directory)/rabbitmq.conf",
            """
            \(settings)listeners.ssl.1 = 127.0.0.1:\(tlsPort)
            ssl_options.cacertfile = \(directory)/ca.pem
            ssl_options.certfile = \(directory)/server.pem
            ssl_options.keyfile = \(directory)/server.key
            \(asksForCertificate ? Self.mutualSettings : "ssl_options.verify = verify_none")

            """)
        if asksForCertificate {
            try Files.write(
                "\(directory)/enabled_plugins",
                "[rabbitmq_management,rabbitmq_consistent_hash_exchange,rabbitmq_auth_mechanism_ssl].\n")
        }
    }

    private static let mutualSettings = """
        ssl_options.verify = verify_peer
        ssl_options.fail_if_no_peer_cert = true
        auth_mechanisms.1 = PLAIN
        auth_mechanisms.2 = EXTERNAL
        ssl_cert_login_from = common_name
        """

    private func launch() throws {
        let pid = try ChildProcess.spawn(
            ["\(scripts)/rabbitmq-server", "-noinput"], environment: environment, output: "\(directory)/server.out")
        process.withLock { $0 = pid }
    }

    /// AMQP answers a wrong protocol version at once; its listener opens last.
    private func waitUntilReady() async throws {
        for _ in 0..<9000 {
            if try await BlockingWork.run({ TCPProbe.answersAMQP(port: self.port) }) { return }
            if ChildProcess.hasEnded(processID) {
                throw Failure("the broker ended: \(try Files.read("\(directory)/server.out"))")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure("the broker was not ready in 90 s; see \(directory)/log")
    }

    private var environment: [String] {
        [
            "PATH=\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")", "LANG=C.UTF-8",
            "HOME=\(directory)/home", "RABBITMQ_CONF_ENV_FILE=/dev/null", "RABBITMQ_NODENAME=\(node)",
            "RABBITMQ_CONFIG_FILE=\(directory)/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE=\(directory)/enabled_plugins", "RABBITMQ_MNESIA_BASE=\(directory)/mnesia",
            "RABBITMQ_LOG_BASE=\(directory)/log", "RABBITMQ_GENERATED_CONFIG_DIR=\(directory)/schema",
            "RABBITMQ_DIST_PORT=\(distributionPort)", "ERL_EPMD_PORT=\(epmdPort)", "ERL_EPMD_ADDRESS=127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
            // No shell in between: the child's pid is the broker's.
            "RABBITMQ_ALLOW_INPUT=1",
        ]
    }

    private func writeSettings() throws {
        for name in ["home", "mnesia", "log", "schema"] { mkdir("\(directory)/\(name)", 0o700) }
        try Files.write("\(directory)/home/.erlang.cookie", "OCEANBRIDGETESTS")
        chmod("\(directory)/home/.erlang.cookie", 0o400)
        try Files.write(
            "\(directory)/enabled_plugins", "[rabbitmq_management,rabbitmq_consistent_hash_exchange].\n")
        try Files.write(
            "\(directory)/rabbitmq.conf",
            """
            listeners.tcp.1 = 127.0.0.1:\(port)
            management.tcp.ip = 127.0.0.1
            management.tcp.port = \(managementPort)
            log.console = false
            log.file.level = info
            loopback_users.guest = true

            """)
    }

    /// Debian's wrappers in /usr/sbin change to another user; the real scripts run as anybody.
    private static func findScripts() throws -> String {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin", 0, nil, &found) == 0, found.gl_pathc > 0,
            let path = found.gl_pathv[Int(found.gl_pathc) - 1]
        else { throw Failure("no RabbitMQ under /usr/lib/rabbitmq/lib; install rabbitmq-server") }
        return String(cString: path)
    }

    private static func makeDirectory() throws -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/ocean-broker-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("no temporary directory under \(base)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
