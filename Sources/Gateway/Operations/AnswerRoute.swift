// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON
import Logging

/// Answers `POST /api/v1/requests/{id}/answer`: a small site's service answers a question that it has received from
/// `ocean.requests.{name}` over HTTP, and settles it with the same call.
struct AnswerRoute: Sendable {
    let desk: LeaseDesk
    /// Nil on a bus that carries no questions.
    let port: (any AnswerPort)?
    let limits: ListenerLimits
    let publishTimeout: Duration
    let ids: UUIDv7Source
    let clock: any WallClock

    var routes: [Route] { [Route(.post, "/api/v1/requests/{id}/answer") { try await handle($0) }] }

    private func handle(_ request: RouteRequest) async throws -> Answer {
        guard let id = request.parameters["id"], let port else { return Self.unknown }
        switch try await JSONBody.bytes(request, upTo: limits.bodyBytes, within: limits.request) {
        case .failure(let refusal): return refusal.answer
        case .success(let body):
            let contentType = request.headers[.contentType] ?? "application/json"
            // Told here, where the service can be mended; on the bus it would only cost the asker its time.
            if CloudEventsStructured.isJSON(contentType: contentType),
                case .failure(let refusal) = JSONBody.value(body.bytes)
            {
                return refusal.answer
            }
            guard let question = await desk.question(id) else { return Self.unknown }
            let answer = Message(
                id: ids.next(), source: "/hospital", type: .questionAnswered, subject: question.subject,
                time: clock.now(), contentType: contentType,
                attributes: MessageAttributes(causationID: question.id), trace: question.trace?.child(),
                body: body.bytes)
            return await send(answer, question, port)
        }
    }

    private func send(_ answer: Message, _ question: Message, _ port: any AnswerPort) async -> Answer {
        let outcome = await Deadline.value(within: publishTimeout + .milliseconds(500), cancelling: false) {
            () -> Result<AnswerFate, BusError> in
            do throws(BusError) {
                return .success(try await port.answer(question, with: answer))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let fate)?:
            await desk.finish(question.id)
            guard fate != .late else {
                return .problem(.gone, "nobody waits for this answer any more: the question is over or was answered")
            }
            return .json(["status": .string(fate.rawValue), "id": .string(question.id)], status: .accepted)
        case .failure(let error)? where error.code == .notFound:
            return .problem(.conflict, "the question says nowhere to answer to; it did not come from an asker")
        case .failure(let error)?: return QueueRoutes.answer(error)
        case nil: return .retryLater("the answer cannot be sent now")
        }
    }

    private static let unknown = Answer.problem(
        .notFound, "no question of this id is lent by this process: it is over, or was settled or answered")
}
