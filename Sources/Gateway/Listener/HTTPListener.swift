// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// One HTTP/1.1 listener with its own routes, limits and certificate.
struct HTTPListener: Sendable {
    let address: ListenerAddress
    let tls: ListenerTLS?
    let limits: ListenerLimits
    let routes: [Route]
    let logger: Logger

    /// The running listener as a service; it stops taking connections at graceful shutdown and finishes what runs.
    ///
    /// - Parameters:
    ///   - companions: services that start before the listener and stop after it.
    ///   - bound: told the port once connections are taken.
    /// - Throws: `badCertificate`.
    func service(
        companions: [any Service], bound: @escaping @Sendable (Int) async -> Void
    ) throws(GatewayError) -> any Service {
        var logger = logger
        // The framework's own lines are for its developers; accesses are logged by the routes.
        if logger.logLevel < .warning { logger.logLevel = .warning }
        return Application(
            responder: RouteResponder(table: RouteTable(routes), limits: limits, logger: self.logger),
            server: try server(),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), backlog: 1024,
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
            services: companions,
            onServerRunning: { [routes, logger = self.logger] channel in
                for route in routes { logger.debug("serves \(route.method.rawValue) \(route.template)") }
                await bound(channel.localAddress?.port ?? 0)
            },
            logger: logger)
    }

    private func server() throws(GatewayError) -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: TimeAmount(limits.idle),
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: min(limits.headerBytes, 16 << 10), maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: 200)))
        guard let tls else { return plain }
        do {
            return try .tls(plain, tlsConfiguration: Self.configuration(tls))
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.badCertificate, "\(tls.certificateFile) and \(tls.keyFile) cannot be used: \(error)")
        }
    }

    private static func configuration(_ tls: ListenerTLS) throws -> TLSConfiguration {
        let chain = try load("certificate", tls.certificateFile) {
            try NIOSSLCertificate.fromPEMFile(tls.certificateFile)
        }
        let key = try load("key", tls.keyFile) { try NIOSSLPrivateKey(file: tls.keyFile, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        // The library's own default is TLS 1.0.
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let authority = tls.clientAuthorityFile {
            let roots = try load("client authority", authority) { try NIOSSLCertificate.fromPEMFile(authority) }
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }

    private static func load<Value>(_ what: String, _ file: String, _ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch {
            throw GatewayError(.badCertificate, "the \(what) file \(file) cannot be read as PEM: \(error)")
        }
    }
}
