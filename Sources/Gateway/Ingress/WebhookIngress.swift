// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON
import Logging
import Ocean

/// Answers `POST /ocean/{integration}`: checks, reads, publishes, and says 202 only once the bus has the message.
struct WebhookIngress: Sendable {
    /// A body from a caller without credentials is read this far: enough for Ocean's proof of the address.
    private static let unauthenticatedBytes = 16 << 10

    let integrations: [String: Integration]
    let limits: ListenerLimits
    let caller: CallerCheck
    let reader: any InboundReader
    let publisher: IngressPublisher
    let ids: UUIDv7Source
    let clock: any WallClock
    let metrics: IngressMetrics
    let logger: Logger

    func handle(_ request: RouteRequest) async throws -> Answer {
        var record = AccessRecord()
        do {
            let answer = try await answer(request, &record)
            finish(request, record, status: String(answer.status.code))
            return answer
        } catch {
            record.outcome = "aborted"
            finish(request, record, status: "aborted")
            throw error
        }
    }

    private func answer(_ request: RouteRequest, _ record: inout AccessRecord) async throws -> Answer {
        guard let integration = request.parameters["integration"].flatMap({ integrations[$0] }) else {
            record.outcome = "unknown-integration"
            return .problem(.notFound, "no integration of this name is in the settings")
        }
        record.integration = integration.name
        guard let mediaType = request.mediaType, Self.accepted.contains(mediaType),
            request.headers[.contentEncoding] == nil || request.headers[.contentEncoding] == "identity"
        else {
            record.outcome = "media-type"
            var answer = Answer.problem(
                .unsupportedMediaType, "send application/json or application/fhir+json, without content encoding")
            answer.headers[.accept] = Self.accepted.joined(separator: ", ")
            return answer
        }
        let isKnownCaller = caller.accepts(request.headers, for: integration)
        let limit = isKnownCaller ? limits.bodyBytes : min(limits.bodyBytes, Self.unauthenticatedBytes)
        switch try await request.body.read(upTo: limit, until: request.arrived + limits.request) {
        case .complete(let body, let reservation):
            record.bytes = body.count
            let content = reader.read(body, mediaType: mediaType, site: integration.site)
            if case .challenge(let challenge) = content {
                // Whether Ocean authenticates its proof of the address is not documented; the echo reveals nothing.
                record.outcome = "challenge"
                return .json(["challenge": .string(challenge)])
            }
            guard isKnownCaller else { return refused(integration, &record) }
            return await take(content, body, mediaType, reservation, integration, request, &record)
        case .tooLarge:
            guard isKnownCaller else { return refused(integration, &record) }
            record.outcome = "too-large"
            return .problem(.contentTooLarge, "the body is longer than \(limits.bodyBytes) bytes")
        case .late:
            guard isKnownCaller else { return refused(integration, &record) }
            record.outcome = "slow-body"
            return .problem(.requestTimeout, "the body did not come in time")
        case .truncated:
            record.outcome = "truncated-body"
            return .problem(.badRequest, "the body is shorter than its Content-Length")
        case .busy:
            record.outcome = "busy"
            return .retryLater("too many requests are being read at once")
        }
    }

    private func take(
        _ content: InboundContent, _ body: [UInt8], _ mediaType: String, _ reservation: BodyBudget.Reservation,
        _ integration: Integration, _ request: RouteRequest, _ record: inout AccessRecord
    ) async -> Answer {
        switch content {
        case .challenge(let challenge):
            record.outcome = "challenge"
            return .json(["challenge": .string(challenge)])
        case .notJSON(let error) where Self.isRefusedJSON(error):
            return await publishInvalid(
                body, mediaType, error.code.rawValue, reservation, integration, request, &record)
        case .notJSON(let error):
            record.outcome = "not-json"
            return .problem(
                .badRequest, "the body is not JSON: \(error)",
                members: [
                    "offset": .number(JSONNumber(error.offset)), "line": .number(JSONNumber(error.line)),
                    "column": .number(JSONNumber(error.column)),
                ])
        case .notUnderstood(let reason, _):
            return await publishInvalid(body, mediaType, reason, reservation, integration, request, &record)
        case .message(let inbound):
            // A routing key of AMQP has at most 255 bytes; without one there is no partition.
            guard (1...255).contains(inbound.subject.utf8.count) else {
                return await publishInvalid(
                    body, mediaType, "unusable-reference", reservation, integration, request, &record)
            }
            record.event = inbound.attributes.event
            let site = inbound.attributes.site ?? inbound.canonical.engagement?.site
            if let expected = integration.site, let site, site != expected {
                record.outcome = "foreign-site"
                return .problem(.forbidden, "the body belongs to another site than this integration")
            }
            var message = Message(
                id: ids.next(), source: "/ocean/\(integration.name)", type: inbound.type, subject: inbound.subject,
                time: inbound.time ?? clock.now(), dataSchema: CanonicalSchema.message, contentType: "application/json",
                attributes: inbound.attributes, trace: trace(request), body: inbound.canonical.json.bytes())
            message.attributes.site = site ?? integration.site
            message.attributes.integration = integration.name
            return await publish(
                message, to: .exchange(BusNames.inbound, routingKey: inbound.subject), outcome: "accepted",
                reservation, integration, &record)
        }
    }

    /// JSON by RFC 8259's grammar that the reader does not take: kept for a person rather than refused for four days.
    private static func isRefusedJSON(_ error: JSONError) -> Bool {
        switch error.code {
        case .tooDeep, .tooLarge, .duplicateKey, .loneSurrogate, .byteOrderMark: true
        case .unexpectedByte, .unexpectedEnd, .invalidNumber, .invalidString, .invalidEscape, .invalidUTF8,
            .trailingContent, .emptyInput:
            false
        }
    }

    /// What is not understood is kept as it came: any other answer makes Ocean retry for four days and mail the clinic.
    private func publishInvalid(
        _ body: [UInt8], _ mediaType: String, _ reason: String, _ reservation: BodyBudget.Reservation,
        _ integration: Integration, _ request: RouteRequest, _ record: inout AccessRecord
    ) async -> Answer {
        let now = clock.now()
        let message = Message(
            id: ids.next(), source: "/ocean/\(integration.name)", type: .unknown, subject: nil, time: now,
            contentType: request.headers[.contentType] ?? mediaType,
            attributes: MessageAttributes(site: integration.site, integration: integration.name),
            trace: trace(request),
            headers: [
                "x-reason": .string(StableWord.of(reason)), "x-stage": .string("ingress"), "x-attempts": .integer(1),
                "x-first-at": .string(now.description), "x-last-at": .string(now.description),
            ],
            body: body)
        return await publish(
            message, to: .queue(BusNames.invalid), outcome: "not-understood", reservation, integration, &record)
    }

    private func publish(
        _ message: Message, to destination: Destination, outcome: String, _ reservation: BodyBudget.Reservation,
        _ integration: Integration, _ record: inout AccessRecord
    ) async -> Answer {
        record.messageID = message.id
        Failpoint.ingressPublish.hit(message.id)
        switch await publisher.publish(message, to: destination, integration: integration.name, holding: reservation) {
        case .durable:
            Failpoint.ingressAnswer.hit(message.id)
            record.outcome = outcome
            return .json(["status": "accepted", "id": .string(message.id)], status: .accepted)
        case .late:
            record.outcome = "bus-late"
        case .failed(let error):
            record.outcome = "bus-\(error.code.rawValue)"
        }
        return .retryLater("the message cannot be made durable now")
    }

    private func refused(_ integration: Integration, _ record: inout AccessRecord) -> Answer {
        record.outcome = "unauthenticated"
        var answer = Answer.problem(.unauthorized)
        answer.headers[.wwwAuthenticate] = caller.challenge(for: integration)
        return answer
    }

    private func trace(_ request: RouteRequest) -> TraceContext {
        request.trace?.child() ?? .root()
    }

    private func finish(_ request: RouteRequest, _ record: AccessRecord, status: String) {
        let duration = ContinuousClock.now - request.arrived
        metrics.request(
            integration: record.integration, status: status, outcome: record.outcome, bytes: record.bytes,
            duration: duration)
        var metadata: Logger.Metadata = [
            "integration": "\(record.integration)", "status": "\(status)", "outcome": "\(record.outcome)",
            "bytes": "\(record.bytes)", "milliseconds": "\(duration.nanoseconds / 1_000_000)",
        ]
        if let id = record.messageID { metadata["message_id"] = "\(id)" }
        if let event = record.event { metadata["event"] = "\(StableWord.of(event))" }
        logger.log(level: record.level(status), "webhook", metadata: metadata)
    }

    private static let accepted = ["application/json", "application/fhir+json"]
}

/// What one line of the access log tells.
private struct AccessRecord {
    var integration = IngressMetrics.unknownIntegration
    var outcome = "unknown"
    var bytes = 0
    var messageID: String?
    var event: String?

    func level(_ status: String) -> Logger.Level {
        if status.hasPrefix("5") { return .error }
        return status.hasPrefix("2") && outcome != "not-understood" ? .info : .warning
    }
}

/// Words of Ocean's vocabulary in logs and headers.
enum StableWord {
    /// The word itself, or `other` when it is anything but a short code: free text might name a person.
    static func of(_ text: String) -> String {
        let isCode =
            (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                    || $0 == 0x5F || $0 == 0x2E
            }
        return isCode ? text : "other"
    }
}
