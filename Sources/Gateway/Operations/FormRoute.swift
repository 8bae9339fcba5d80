// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON
import Ocean

/// Answers `POST /api/v1/forms`: one form request, 202 once the bus has it.
struct FormRoute: Sendable {
    /// Stands in the metrics' integration label for form requests.
    static let source = "forms"

    let limits: ListenerLimits
    let publisher: IngressPublisher
    /// A lane for the requests of one patient that does not tell who it is.
    let lane: @Sendable (_ patient: String, _ site: String) -> String
    let ids: UUIDv7Source
    let clock: any WallClock

    func handle(_ request: RouteRequest) async throws -> Answer {
        switch try await JSONBody.bytes(request, upTo: limits.bodyBytes, within: limits.request) {
        case .failure(let refusal): return refusal.answer
        case .success(let body):
            switch message(request, body.bytes) {
            case .failure(let refusal): return refusal.answer
            case .success(let message): return await publish(message, body.reservation)
            }
        }
    }

    private func publish(_ message: Message, _ reservation: BodyBudget.Reservation) async -> Answer {
        let key = message.subject ?? message.id
        switch await publisher.publish(
            message, to: .exchange(BusNames.forms, routingKey: key), integration: Self.source, holding: reservation)
        {
        case .durable: return .json(["status": "accepted", "id": .string(message.id)], status: .accepted)
        case .late: return .retryLater("the request cannot be made durable now")
        case .failed(let error): return QueueRoutes.answer(error)
        }
    }

    /// A structured CloudEvent, or the request alone.
    private func message(_ request: RouteRequest, _ body: [UInt8]) -> Result<Message, Refusal> {
        let now = clock.now()
        var message = Message(
            id: ids.next(), source: "/hospital", type: .formRequested, subject: nil, time: now, body: body)
        if request.mediaType == CloudEventsStructured.mediaType {
            switch JSONBody.value(body) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let value):
                do throws(RecordError) {
                    message = try Message(structured: value, receivedAt: now)
                    message.type = .formRequested
                } catch {
                    return .failure(Self.refusal(.badRequest, error.message, pointer: error.pointer))
                }
            }
        }
        let asked: FormRequest
        do throws(TranslationError) {
            asked = try FormRequestReader.read(message.body, site: message.attributes.site)
        } catch {
            return .failure(
                Self.refusal(
                    error.code == .notJSON ? .badRequest : .unprocessableContent, error.message, pointer: error.place))
        }
        message.attributes.site = asked.site
        message.subject = message.subject ?? lane(asked.patientName ?? message.id, asked.site)
        message.trace = (message.trace ?? request.trace)?.child() ?? .root()
        return .success(message)
    }

    private static func refusal(_ status: HTTPResponse.Status, _ detail: String, pointer: String) -> Refusal {
        Refusal(answer: .problem(status, detail, members: ["pointer": .string(pointer)]))
    }
}
