// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import HTTPTypes
import JSON

/// The dead letters over HTTP, for the operations listener:
/// `GET /api/v1/dead-letters`, `GET /api/v1/dead-letters/{id}`, `POST /api/v1/dead-letters/replay` and `…/discard`.
package struct DeadLetterRoutes: Sendable {
    private static let bodyBytes = 1 << 20
    private static let bodyTime = Duration.seconds(10)

    /// Serves a request that is in order.
    package typealias Handler = @Sendable (DeadLetterRequest) async -> Answer

    private let handle: Handler

    package init(_ handle: @escaping Handler) {
        self.handle = handle
    }

    /// For the operations listener, behind its token.
    package var routes: [Route] {
        [
            Route(.get, "/api/v1/dead-letters") { await list($0) },
            Route(.post, "/api/v1/dead-letters/replay") { try await change(.replay, $0) },
            Route(.post, "/api/v1/dead-letters/discard") { try await change(.discard, $0) },
            Route(.get, "/api/v1/dead-letters/*") { await show($0) },
        ]
    }

    private func list(_ request: RouteRequest) async -> Answer {
        guard let query = FormText(request.query)?.unique else { return Self.badQuery }
        var wanted = DeadLetterRequest(.list)
        for name in ["lane", "cause", "stage"] {
            if let text = query[name] { wanted.set(name, text) }
        }
        guard let letters = Int(query["letters"] ?? "0") else { return Self.badQuery }
        wanted.letters = letters
        return await serve(wanted)
    }

    private func show(_ request: RouteRequest) async -> Answer {
        guard let query = FormText(request.query)?.unique else { return Self.badQuery }
        var wanted = DeadLetterRequest(.show)
        wanted.ids = [request.parameters["*"] ?? ""]
        for name in ["actor", "reason"] {
            if let text = query[name] { wanted.set(name, text) }
        }
        switch query["body"] ?? "false" {
        case "true": wanted.body = true
        case "false": break
        default: return Self.badQuery
        }
        return await serve(wanted)
    }

    private func change(_ action: DeadLetterRequest.Action, _ request: RouteRequest) async throws -> Answer {
        let object: JSONObject
        switch try await JSONBody.object(request, upTo: Self.bodyBytes, within: Self.bodyTime) {
        case .success(let value): object = value
        case .failure(let refusal): return refusal.answer
        }
        var pointer = ""
        guard let wanted = DeadLetterRequest(action, object, fault: &pointer) else {
            return .problem(
                .unprocessableContent,
                "members are ids (array of strings), lane, cause, stage, actor, reason (strings), dryRun (boolean)",
                members: ["pointer": .string(pointer)])
        }
        return await serve(wanted)
    }

    private func serve(_ wanted: DeadLetterRequest) async -> Answer {
        if let fault = wanted.fault { return .problem(.unprocessableContent, fault) }
        return await handle(wanted)
    }

    private static let badQuery = Answer.problem(
        .badRequest, "the query holds a name twice, a broken escape or a value of the wrong kind")
}
