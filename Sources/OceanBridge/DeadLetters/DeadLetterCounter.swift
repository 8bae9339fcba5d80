// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import Gateway
import HTTPTypes
import JSON
import Workers

/// Serves requests about dead letters from a desk; the same answers over HTTP and on the command line.
struct DeadLetterCounter: Sendable {
    let desk: DeadLetterDesk

    func answer(_ request: DeadLetterRequest) async -> Answer {
        do throws(DeadLetterError) {
            return .json(try await json(request))
        } catch {
            return Self.refusal(error)
        }
    }

    private func json(_ request: DeadLetterRequest) async throws(DeadLetterError) -> JSONValue {
        let actor = request.actor.isEmpty ? "operator" : request.actor
        let selection = DeadLetterSelection(
            ids: Set(request.ids), lane: request.lane, reason: request.cause, stage: request.stage)
        switch request.action {
        case .list:
            let (letters, isComplete) = try await desk.letters(selection)
            return [
                "total": .number(JSONNumber(letters.count)), "complete": .bool(isComplete),
                "groups": .array(DeadLetterGroup.grouping(letters).map(Self.form)),
                "letters": .array(letters.prefix(request.letters).map { .object(Self.form($0)) }),
            ]
        case .show: return try await show(request, selection, actor)
        case .replay:
            return Self.form(
                try await desk.replay(selection, actor: actor, reason: request.reason, dryRun: request.dryRun),
                request)
        case .discard:
            return Self.form(
                try await desk.discard(selection, actor: actor, reason: request.reason, dryRun: request.dryRun),
                request)
        }
    }

    private func show(
        _ request: DeadLetterRequest, _ selection: DeadLetterSelection, _ actor: String
    ) async throws(DeadLetterError) -> JSONValue {
        guard request.body, let id = request.ids.first else {
            let (letters, isComplete) = try await desk.letters(selection)
            guard !letters.isEmpty else {
                throw DeadLetterError(
                    .notFound,
                    isComplete
                        ? "no such letter in the side lanes"
                        : "no such letter among those to be seen; another consumer holds some: try again in a minute")
            }
            return ["letters": .array(letters.map { .object(Self.form($0)) })]
        }
        let opened = try await desk.open(id, actor: actor, reason: request.reason)
        return [
            "letters": .array(
                opened.map { letter, message in
                    var object = Self.form(letter)
                    if let text = String(validating: message.body, as: UTF8.self) {
                        object["body"] = .string(text)
                    } else {
                        object["bodyBase64"] = .string(Data(message.body).base64EncodedString())
                    }
                    return .object(object)
                })
        ]
    }

    private static func form(_ group: DeadLetterGroup) -> JSONValue {
        [
            "lane": .string(group.cause.lane), "cause": .string(group.cause.reason),
            "stage": .string(group.cause.stage), "count": .number(JSONNumber(group.count)),
            "firstAt": .string(group.firstAt.description), "lastAt": .string(group.lastAt.description),
            "samples": .array(group.samples.map { .string($0) }),
        ]
    }

    /// Everything but the body.
    private static func form(_ letter: FiledLetter) -> JSONObject {
        let envelope = letter.envelope
        var object = JSONObject()
        object["key"] = .string(letter.key)
        object["id"] = .string(letter.messageID)
        object["lane"] = .string(letter.lane)
        object["cause"] = .string(letter.reason)
        object["stage"] = .string(letter.stage)
        object.append("detail", letter.detail.map { .string($0) })
        object.append("status", letter.status.map { .number(JSONNumber($0)) })
        object.append("attempts", letter.attempts.map { .number(JSONNumber($0)) })
        object["firstAt"] = .string(letter.firstAt.description)
        object["lastAt"] = .string(letter.lastAt.description)
        object.append("referral", envelope.subject.map { .string($0) })
        object["type"] = .string(envelope.type.rawValue)
        object["source"] = .string(envelope.source)
        object["time"] = .string(envelope.time.description)
        object["contentType"] = .string(envelope.contentType)
        object["bytes"] = .number(JSONNumber(letter.bytes))
        var headers = JSONObject()
        for (name, value) in CloudEventsBinary.properties(of: envelope).headers.sorted(by: { $0.key < $1.key }) {
            headers[name] = .string(value.text)
        }
        object["headers"] = .object(headers)
        object.append("replay", LetterReturn(letter).map(form))
        return object
    }

    private static func form(_ way: LetterReturn) -> JSONValue {
        [
            "exchange": .string(way.exchange), "routingKey": .string(way.routingKey),
            "headersRemoved": .array(way.removed.map { .string($0) }),
            "headersAdded": .array(way.added.map { .string($0) }),
        ]
    }

    private static func form(_ outcomes: [DeadLetterOutcome], _ request: DeadLetterRequest) -> JSONValue {
        [
            "dryRun": .bool(request.dryRun),
            "failed": .number(JSONNumber(outcomes.count { $0.result == .failed })),
            "results": .array(
                outcomes.map { outcome in
                    var object = JSONObject()
                    object["key"] = .string(outcome.letter.key)
                    object["id"] = .string(outcome.letter.messageID)
                    object["lane"] = .string(outcome.letter.lane)
                    object.append("referral", outcome.letter.envelope.subject.map { .string($0) })
                    object["result"] = .string(outcome.result.rawValue)
                    object.append("replay", outcome.way.map(form))
                    object.append("problem", outcome.problem.map { .string($0) })
                    return .object(object)
                }),
        ]
    }

    private static func refusal(_ error: DeadLetterError) -> Answer {
        switch error.code {
        case .notFound: .problem(.notFound, error.message)
        case .invalid: .problem(.unprocessableContent, error.message)
        case .busy, .unavailable: .retryLater(error.message)
        }
    }
}
