// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import Synchronization

@testable import OceanSandbox

/// A bridge reduced to its webhook: records what comes and answers what the test says.
final class WebhookReceiver: Sendable {
    struct Call: Sendable {
        let path: String
        let headers: HTTPFields
        let body: [UInt8]

        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        var event: String? {
            json["entry"]?[0]?["resource"]?["eventCoding"]?["code"]?.stringValue ?? json["type"]?.stringValue
        }
        var resources: [JSONValue] { (json["entry"]?.arrayValue ?? []).compactMap { $0["resource"] } }
        func resource(_ type: String) -> JSONValue? {
            resources.first { $0["resourceType"]?.stringValue == type }
        }
    }

    /// What arrived at the webhook, token calls and challenges excepted.
    let calls: AsyncStream<Call>
    private let input: AsyncStream<Call>.Continuation
    private let ports: AsyncStream<Int>
    private let portInput: AsyncStream<Int>.Continuation
    private let script: Mutex<[Int]>
    private let tokenCalls = Mutex<[String]>([])

    /// - Parameter script: the first answers; later ones are 200.
    init(script: [Int] = []) {
        (calls, input) = AsyncStream.makeStream(of: Call.self)
        (ports, portInput) = AsyncStream.makeStream(of: Int.self)
        self.script = Mutex(script)
    }

    var tokenBodies: [String] { tokenCalls.withLock { $0 } }

    func address() async -> String {
        for await port in ports { return "http://127.0.0.1:\(port)" }
        return ""
    }

    func run() async throws {
        let portInput = portInput
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in try await self.answer(request) },
            server: .http1(configuration: .init(idleTimeout: .seconds(30))),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { portInput.yield($0.localAddress?.port ?? 0) })
        try await runGracefully(application, logger: Logger(label: "receiver") { _ in SwiftLogNoOpLogHandler() })
    }

    private func answer(_ incoming: Request) async throws -> Response {
        var request = incoming
        let body = Array(try await request.collectBody(upTo: 10 << 20).readableBytesView)
        if request.uri.path == "/oauth2/token" {
            let count = tokenCalls.withLock { calls in
                calls.append(String(decoding: body, as: UTF8.self))
                return calls.count
            }
            return Self.json(200, ["access_token": .string("token-\(count)"), "expires_in": 3600])
        }
        let call = Call(path: request.uri.path, headers: request.headers, body: body)
        if let challenge = call.json["challenge"] { return Self.json(200, ["challenge": challenge]) }
        let status = script.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
        input.yield(call)
        return Self.json(status, [:])
    }

    private static func json(_ status: Int, _ value: JSONValue) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: value.bytes())))
    }
}
