// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Looks at the certificate that a server shows, as a caller from outside would.
struct CertificateProbe: Sendable {
    enum Outcome: Sendable, Hashable {
        /// Trusted, for this name; seconds since 1970 at which it ends.
        case trusted(until: Int64)
        /// TLS works, the certificate does not hold.
        case untrusted(reason: String, until: Int64)
        /// No TLS 1.2 or 1.3 at all.
        case noTLS(reason: String)
    }

    var trust: NIOSSLTrustRoots = .default

    func look(host: String, port: Int) async -> Outcome {
        do {
            return .trusted(until: try await handshake(host, port, .fullVerification))
        } catch {
            let reason = Self.word(error)
            do {
                return .untrusted(reason: reason, until: try await handshake(host, port, .none))
            } catch {
                return .noTLS(reason: Self.word(error))
            }
        }
    }

    /// - Returns: when the certificate ends, in seconds since 1970.
    private func handshake(
        _ host: String, _ port: Int, _ verification: CertificateVerification
    ) async throws -> Int64 {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = verification
        configuration.trustRoots = trust
        let context = try NIOSSLContext(configuration: configuration)
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let ended = loop.makePromise(of: Int64.self)
        let timeout = loop.scheduleTask(in: .seconds(10)) { ended.fail(ChannelError.connectTimeout(.seconds(10))) }
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let tls = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
                        try channel.pipeline.syncOperations.addHandlers([tls, HandshakeWitness(ended)])
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            timeout.cancel()
            ended.fail(error)
            throw error
        }
        let outcome: Result<Int64, any Error>
        do {
            outcome = .success(try await ended.futureResult.get())
        } catch {
            outcome = .failure(error)
        }
        timeout.cancel()
        // It may be closed already.
        try? await channel.close().get()
        return try outcome.get()
    }

    private static func word(_ error: any Error) -> String {
        let text = String(describing: error)
        for (sign, word) in [
            (
                "CERTIFICATE_VERIFY_FAILED",
                "not signed by an authority that is trusted here, or its chain is incomplete"
            ),
            ("unableToValidateCertificate", "for another name than the one in http.public.url"),
            ("noCertificateToValidate", "no certificate is shown"),
            ("PROTOCOL_VERSION", "only versions before TLS 1.2"), ("WRONG_VERSION_NUMBER", "no TLS on that port"),
            ("connectTimeout", "no answer"), ("NIOConnectionError", "no connection"), ("eof", "connection closed"),
            ("uncleanShutdown", "connection closed"),
        ] where text.contains(sign) { return word }
        return "\(type(of: error))"
    }
}

/// Sees the handshake's end.
private final class HandshakeWitness: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let ended: EventLoopPromise<Int64>

    init(_ ended: EventLoopPromise<Int64>) {
        self.ended = ended
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            do {
                let certificate = try context.pipeline.syncOperations.nioSSL_peerCertificate()
                ended.succeed(certificate.map { Int64($0.notValidAfter) } ?? 0)
            } catch {
                ended.fail(error)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
