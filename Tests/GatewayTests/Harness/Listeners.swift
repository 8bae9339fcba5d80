// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Gateway
import HTTPTypes
import JSON
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Runs a listener on a free port while `body` runs.
func withListener<Value: Sendable>(
    _ service: (@escaping @Sendable (Int) async -> Void) throws -> any Service,
    _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> Value {
    let (ports, bound) = AsyncStream<Int>.makeStream()
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: try service { bound.yield($0) })],
            logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            try await group.run()
            bound.finish()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.next()
            throw ListenerDidNotStart()
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(port))
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}

struct ListenerDidNotStart: Error {}

/// A received response.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    func header(_ name: String) -> String? { headers.first(name: name) }
}

/// Speaks to one port of this machine.
struct Caller: Sendable {
    let port: Int
    var scheme = "http"
    var client = HTTPClient.shared

    func send(
        _ method: String, _ path: String, _ body: [UInt8]? = nil, type: String? = "application/json",
        headers: [(String, String)] = []
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "\(scheme)://127.0.0.1:\(port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        if let type { request.headers.add(name: "content-type", value: type) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(20))
        let content = try await response.body.collect(upTo: 64 << 20)
        return Reply(
            status: Int(response.status.code), headers: response.headers, body: Array(content.readableBytesView))
    }

    func post(
        _ path: String, _ body: String, type: String? = "application/json", headers: [(String, String)] = []
    ) async throws -> Reply {
        try await send("POST", path, Array(body.utf8), type: type, headers: headers)
    }
}
