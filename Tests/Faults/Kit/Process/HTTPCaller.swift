// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1

/// One HTTP client for the whole tool; it never repeats a call by itself.
final class HTTPCaller: Sendable {
    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(2)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// - Returns: the status and the body, or nil when there was no whole answer.
    func call(
        _ method: String, _ url: String, contentType: String = "application/json", body: [UInt8]? = nil
    ) async -> (status: Int, body: [UInt8])? {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        if let body {
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        do {
            let response = try await client.execute(request, timeout: .seconds(20))
            let answer = try await response.body.collect(upTo: 64 << 20)
            return (Int(response.status.code), Array(answer.readableBytesView))
        } catch {
            // Whoever was killed does not answer; the caller tries again.
            return nil
        }
    }

    func shutdown() async throws { try await client.shutdown() }
}
