// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CDSHooks
import HTTPTypes
import JSON

extension HookRoutes {
    /// A request that may be answered, or the answer that refuses it.
    enum Admission {
        case admitted(HookEndpoint, body: [UInt8], BodyBudget.Reservation)
        case refused(Answer)
    }

    /// Service, origin, media type, caller and body, in this order: nothing of a body is read for a stranger.
    func admit(_ request: RouteRequest, suffix: String = "", _ record: inout HookRecord) async throws -> Admission {
        guard let endpoint = request.parameters["service"].flatMap({ endpoints[$0] }) else {
            record.outcome = "unknown-service"
            return .refused(.problem(.notFound, "no service of this name is in the settings"))
        }
        record.service = endpoint.service.id
        guard origins.allows(request.headers) else {
            record.outcome = "foreign-origin"
            return .refused(Self.foreignOrigin)
        }
        guard let mediaType = request.mediaType, Self.accepted.contains(mediaType),
            request.headers[.contentEncoding] == nil || request.headers[.contentEncoding] == "identity"
        else {
            record.outcome = "media-type"
            var answer = Answer.problem(.unsupportedMediaType, "send application/json, without content encoding")
            answer.headers[.accept] = Self.accepted.joined(separator: ", ")
            return .refused(answer)
        }
        switch await caller.check(request.headers, for: endpoint, suffix: suffix) {
        case .known(let name): record.caller = name
        case .refused:
            record.outcome = "unauthenticated"
            var answer = Answer.problem(.unauthorized)
            answer.headers[.wwwAuthenticate] = caller.challenge(for: endpoint)
            return .refused(answer)
        case .unsure:
            record.outcome = "unsure-of-caller"
            return .refused(.retryLater("the caller cannot be made sure of now"))
        }
        switch try await request.body.read(upTo: limits.bodyBytes, until: request.arrived + limits.request) {
        case .complete(let body, let reservation):
            record.bytes = body.count
            record.started = .now
            return .admitted(endpoint, body: body, reservation)
        case .tooLarge:
            record.outcome = "too-large"
            return .refused(.problem(.contentTooLarge, "the body is longer than \(limits.bodyBytes) bytes"))
        case .late:
            record.outcome = "slow-body"
            return .refused(.problem(.requestTimeout, "the body did not come in time"))
        case .truncated:
            record.outcome = "truncated-body"
            return .refused(.problem(.badRequest, "the body is shorter than its Content-Length"))
        case .busy:
            record.outcome = "busy"
            return .refused(.retryLater("too many requests are being read at once"))
        }
    }

    static func problem(_ error: HookError) -> Answer {
        var members = JSONObject()
        if !error.pointer.isEmpty { members["pointer"] = .string(error.pointer) }
        let status: HTTPResponse.Status
        switch error.code {
        case .notJSON, .invalid, .wrongHook, .unreadable: status = .badRequest
        case .foreignSite: status = .forbidden
        case .missingData:
            status = .preconditionFailed
            members["missing"] = .object(
                JSONObject(
                    error.missing.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        JSONMember(name: $0.key.rawValue, value: .string($0.value.word))
                    }))
        }
        return .problem(status, error.message, members: members)
    }

    private static let accepted = ["application/json", "application/fhir+json"]
}
