// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON
import Ocean

/// Answers `POST /api/v1/updates`: one update, 202 once the bus has it.
struct UpdateRoute: Sendable {
    /// Stands in the metrics' integration label for updates.
    static let source = "updates"

    let limits: ListenerLimits
    let publisher: IngressPublisher
    /// Finds the referral of formats that do not name it in a plain member.
    let reader: (any UpdateReader)?
    let ids: UUIDv7Source
    let clock: any WallClock

    func handle(_ request: RouteRequest) async throws -> Answer {
        switch try await JSONBody.bytes(request, upTo: limits.bodyBytes, within: limits.request) {
        case .failure(let refusal): return refusal.answer
        case .success(let body):
            switch message(request, body.bytes).flatMap(placed) {
            case .failure(let refusal): return refusal.answer
            case .success(let message): return await publish(message, body.reservation)
            }
        }
    }

    private func publish(_ message: Message, _ reservation: BodyBudget.Reservation) async -> Answer {
        let key = message.subject ?? ""
        switch await publisher.publish(
            message, to: .exchange(BusNames.updates, routingKey: key), integration: Self.source, holding: reservation)
        {
        case .durable: return .json(["status": "accepted", "id": .string(message.id)], status: .accepted)
        case .late: return .retryLater("the update cannot be made durable now")
        case .failed(let error): return QueueRoutes.answer(error)
        }
    }

    /// Structured CloudEvents, or any body with or without CloudEvents headers.
    private func message(_ request: RouteRequest, _ body: [UInt8]) -> Result<Message, Refusal> {
        var message: Message
        if request.mediaType == CloudEventsStructured.mediaType {
            switch JSONBody.value(body) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let value):
                do throws(RecordError) {
                    message = try Message(structured: value, receivedAt: clock.now())
                } catch {
                    return .failure(Self.refusal(.badRequest, error.message, pointer: error.pointer))
                }
            }
        } else {
            message = CloudEventsBinary.message(
                from: CloudEventsBinary.Properties(
                    contentType: request.headers[.contentType], headers: Self.attributes(request.headers)),
                body: body, routingKey: "", fallbackID: ids.next(), receivedAt: clock.now())
        }
        message.trace = (message.trace ?? request.trace)?.child() ?? .root()
        return .success(message)
    }

    /// Sets the subject, which decides the partition.
    private func placed(_ message: Message) -> Result<Message, Refusal> {
        var message = message
        let named: String?
        switch reference(message) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let found): named = found
        }
        if let subject = message.subject, let named, subject != named {
            return .failure(
                Self.refusal(
                    .unprocessableContent, "is another referral than the subject; the order needs one name",
                    pointer: "/referral"))
        }
        guard let subject = message.subject ?? named else {
            return .failure(
                Self.refusal(
                    .unprocessableContent,
                    "name the referral: header cloudEvents_subject or ce-subject, or member referral",
                    pointer: "/referral"))
        }
        guard (1...255).contains(subject.utf8.count), subject.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return .failure(
                Self.refusal(
                    .unprocessableContent, "a referral reference has 1 to 255 printable ASCII characters",
                    pointer: "/referral"))
        }
        message.subject = subject
        return .success(message)
    }

    /// The referral that the body itself names; nil when it does not.
    private func reference(_ message: Message) -> Result<String?, Refusal> {
        let root: JSONValue
        switch JSONBody.value(message.body) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let value): root = value
        }
        guard root.objectValue != nil else {
            return .failure(
                Self.refusal(.unprocessableContent, "expected an object, found \(root.kindName)", pointer: ""))
        }
        // Canonical updates say `referral`, Ocean's own JSON `referralRef`.
        for name in ["referral", "referralRef"] {
            guard let value = root[name], !value.isNull else { continue }
            guard let text = value.stringValue, !text.isEmpty else {
                return .failure(
                    Self.refusal(.unprocessableContent, "must be a string that is not empty", pointer: "/" + name))
            }
            return .success(text)
        }
        guard message.subject == nil, let reader else { return .success(nil) }
        do throws(TranslationError) {
            return .success(try reader.read(message).referral)
        } catch {
            return .failure(Self.refusal(.unprocessableContent, error.message, pointer: error.place))
        }
    }

    /// CloudEvents' HTTP binding says `ce-subject`; the AMQP spelling is taken as well.
    private static func attributes(_ headers: HTTPFields) -> [String: HeaderValue] {
        var output: [String: HeaderValue] = [:]
        for field in headers {
            let name = field.name.canonicalName
            if name.hasPrefix("ce-") {
                output[name] = .string(FormText.percentDecoded(field.value, plusIsSpace: false) ?? field.value)
            } else if name.hasPrefix("cloudevents_") {
                output[CloudEventsBinary.prefix + name.dropFirst("cloudevents_".count)] = .string(field.value)
            }
        }
        return output
    }

    private static func refusal(_ status: HTTPResponse.Status, _ detail: String, pointer: String) -> Refusal {
        Refusal(answer: .problem(status, detail, members: ["pointer": .string(pointer)]))
    }
}
