// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Certificates made for one test by the `openssl` program.
package enum TestCertificates {
    /// Writes an authority (`ca.pem`), a server `localhost` (`server.pem`, `server.key`), a client `ocean-client`
    /// (`client.pem`, `client.key`), and a client that signed itself (`stranger.pem`, `stranger.key`).
    ///
    /// - Parameter isExpired: the server's certificate ends the moment it begins.
    package static func make(in directory: String, isExpired: Bool = false) async throws {
        let script = """
            set -e
            cd "$1"
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-authority
            openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
            printf 'subjectAltName=DNS:localhost' > extensions
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days "$2" \
              -extfile extensions -out server.pem
            openssl req -newkey rsa:2048 -nodes -keyout client.key -out client.csr -subj /CN=ocean-client
            openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out client.pem
            openssl req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -out stranger.pem -days 2 \
              -subj /CN=ocean-client
            """
        let pid = try ChildProcess.spawn(
            ["/bin/sh", "-c", script, "sh", directory, isExpired ? "0" : "2"],
            environment: ["PATH=\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")"],
            output: "\(directory)/tls.out")
        guard try await ChildProcess.waitForEnd(pid) == 0 else {
            throw RabbitMQBroker.Failure("openssl: \(try Files.read("\(directory)/tls.out"))")
        }
    }
}

/// A TLS server of one version, which speaks no AMQP: `openssl s_server`.
package final class TLSServer: Sendable {
    package let port: Int
    private let directory: String
    private let process: pid_t

    /// - Parameters:
    ///   - version: an option of `openssl s_server`: `tls1_1`, `tls1_2`, `tls1_3`.
    ///   - directory: for certificates and output; kept by the caller.
    package init(version: String, directory: String) async throws {
        try await TestCertificates.make(in: directory)
        self.directory = directory
        port = try FreePorts.find(1)[0]
        process = try ChildProcess.spawn(
            [
                "/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", "\(directory)/server.pem",
                "-key", "\(directory)/server.key", "-\(version)", "-cipher", "ALL:@SECLEVEL=0", "-quiet",
            ], environment: ["PATH=/usr/bin:/bin"], output: "\(directory)/server.out")
        for _ in 0..<500 {
            if let descriptor = TCPProbe.connect(port: port, seconds: 1) {
                close(descriptor)
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw RabbitMQBroker.Failure("openssl s_server does not listen: \(try Files.read("\(directory)/server.out"))")
    }

    /// The authority that signed its certificate.
    package var authorityFile: String { "\(directory)/ca.pem" }

    /// Whether a client that speaks `version` only gets through: proof that the server itself works.
    package func accepts(_ version: String) async throws -> Bool {
        let pid = try ChildProcess.spawn(
            [
                "/usr/bin/openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-\(version)", "-cipher",
                "ALL:@SECLEVEL=0",
            ], environment: ["PATH=/usr/bin:/bin"], output: "\(directory)/client-\(version).out")
        return try await ChildProcess.waitForEnd(pid) == 0
    }

    package func stop() async throws {
        kill(process, SIGKILL)
        try await ChildProcess.waitForEnd(process)
    }
}
