// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import NIOCore
import NIOHTTP1
import NIOSSL
import Ocean

/// One HTTP exchange with Ocean, bounded in time and size, never following a redirect.
struct Transport: Sendable {
    let client: HTTPClient
    let host: OceanHost
    let userAgent: String

    struct Call: Sendable {
        /// For errors and metrics: `POST $process-messages`, never a reference.
        let name: String
        let method: HTTPMethod
        /// Begins with a slash.
        let path: String
        var headers: [(String, String)] = []
        var body: [UInt8]?
        let timeout: Duration
        /// At most so much of the body is read.
        let limit: Int
    }

    /// Ends every connection; calls in flight fail.
    func shutdown() async {
        // Fails only when called twice, and then there is nothing left to close.
        try? await client.shutdown()
    }

    /// TLS 1.2 at least, certificates and host names checked.
    static var tls: TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .fullVerification
        return tls
    }

    /// - Parameter tls: for tests, whose servers no public authority knows.
    static func make(_ configuration: OceanClientConfiguration, tls: TLSConfiguration = Transport.tls) -> Transport {
        var settings = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        settings.timeout = HTTPClient.Configuration.Timeout(
            connect: TimeAmount(configuration.timeouts.connect), read: TimeAmount(configuration.timeouts.call),
            write: TimeAmount(configuration.timeouts.call))
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.maximumConnections
        settings.decompression = .disabled
        return Transport(
            client: HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings),
            host: configuration.host, userAgent: "ocean-bridge/\(configuration.version)")
    }

    /// - Throws: `network` only: any status is an answer.
    func send(_ call: Call) async throws(OceanServiceError) -> Answer {
        let deadline = ContinuousClock.now.advanced(by: call.timeout)
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request(call), deadline: .now() + TimeAmount(call.timeout))
        } catch {
            throw OceanServiceError(.network, "\(call.name): \(Self.word(for: error)) (\(host.base))")
        }
        let (body, isComplete) = await Self.read(response.body, limit: call.limit, until: deadline)
        return Answer(
            status: Int(response.status.code), headers: Self.headers(of: response), body: body,
            isComplete: isComplete)
    }

    func request(_ call: Call) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: host.base + call.path)
        request.method = call.method
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        request.headers.add(name: "User-Agent", value: userAgent)
        if let body = call.body { request.body = .bytes(ByteBuffer(bytes: body)) }
        return request
    }

    static func headers(of response: HTTPClientResponse) -> [String: String] {
        var headers: [String: String] = [:]
        for header in response.headers {
            let name = header.name.lowercased()
            if headers[name] == nil { headers[name] = header.value }
        }
        return headers
    }

    /// The client's own deadline ends with the response's head, so the body gets a second fence.
    static func read(
        _ body: HTTPClientResponse.Body, limit: Int, until deadline: ContinuousClock.Instant
    ) async -> ([UInt8], Bool) {
        await withTaskGroup(of: ([UInt8], Bool).self) { group in
            group.addTask { await collect(body, limit: limit) }
            group.addTask {
                // Ends early only when the group is cancelled; then the result is not looked at.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return ([], false)
            }
            let first = await group.next() ?? ([], false)
            group.cancelAll()
            return first
        }
    }

    private static func collect(_ body: HTTPClientResponse.Body, limit: Int) async -> ([UInt8], Bool) {
        var bytes: [UInt8] = []
        do {
            for try await part in body {
                bytes.append(contentsOf: part.readableBytesView.prefix(limit - bytes.count))
                if part.readableBytes > 0, bytes.count >= limit {
                    return (bytes, false)
                }
            }
            return (bytes, true)
        } catch {
            // The caller decides by status whether a broken body matters.
            return (bytes, false)
        }
    }

    /// Library errors may carry the URL, and with it a reference; only their kind is told.
    static func word(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case is CancellationError: "cancelled"
        case let error as ChannelError: String(describing: error)
        case let error as IOError: "input/output error \(error.errnoCode)"
        // The connection pool's own error type lives in a module that is not ours to import; its name says enough.
        default: "no connection (\(type(of: error)))"
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(min(seconds, 1_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
