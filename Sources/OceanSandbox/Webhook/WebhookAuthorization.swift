// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1
import Synchronization

/// Makes the authentication header of a webhook call; keeps OAuth2 tokens until they expire or are refused.
final class WebhookAuthorization: Sendable {
    private struct Token {
        let value: String
        let expiry: ContinuousClock.Instant
    }

    private let tokens = Mutex<[String: Token]>([:])
    private let timeout: TimeAmount

    init(timeout: TimeAmount) {
        self.timeout = timeout
    }

    func forget(_ webhook: String) {
        tokens.withLock { _ = $0.removeValue(forKey: webhook) }
    }

    func header(
        for webhook: PretendWebhook, client: HTTPClient
    ) async throws(WebhookFailure) -> (name: String, value: String)? {
        switch webhook.authentication {
        case .none: return nil
        case .basic:
            let pair = "\(webhook.username ?? ""):\(webhook.password ?? "")"
            return ("Authorization", "Basic " + Data(pair.utf8).base64EncodedString())
        case .header: return (webhook.headerName ?? "X-Api-Key", webhook.headerValue ?? "")
        case .bearer: return ("Authorization", "Bearer \(webhook.token ?? "")")
        case .oauth2: return ("Authorization", "Bearer \(try await token(for: webhook, client: client))")
        }
    }

    private func token(for webhook: PretendWebhook, client: HTTPClient) async throws(WebhookFailure) -> String {
        let now = ContinuousClock.now
        if let token = tokens.withLock({ $0[webhook.name] }), token.expiry > now { return token.value }
        var request = HTTPClientRequest(url: webhook.tokenURL ?? "")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        var form = [
            ("grant_type", "client_credentials"), ("client_id", webhook.clientID ?? ""),
            ("client_secret", webhook.clientSecret ?? ""),
        ]
        if let scope = webhook.scope, !scope.isEmpty { form.append(("scope", scope)) }
        request.body = .bytes(ByteBuffer(string: FormText.encode(form)))
        let status: Int
        let body: [UInt8]
        do {
            let response = try await client.execute(request, deadline: .now() + timeout)
            status = Int(response.status.code)
            body = Array(try await response.body.collect(upTo: 64 << 10).readableBytesView)
        } catch {
            throw WebhookFailure("no answer of the token endpoint: \(type(of: error)) \(error)")
        }
        guard (200..<300).contains(status) else { throw WebhookFailure("the token endpoint answered \(status)") }
        guard let json = try? JSONValue(parsing: body), let value = json["access_token"]?.stringValue else {
            throw WebhookFailure("the token endpoint's answer holds no access_token")
        }
        let life = min(max(json["expires_in"]?.intValue ?? 300, 0), 86_400)
        tokens.withLock { $0[webhook.name] = Token(value: value, expiry: now.advanced(by: .seconds(life) * 0.8)) }
        return value
    }
}
