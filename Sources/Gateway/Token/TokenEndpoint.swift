// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON

/// Answers `POST /oauth2/token` with client-credentials tokens (RFC 6749 §4.4) for Ocean's webhook calls.
///
/// What Ocean sends beyond client id and secret is not documented, so the secret is taken from a form, from JSON or
/// from Basic, and `grant_type` from the query too. Secrets in a query are never read: queries end up in proxies' logs.
struct TokenEndpoint: Sendable {
    private static let bodyBytes = 16 << 10
    private static let bodyTime = Duration.seconds(10)

    private let clients: [(id: String, secret: Secret)]
    private let tokens: AccessTokens
    private let clock: any WallClock
    private let metrics: IngressMetrics
    private let failures: FailureLimit

    /// - Parameter authentications: of all that a token may open; those without clients are passed over.
    init(
        authentications: [Integration.Authentication], tokens: AccessTokens, clock: any WallClock,
        metrics: IngressMetrics
    ) {
        clients = authentications.compactMap { authentication in
            guard case .oauth2(let id, let secret) = authentication else { return nil }
            return (id, secret)
        }
        self.tokens = tokens
        self.clock = clock
        self.metrics = metrics
        failures = FailureLimit()
    }

    func handle(_ request: RouteRequest) async throws -> Answer {
        var answer = try await answer(request)
        answer.headers[.cacheControl] = "no-store"
        metrics.tokenRequest(status: answer.status)
        return answer
    }

    private func answer(_ request: RouteRequest) async throws -> Answer {
        let body: [UInt8]
        switch try await request.body.read(upTo: Self.bodyBytes, until: request.arrived + Self.bodyTime) {
        case .complete(let bytes, _): body = bytes
        case .tooLarge: return Self.error("invalid_request", "the body is too long", .contentTooLarge)
        case .late: return Self.error("invalid_request", "the body did not come in time", .requestTimeout)
        case .truncated: return Self.error("invalid_request", "the body is shorter than its Content-Length")
        case .busy: return .retryLater("too many requests are being read at once")
        }
        guard let parameters = Self.parameters(body, mediaType: request.mediaType) else {
            return Self.error("invalid_request", "send a form with each parameter once")
        }
        let query = FormText(request.query)?.unique ?? [:]
        guard let grantType = parameters["grant_type"] ?? query["grant_type"] else {
            return Self.error("invalid_request", "grant_type is missing")
        }
        guard grantType == "client_credentials" else {
            return Self.error("unsupported_grant_type", "only client_credentials is supported")
        }
        let shown = PresentedCredentials(request.headers)
        let candidates: [(id: String, secret: String)]
        switch shown {
        case .basic(let user, let password):
            if let id = parameters["client_id"], id != user {
                return Self.error("invalid_request", "two different clients are named")
            }
            candidates = Self.spellings(user, password)
        case .bearer, .unreadable:
            return unknownClient()
        case .none:
            guard let id = parameters["client_id"], let secret = parameters["client_secret"] else {
                return Self.error("invalid_request", "client_id and client_secret are missing")
            }
            candidates = [(id, secret)]
        }
        let failureKey = request.peer + "\u{0}" + (candidates.first?.id ?? "")
        if let wait = failures.wait(failureKey, now: clock.now()) {
            var answer = Self.error("invalid_client", "too many failures, wait", .tooManyRequests)
            answer.headers[.retryAfter] = String(wait)
            return answer
        }
        guard let client = client(candidates) else {
            failures.add(failureKey, now: clock.now())
            return unknownClient()
        }
        var object = JSONObject()
        object["access_token"] = .string(tokens.issue(clientID: client.id, secret: client.secret, now: clock.now()))
        object["token_type"] = "Bearer"
        object["expires_in"] = .number(JSONNumber(tokens.lifetime.components.seconds))
        return .json(.object(object))
    }

    /// Every client is compared, so that the time does not tell which ids exist.
    private func client(_ candidates: [(id: String, secret: String)]) -> (id: String, secret: Secret)? {
        var found: (id: String, secret: Secret)?
        for client in clients {
            for candidate in candidates {
                let isID = Secret(client.id).matches(candidate.id)
                let isSecret = client.secret.matches(candidate.secret)
                if isID, isSecret { found = client }
            }
        }
        return found
    }

    /// RFC 6749 §2.3.1 wants id and secret form-encoded inside Basic; many clients do not.
    private static func spellings(_ user: String, _ password: String) -> [(id: String, secret: String)] {
        guard let decodedUser = FormText.percentDecoded(user, plusIsSpace: true),
            let decodedPassword = FormText.percentDecoded(password, plusIsSpace: true),
            decodedUser != user || decodedPassword != password
        else { return [(user, password)] }
        return [(user, password), (decodedUser, decodedPassword)]
    }

    private static func parameters(_ body: [UInt8], mediaType: String?) -> [String: String]? {
        if mediaType == "application/json" {
            guard let object = (try? JSONValue(parsing: body))?.objectValue else { return nil }
            var output: [String: String] = [:]
            for member in object { output[member.name] = member.value.stringValue }
            return output
        }
        guard let text = String(validating: body, as: UTF8.self) else { return nil }
        return FormText(text)?.unique
    }

    private func unknownClient() -> Answer {
        var answer = Self.error("invalid_client", "client id or secret is wrong", .unauthorized)
        // RFC 6749 §5.2 asks for the scheme that was used; RFC 9110 §15.5.2 asks every 401 for one.
        answer.headers[.wwwAuthenticate] = #"Basic realm="ocean-bridge", charset="UTF-8""#
        return answer
    }

    private static func error(
        _ code: String, _ description: String, _ status: HTTPResponse.Status = .badRequest
    ) -> Answer {
        .json(["error": .string(code), "error_description": .string(description)], status: status)
    }
}
