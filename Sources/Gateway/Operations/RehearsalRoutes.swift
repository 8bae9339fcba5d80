// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import HTTPTypes
import JSON

/// `POST /api/v1/updates/dry-run`: what would be posted to Ocean for an update; nothing is sent or kept.
package struct RehearsalRoutes: Sendable {
    /// Answers for an update; the body of its answer holds patient data, as the update does.
    package typealias Handler = @Sendable (Message) async -> Answer

    private let limits: ListenerLimits
    private let clock: any WallClock
    private let ids: UUIDv7Source
    private let handle: Handler

    package init(
        limits: ListenerLimits = ListenerLimits(), clock: any WallClock = SystemClock(),
        ids: UUIDv7Source = UUIDv7Source(), _ handle: @escaping Handler
    ) {
        self.limits = limits
        self.clock = clock
        self.ids = ids
        self.handle = handle
    }

    /// For the operations listener, behind its token.
    package var routes: [Route] {
        [Route(.post, "/api/v1/updates/dry-run") { try await answer($0) }]
    }

    private func answer(_ request: RouteRequest) async throws -> Answer {
        switch try await JSONBody.bytes(request, upTo: limits.bodyBytes, within: limits.request) {
        case .failure(let refusal): return refusal.answer
        case .success(let body):
            switch message(request, body.bytes) {
            case .failure(let refusal): return refusal.answer
            case .success(let message): return await handle(message)
            }
        }
    }

    /// Structured CloudEvents, or an update as it is.
    private func message(_ request: RouteRequest, _ body: [UInt8]) -> Result<Message, Refusal> {
        guard request.mediaType == CloudEventsStructured.mediaType else {
            return .success(
                Message(
                    id: ids.next(), source: "/hospital", type: .updateRequested, subject: nil, time: clock.now(),
                    body: body))
        }
        switch JSONBody.value(body) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let value):
            do throws(RecordError) {
                return .success(try Message(structured: value, receivedAt: clock.now()))
            } catch {
                return .failure(
                    Refusal(
                        answer: .problem(
                            .badRequest, error.message, members: ["pointer": .string(error.pointer.description)])))
            }
        }
    }
}
