// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Ocean
import OceanClient
import Synchronization

/// A server on a real socket that answers as a test scripts it and keeps what it was asked.
final class StubOcean: Sendable {
    struct Asked: Sendable {
        let method: String
        let path: String
        let query: String
        let headers: HTTPFields
        let body: String
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [String: String] = ["Content-Type": "application/json"]
        var body: [UInt8] = Array("{}".utf8)
        /// Sends the head and one byte, then nothing until the client goes away.
        var stallsInBody = false
        /// Sends so many bytes of the body under the length of the whole, then ends the connection.
        var cutsOffAfter: Int?
        /// Sends the body so many times as one, and counts what the connection took.
        var repeated: (times: Int, written: ByteCount)?
        /// Answers nothing at all until the client goes away.
        var stalls = false

        static func json(_ text: String, status: Int = 200) -> Reply { Reply(status: status, body: Array(text.utf8)) }
    }

    typealias Script = @Sendable (Asked, Int) -> Reply
    static let tokenPath = "/svc/oauth2/token"

    private let asked = Mutex<[Asked]>([])
    private let token: Script
    private let call: Script

    /// `call` comes first, so that a trailing closure is taken for it.
    init(call: @escaping Script = { _, _ in Reply() }, token: @escaping Script = StubOcean.tokens) {
        self.token = token
        self.call = call
    }

    /// Numbered tokens: `token-1`, `token-2`, …
    static let tokens: Script = { _, number in
        .json(#"{"access_token":"token-\#(number)","token_type":"Bearer","expires_in":3600}"#)
    }

    var tokenRequests: [Asked] { asked.withLock { $0.filter { $0.path == Self.tokenPath } } }
    var calls: [Asked] { asked.withLock { $0.filter { $0.path != Self.tokenPath } } }

    /// Serves on a free port while `body` runs.
    func run<Value: Sendable>(_ body: @escaping @Sendable (String) async throws -> Value) async throws -> Value {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "stub")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                try await self.respond(to: request)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, logger: logger)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await application.runService(gracefulShutdownSignals: [])
                return nil
            }
            group.addTask {
                for await number in ports { return try await body("http://127.0.0.1:\(number)") }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Serves, and gives `body` a client for site 1234.
    func run<Value: Sendable>(
        style: SiteCredentials.TokenStyle = .body, clientID: String = "client", secret: String = "secret",
        timeout: Duration = .seconds(10), _ body: @escaping @Sendable (OceanHTTPClient) async throws -> Value
    ) async throws -> Value {
        try await run { base in
            let site = SiteCredentials(
                clientID: clientID, clientSecret: secret, tokenStyle: style,
                openAPI: .init(siteKey: "key", siteCredential: "credential"))
            let client = OceanHTTPClient(
                OceanClientConfiguration(
                    host: try OceanHost(base), sites: ["1234": site],
                    timeouts: .init(connect: .seconds(2), call: timeout, token: timeout), version: "9.9"))
            do {
                let value = try await body(client)
                await client.shutdown()
                return value
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }

    private func respond(to request: Request) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        let entry = Asked(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "",
            headers: request.headers, body: String(buffer: bytes))
        let isToken = entry.path == Self.tokenPath
        let number = asked.withLock { list in
            list.append(entry)
            return list.count { ($0.path == Self.tokenPath) == isToken }
        }
        let reply = (isToken ? token : call)(entry, number)
        if reply.stalls { try await Task.sleep(for: .seconds(60)) }
        var headers = HTTPFields()
        for (name, value) in reply.headers {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        let body: ResponseBody
        if let count = reply.cutsOffAfter {
            body = ResponseBody(contentLength: reply.body.count) { writer in
                try await writer.write(ByteBuffer(bytes: reply.body.prefix(count)))
                throw CancellationError()
            }
        } else if let (times, written) = reply.repeated {
            body = ResponseBody(contentLength: reply.body.count * times) { writer in
                for _ in 0..<times {
                    try await writer.write(ByteBuffer(bytes: reply.body))
                    written.add(reply.body.count)
                }
                try await writer.finish(nil)
            }
        } else if reply.stallsInBody {
            body = ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "{"))
                try await Task.sleep(for: .seconds(60))
                try await writer.finish(nil)
            }
        } else {
            body = ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
        }
        return Response(status: .init(code: reply.status), headers: headers, body: body)
    }
}

/// How many bytes a server has handed to its connection.
final class ByteCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func add(_ bytes: Int) { count.withLock { $0 += bytes } }
}

extension HTTPFields {
    subscript(name: String) -> String? { HTTPField.Name(name).flatMap { self[$0] } }
}

/// The error of a call that must fail.
func failure<Value>(_ body: () async throws(OceanServiceError) -> Value) async -> OceanServiceError? {
    do throws(OceanServiceError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
