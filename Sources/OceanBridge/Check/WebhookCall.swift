// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1

/// Plays Ocean to one integration: proof of the address, token, credentials. Nothing that it sends is kept or
/// published: a challenge is echoed, and what is not JSON is refused.
struct WebhookCall: Sendable {
    typealias Finding = ConnectionCheck.Finding

    let settings: Settings
    let base: String
    let integration: Settings.Integration
    let client: HTTPClient

    private var part: String { "webhook \(integration.name)" }
    private var url: String { "\(base)/ocean/\(integration.name)" }

    func findings() async -> [Finding] {
        let before = await IngressCount(settings, client).answered(integration.name)
        let echo = await challenge()
        guard echo.isGood else { return [echo] }
        let after = await IngressCount(settings, client).answered(integration.name)
        var findings = [arrived(before, after)]
        switch await authorization() {
        case .failure(let error): findings.append(error.finding)
        case .success(let headers): findings.append(await proof(headers))
        }
        return findings
    }

    /// Whether the answer came from the bridge whose operations listener is in these settings.
    private func arrived(_ before: IngressCount.Counts?, _ after: IngressCount.Counts?) -> Finding {
        guard let before, let after else {
            return Finding(
                part: part, verdict: .warning,
                message: "\(url) answers like a bridge; whether it is this one cannot be told, since no operations "
                    + "listener answers at \(settings.operationsListener.address)")
        }
        guard after.challenges > before.challenges else {
            return Finding(
                part: part, verdict: .warning,
                message: "\(url) leads to another bridge than the one at \(settings.operationsListener.address); right "
                    + "only when several share the address")
        }
        let taken =
            after.taken == 0
            ? "no webhook taken since it started; if Ocean has sent one, see the list below"
            : "\(after.taken) webhooks taken since it started"
        return Finding(part: part, isGood: true, message: "\(url) leads to this bridge; \(taken)")
    }

    private func challenge() async -> Finding {
        let word = "ocean-bridge-check-\(UUIDv7Source().next())"
        let body = JSONValue.object(["challenge": .string(word)]).bytes()
        guard let answer = await call(url, [("Content-Type", "application/json")], body) else {
            return Finding(
                part: part, isGood: false,
                message:
                    "no answer from \(url): is `ocean-bridge serve` running, and does the firewall or proxy let port "
                    + "and path through to \(settings.publicListener.address)?")
        }
        if answer.status == 200, answer.json?["challenge"]?.stringValue == word {
            return Finding(part: part, isGood: true, message: "echoes Ocean's challenge")
        }
        return Finding(
            part: part, isGood: false, message: "\(url) answered \(answer.status): \(Self.remedy(answer.status))")
    }

    static func remedy(_ status: Int) -> String {
        switch status {
        case 200...299:
            "but did not echo the challenge, so something other than the bridge answers there; lead the path "
                + "/ocean/ to http.public.address"
        case 300...399:
            "a redirect, which Ocean does not follow; set http.public.url, and the request URL in the portal, "
                + "to the final address"
        case 401, 403, 407:
            "something before the bridge wants a login of its own or filters callers; let /ocean/ and "
                + "/oauth2/token through"
        case 404:
            "the path does not reach the bridge, or the running bridge does not have this integration: restart it "
                + "after changing the settings"
        case 413, 415, 431: "something before the bridge refuses the request's size or type; allow 10 MiB and JSON"
        case 502, 503, 504:
            "the proxy before the bridge does not reach it; is `ocean-bridge serve` running, at "
                + "http.public.address?"
        default: "an answer that the bridge does not give; look at what stands before it"
        }
    }

    /// The headers that Ocean would send.
    private func authorization() async -> Result<[(String, String)], FindingError> {
        switch integration.authentication {
        case .none: return .success([])
        case .basic(let username, let password):
            let pair = Data("\(username):\(password)".utf8).base64EncodedString()
            return .success([("Authorization", "Basic \(pair)")])
        case .bearer(let token): return .success([("Authorization", "Bearer \(token)")])
        case .header(let name, let value): return .success([(name, value)])
        case .oauth2(let clientID, let clientSecret): return await token(clientID, clientSecret)
        }
    }

    private func token(_ clientID: String, _ secret: String) async -> Result<[(String, String)], FindingError> {
        func escaped(_ text: String) -> String {
            let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._".utf8)
            let digits = Array("0123456789ABCDEF".utf8)
            return String(
                decoding: text.utf8.flatMap { byte in
                    plain.contains(byte) ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }, as: UTF8.self)
        }
        let form = "grant_type=client_credentials&client_id=\(escaped(clientID))&client_secret=\(escaped(secret))"
        let answer = await call(
            "\(base)/oauth2/token", [("Content-Type", "application/x-www-form-urlencoded")], Array(form.utf8))
        guard let answer, answer.status == 200, let token = answer.json?["access_token"]?.stringValue else {
            let status = answer.map { "\($0.status)" } ?? "nothing"
            return .failure(
                FindingError(
                    Finding(
                        part: part, isGood: false,
                        message:
                            "\(base)/oauth2/token answered \(status) to the integration's own credentials: let the "
                            + "path through to the bridge, and restart it after changing the settings")))
        }
        return .success([("Authorization", "Bearer \(token)")])
    }

    /// With the credentials a body that is no JSON is answered 400, without them 401; it is published in neither case.
    private func proof(_ headers: [(String, String)]) async -> Finding {
        let type = [("Content-Type", "application/json")]
        let body = Array("ocean-bridge check".utf8)
        let known = await call(url, type + headers, body)?.status
        guard known == 400 else {
            return Finding(
                part: part, isGood: false,
                message:
                    "with the integration's own credentials the bridge answered \(known.map { "\($0)" } ?? "nothing"): "
                    + "a proxy may remove the header that carries them, or the running bridge has older settings")
        }
        if case .none = integration.authentication {
            return Finding(
                part: part, verdict: .warning,
                message:
                    "takes webhooks from everybody (auth.none); only for a first test: set auth, here and in the portal"
            )
        }
        guard await call(url, type, body)?.status == 401 else {
            return Finding(
                part: part, isGood: false,
                message: "takes webhooks without credentials too: something before the bridge adds them for everybody")
        }
        return Finding(part: part, isGood: true, message: "takes the integration's credentials, refuses others")
    }

    private func call(
        _ url: String, _ headers: [(String, String)], _ body: [UInt8]
    ) async -> (status: Int, json: JSONValue?)? {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.headers.add(name: "User-Agent", value: "ocean-bridge-check/\(ProductVersion.text)")
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await client.execute(request, timeout: .seconds(10))
            let bytes = try await response.body.collect(upTo: 1 << 20)
            return (Int(response.status.code), try? JSONValue(parsing: Array(bytes.readableBytesView)))
        } catch {
            // No answer is a finding of its own.
            return nil
        }
    }
}

/// Carries a finding through `Result`.
struct FindingError: Error {
    let finding: ConnectionCheck.Finding

    init(_ finding: ConnectionCheck.Finding) {
        self.finding = finding
    }
}
