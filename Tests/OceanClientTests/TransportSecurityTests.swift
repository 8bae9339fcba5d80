// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Ocean
import Testing

@testable import OceanClient

@Suite("TLS towards Ocean", .timeLimit(.minutes(15)))
struct TransportSecurityTests {
    /// An Ocean that speaks the given TLS versions, and a client that knows its certificate.
    private func call(_ versions: ClosedRange<Int>) async throws -> OceanServiceError? {
        try await withTemporaryDirectory { directory in
            try await TestCertificates.make(in: directory)
            return try await Self.call(versions, directory)
        }
    }

    private static func call(_ versions: ClosedRange<Int>, _ directory: String) async throws -> OceanServiceError? {
        let known: [TLSVersion] = [.tlsv1, .tlsv11, .tlsv12, .tlsv13]
        var server = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile("\(directory)/server.pem").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(directory)/server.key", format: .pem)))
        server.minimumTLSVersion = known[versions.lowerBound]
        server.maximumTLSVersion = known[versions.upperBound]
        var client = Transport.tls
        client.trustRoots = .file("\(directory)/ca.pem")
        let (serving, trusting) = (server, client)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "tls")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                let body =
                    request.uri.path == StubOcean.tokenPath
                    ? #"{"access_token":"t","expires_in":60}"# : "{}"
                return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
            },
            server: try .tls(.http1(), tlsConfiguration: serving),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, logger: logger)
        return try await withThrowingTaskGroup(of: OceanServiceError??.self) { group in
            group.addTask {
                try await application.runService(gracefulShutdownSignals: [])
                return nil
            }
            group.addTask {
                for await number in ports {
                    let client = OceanHTTPClient(
                        OceanClientConfiguration(
                            host: try OceanHost("https://localhost:\(number)"),
                            sites: ["1234": SiteCredentials(clientID: "c", clientSecret: "s")],
                            timeouts: .init(connect: .seconds(2), call: .seconds(5), token: .seconds(5)), version: "1"),
                        clock: SystemClock(), now: { ContinuousClock.now }, tls: trusting)
                    let error = await failure { () async throws(OceanServiceError) in
                        try await client.check(site: "1234")
                    }
                    await client.shutdown()
                    return .some(error)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    @Test("TLS 1.2 and 1.3 are spoken")
    func taken() async throws {
        #expect(try await call(2...2) == nil)
        #expect(try await call(3...3) == nil)
    }

    @Test("to a server of TLS 1.1 at most nothing is sent")
    func refused() async throws {
        #expect(try await call(0...1)?.code == .network)
    }

    @Test("certificates and host names are checked")
    func verification() {
        #expect(Transport.tls.certificateVerification == .fullVerification)
        #expect(Transport.tls.minimumTLSVersion == .tlsv12)
    }
}
