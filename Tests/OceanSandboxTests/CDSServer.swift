// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import Synchronization

@testable import OceanSandbox

/// A CDS Hooks server reduced to its contract: names its services, records what comes, answers what the test says.
final class CDSServer: Sendable {
    struct Call: Sendable {
        let path: String
        let authorization: String?
        let json: JSONValue
    }

    private struct State {
        var calls: [Call] = []
        var answers: [String: (status: Int, body: JSONValue)] = [:]
        var services: [JSONValue] = []
    }

    private let ports: AsyncStream<Int>
    private let portInput: AsyncStream<Int>.Continuation
    private let state = Mutex(State())

    init() {
        (ports, portInput) = AsyncStream.makeStream(of: Int.self)
    }

    var calls: [Call] { state.withLock { $0.calls } }

    /// Adds a service and what it answers.
    func serve(_ id: String, hook: String = "order-sign", status: Int = 200, _ body: JSONValue) {
        state.withLock { state in
            state.answers[id] = (status, body)
            state.services.removeAll { $0["id"]?.stringValue == id }
            state.services.append([
                "id": .string(id), "hook": .string(hook), "description": "A service of a test.",
                "prefetch": [
                    "patient": "Patient/{{context.patientId}}",
                    "questionnaireResponse": "QuestionnaireResponse?encounter={{context.encounterId}}",
                    "userPractitioner": "{{context.userId}}",
                    "userPractitionerRole": "PractitionerRole?practitioner={{context.userId}}",
                    "v11Bundle": "Bundle?_query=on-v11-add-service-request", "other": "Coverage?patient=1",
                ],
            ])
        }
    }

    static func card(_ indicator: String, _ summary: String, uuid: String? = nil) -> JSONValue {
        var card: JSONValue = [
            "summary": .string(summary), "indicator": .string(indicator), "source": ["label": "Test"],
        ]
        if let uuid { card["uuid"] = .string(uuid) }
        return card
    }

    /// Runs it for the time of `body`, which gets its base address.
    func run(_ body: (String) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let portInput = portInput
            let application = Application(
                responder: CallbackResponder<BasicRequestContext> { request, _ in try await self.answer(request) },
                server: .http1(configuration: .init(idleTimeout: .seconds(30))),
                configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { portInput.yield($0.localAddress?.port ?? 0) })
            group.addTask {
                try await runGracefully(application, logger: Logger(label: "cds") { _ in SwiftLogNoOpLogHandler() })
            }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)")
                break
            }
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
        }
    }

    private func answer(_ incoming: Request) async throws -> Response {
        var request = incoming
        let body = Array(try await request.collectBody(upTo: 10 << 20).readableBytesView)
        if request.uri.path == "/oauth2/token" { return Self.json(200, ["access_token": "cds-token"]) }
        let call = Call(
            path: request.uri.path, authorization: request.headers[.authorization],
            json: (try? JSONValue(parsing: body)) ?? .null)
        let path = request.uri.path.split(separator: "/").map(String.init)
        let (status, json): (Int, JSONValue) = state.withLock { state in
            state.calls.append(call)
            if path == ["cds-services"] { return (200, ["services": .array(state.services)]) }
            if path.count == 3, path[2] == "feedback" { return (200, [:]) }
            return state.answers[path.count > 1 ? path[1] : ""] ?? (404, [:])
        }
        return Self.json(status, json)
    }

    private static func json(_ status: Int, _ value: JSONValue) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: value.bytes())))
    }
}
