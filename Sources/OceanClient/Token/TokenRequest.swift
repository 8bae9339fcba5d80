// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON
import NIOHTTP1
import Ocean

/// Fetches a token for one site by client credentials (RFC 6749 §4.4).
struct TokenRequest: Sendable {
    let credentials: SiteCredentials
    let transport: Transport
    let timeout: Duration

    /// - Parameters:
    ///   - instant: the time from which the token's life is counted.
    ///   - wall: the time of day, for a Retry-After date.
    func fetch(at instant: ContinuousClock.Instant, wall: Timestamp) async -> Result<AccessToken, OceanServiceError> {
        do throws(OceanServiceError) {
            let answer = try await transport.send(call)
            return .success(try read(answer, at: instant, wall: wall))
        } catch {
            return .failure(error)
        }
    }

    var call: Transport.Call {
        var path = "/svc/oauth2/token"
        var form = [("grant_type", "client_credentials")]
        var headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        switch credentials.tokenStyle {
        case .body:
            form += [("client_id", credentials.clientID), ("client_secret", credentials.clientSecret.value)]
        case .basic:
            // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
            let pair =
                FormEncoding.component(credentials.clientID) + ":"
                + FormEncoding.component(credentials.clientSecret.value)
            headers.append(("Authorization", "Basic " + Data(pair.utf8).base64EncodedString()))
        case .basicQuery:
            let pair = credentials.clientID + ":" + credentials.clientSecret.value
            headers.append(("Authorization", "Basic " + Data(pair.utf8).base64EncodedString()))
            path += "?" + FormEncoding.encode(form)
            form = []
        }
        return Transport.Call(
            name: "POST token", method: .POST, path: path, headers: headers,
            body: Array(FormEncoding.encode(form).utf8), timeout: timeout, limit: Classification.keptBytes)
    }

    /// The body of a refusal is not kept: it may repeat the credentials.
    private func read(
        _ answer: Answer, at instant: ContinuousClock.Instant, wall: Timestamp
    ) throws(OceanServiceError) -> AccessToken {
        let host = transport.host.base
        switch answer.status {
        case 200...299:
            guard answer.isComplete else {
                throw OceanServiceError(.network, "POST token: the answer broke off (\(host))", status: answer.status)
            }
            return try AccessToken(
                answer: answer.body, received: instant, host: host, jitter: Double.random(in: 0...1))
        case 408, 425, 429, 500...599:
            throw OceanServiceError(
                .unavailable, "POST token: HTTP \(answer.status); Ocean gives no tokens now (\(host))",
                status: answer.status,
                retryAfter: answer.header("retry-after").flatMap { RetryAfter.parse($0, now: wall) })
        case 400...499 where !answer.isWebPage:
            // No status: it speaks of the credentials, and callers read a status as Ocean's word on the referral.
            throw OceanServiceError(
                .unauthorized,
                "POST token: HTTP \(answer.status)\(Self.word(in: answer)); check the client ID and secret of the "
                    + "site's OAuth credentials")
        default:
            throw OceanServiceError(
                .invalidAnswer, "POST token: HTTP \(answer.status), no token endpoint's answer; is ocean.host right?",
                status: answer.status)
        }
    }

    /// The error word of RFC 6749 §5.2, and nothing else of the answer.
    private static func word(in answer: Answer) -> String {
        let known = [
            "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
            "invalid_scope",
        ]
        // A refusal need not be JSON; then there is no word.
        guard let word = (try? JSONValue(parsing: answer.body))?["error"]?.stringValue, known.contains(word) else {
            return ""
        }
        return " (\(word))"
    }
}
