// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeTestKit
import Foundation
import Gateway
import NIOCore
import NIOSSL
import Testing

@Suite("TLS", .timeLimit(.minutes(15)))
struct TLSTests {
    private struct OpenSSLFailed: Error {
        let status: Int32
    }

    /// Runs openssl without blocking a thread of the cooperative pool.
    private static func openssl(_ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        guard status == 0 else { throw OpenSSLFailed(status: status) }
    }

    private static func certificate(_ directory: String, _ name: String) async throws -> (
        certificate: String, key: String
    ) {
        let files = ("\(directory)/\(name).pem", "\(directory)/\(name).key")
        try await openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", files.1, "-out",
            files.0,
        ])
        return files
    }

    private static func withClient<Value: Sendable>(
        _ change: (inout TLSConfiguration) throws -> Void, trusting certificate: String,
        _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificate)
        try change(&tls)
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(client)
            try await client.shutdown()
            return value
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test("webhooks come over TLS 1.2 and 1.3, older versions and plain HTTP do not get in")
    func serverTLS() async throws {
        try await withTemporaryDirectory { directory in
            let (certificate, key) = try await Self.certificate(directory, "server")
            let bench = PublicBench(tls: ListenerTLS(certificateFile: certificate, keyFile: key))
            try await bench.run { (caller: Caller) async throws in
                for version in [TLSVersion.tlsv12, .tlsv13] {
                    let status = try await Self.withClient(
                        {
                            $0.minimumTLSVersion = version
                            $0.maximumTLSVersion = version
                        }, trusting: certificate
                    ) { client in
                        try await Caller(port: caller.port, scheme: "https", client: client)
                            .post("/ocean/open", #"{"ref":"r"}"#).status
                    }
                    #expect(status == 202)
                }
                await #expect(throws: (any Error).self) {
                    try await Self.withClient(
                        {
                            $0.minimumTLSVersion = .tlsv1
                            $0.maximumTLSVersion = .tlsv11
                        }, trusting: certificate
                    ) { client in
                        try await Caller(port: caller.port, scheme: "https", client: client)
                            .post("/ocean/open", #"{"ref":"r"}"#).status
                    }
                }
                await #expect(throws: (any Error).self) { try await caller.post("/ocean/open", #"{"ref":"r"}"#) }
            }
            #expect(await bench.bus.published.count == 2)
        }
    }

    @Test("with a client authority only its certificates get in")
    func mutualTLS() async throws {
        try await withTemporaryDirectory { directory in
            let server = try await Self.certificate(directory, "server")
            let known = try await Self.certificate(directory, "known")
            let stranger = try await Self.certificate(directory, "stranger")
            var bench = PublicBench(
                tls: ListenerTLS(
                    certificateFile: server.certificate, keyFile: server.key, clientAuthorityFile: known.certificate))
            bench.configuration.integrations = [
                "mtls": Integration(name: "mtls", kind: .ereferralFHIR, site: nil, authentication: .mutualTLS)
            ]
            let ready = bench
            try await ready.run { (caller: Caller) async throws in
                @Sendable func call(_ files: (certificate: String, key: String)?) async throws -> Int {
                    try await Self.withClient(
                        {
                            guard let files else { return }
                            $0.certificateChain = try NIOSSLCertificate.fromPEMFile(files.certificate)
                                .map { .certificate($0) }
                            $0.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
                        }, trusting: server.certificate
                    ) { client in
                        try await Caller(port: caller.port, scheme: "https", client: client)
                            .post("/ocean/mtls", #"{"ref":"r"}"#).status
                    }
                }
                #expect(try await call(known) == 202)
                await #expect(throws: (any Error).self) { try await call(nil) }
                await #expect(throws: (any Error).self) { try await call(stranger) }
            }
            #expect(await ready.bus.published.count == 1)
        }
    }

    @Test("files that are missing, broken or do not fit are named")
    func badFiles() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await Self.certificate(directory, "first")
            for (certificate, key, named) in [
                ("\(directory)/none.pem", first.key, "none.pem"),
                (first.certificate, "\(directory)/none.key", "none.key"),
                (first.key, first.key, "first.key"),
            ] {
                let bench = PublicBench(tls: ListenerTLS(certificateFile: certificate, keyFile: key))
                let gateway = try PublicGateway(
                    configuration: bench.configuration, bus: bench.bus, reader: SampleReader(),
                    logger: bench.log.logger())
                let error = try #require(throws: GatewayError.self) { _ = try gateway.service() }
                #expect(error.code == .badCertificate)
                #expect(error.message.contains(named))
            }
        }
    }
}
