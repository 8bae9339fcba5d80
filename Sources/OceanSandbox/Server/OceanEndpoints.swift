// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON
import Ocean
import ServiceLifecycle

/// What the real Ocean serves: tokens, `$process-messages`, documents and the Open API.
struct OceanEndpoints: Sendable {
    let world: SandboxWorld
    let tokens: TokenIssuer
    let faults: FaultSwitchboard
    let hub: EventHub
    let base: BaseAddress

    /// Nil for a path that Ocean does not have.
    func answer(_ request: SandboxRequest) async -> SandboxAnswer? {
        switch (request.method, request.path) {
        case ("POST", ["svc", "oauth2", "token"]):
            await withFault(\.token) { token(request) }
        case ("POST", ["svc", "fhir", "v1", "$process-messages"]):
            await withFault(\.processMessages) { await process(request) }
        case ("GET", _) where request.path.starts(with: ["svc", "fhir", "v1"]) && request.path.count > 3:
            await withFault(\.reads) { await document(request, Array(request.path.dropFirst(3))) }
        case ("GET", _) where request.path.starts(with: ["svc", "v1"]):
            await withFault(\.reads) { await openAPI.answer(request) }
        case ("POST", _) where request.path.starts(with: ["svc", "v1", "patients"]):
            await withFault(\.forms) { await openAPI.answer(request) }
        case ("POST", _) where request.path.starts(with: ["svc", "v1"]):
            await withFault(\.replies) { await openAPI.take(request) }
        default: nil
        }
    }

    private var openAPI: OpenAPIEndpoints { OpenAPIEndpoints(world: world, hub: hub, faults: faults, base: base) }

    private func withFault(
        _ place: any WritableKeyPath<FaultPlan, Fault?> & Sendable, _ serve: () async -> SandboxAnswer
    ) async -> SandboxAnswer {
        guard let fault = faults.strike(place) else { return await serve() }
        if fault.delay > 0 {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(fault.delay)) }
            } catch {
                return .dropped
            }
        }
        if fault.drop { return .dropped }
        if fault.dropAnswer {
            _ = await serve()
            return .dropped
        }
        guard let status = fault.status else { return await serve() }
        return .outcome(status, code: "transient", "A fault is armed in the sandbox.")
    }

    // MARK: Tokens

    /// Client credentials in the form body, or in a Basic header with the grant in the query: Ocean takes both.
    private func token(_ request: SandboxRequest) -> SandboxAnswer {
        let form = FormText.decode(String(decoding: request.body, as: UTF8.self))
        let grant = form["grant_type"] ?? request.query["grant_type"]
        guard grant == "client_credentials" else { return .problem(400, "unsupported_grant_type") }
        let pair = basicCredentials(request) ?? (form["client_id"] ?? "", form["client_secret"] ?? "")
        guard let site = world.directory.site(clientID: pair.0), site.clientSecret.isSameSecret(as: pair.1) else {
            return .problem(401, "invalid_client")
        }
        var answer = SandboxAnswer.json(
            200,
            [
                "access_token": .string(tokens.issue(site: site.number)), "token_type": "Bearer",
                "expires_in": .number(JSONNumber(tokens.lifetime)),
            ])
        answer.headers.append(("Cache-Control", "no-store"))
        return answer
    }

    private func basicCredentials(_ request: SandboxRequest) -> (String, String)? {
        guard let encoded = request.authorization("Basic"), let data = Data(base64Encoded: encoded) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    private func site(of request: SandboxRequest) -> String? {
        request.authorization("Bearer").flatMap { tokens.site(of: $0) }
    }

    private static var unauthorized: SandboxAnswer {
        var answer = SandboxAnswer.outcome(401, code: "login", "A valid bearer token is missing.")
        answer.headers.append(("WWW-Authenticate", "Bearer"))
        return answer
    }

    // MARK: FHIR

    private func process(_ request: SandboxRequest) async -> SandboxAnswer {
        guard let site = site(of: request) else { return Self.unauthorized }
        do throws(RefusedChange) {
            try await world.process(request.body, site: site)
            return .outcome(200, severity: "information", code: "informational", "The message was processed.")
        } catch {
            return .refused(error)
        }
    }

    private func document(_ request: SandboxRequest, _ path: [String]) async -> SandboxAnswer {
        guard let site = site(of: request) else { return Self.unauthorized }
        switch path.count == 2 ? path + [""] : path {
        case ["NamingSystem", NamingSystem.site.rawValue, ""]: return namingSystem
        case let path where path.count == 3 && path[0] == "ServiceRequest" && path[2] == "$letter":
            return await letter(path[1], site: site, withAttachments: request.query["attachments"] == "true")
        case let path where path.count == 3 && path[0] == "DocumentReference" && path[2] == "$binary":
            return await binary(path[1], site: site)
        default: return .outcome(404, code: "not-found", "The sandbox does not serve this resource.")
        }
    }

    private var namingSystem: SandboxAnswer {
        .fhir(
            200,
            object(
                ("resourceType", "NamingSystem"), ("id", .string(NamingSystem.site.rawValue)),
                ("name", "OceanSiteNumber"), ("status", "active"), ("kind", "identifier"), ("date", "2024-01-01"),
                (
                    "uniqueId",
                    [object(("type", "uri"), ("value", .string(NamingSystem.site.url(host: base.current))))]
                )))
    }

    private func letter(_ reference: String, site: String, withAttachments: Bool) async -> SandboxAnswer {
        guard let file = await world.file(reference) else {
            return .outcome(404, code: "not-found", "There is no referral of that reference.")
        }
        guard file.state.site == site else {
            return .outcome(403, code: "forbidden", "The referral belongs to another site.")
        }
        hub.publish(.fetched("letter", site: site))
        let letter = ReferralLetter(content: file.content, created: file.created, withAttachments: withAttachments)
        return struck(SandboxAnswer(200, contentType: "application/pdf", body: letter.bytes))
    }

    private func binary(_ id: String, site: String) async -> SandboxAnswer {
        guard let (file, attachment) = await world.attachment(id) else {
            return .outcome(404, code: "not-found", "There is no document of that id.")
        }
        guard file.state.site == site else {
            return .outcome(403, code: "forbidden", "The document belongs to another site.")
        }
        hub.publish(.fetched("attachment", site: site))
        return struck(SandboxAnswer(200, contentType: attachment.contentType, body: attachment.bytes))
    }

    /// The answer with a document, or what an armed fault makes of it.
    private func struck(_ answer: SandboxAnswer) -> SandboxAnswer {
        guard let fault = faults.strikeDocument(inBundle: false) else { return answer }
        var answer = answer
        switch fault.kind {
        case .errorPage:
            answer.body = Array("<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n".utf8)
        case .redirect:
            answer = SandboxAnswer(302, contentType: "text/plain", body: [])
            answer.headers.append(("Location", fault.target + "/elsewhere"))
        case .truncated: answer.body.removeLast(answer.body.count - answer.body.count / 2)
        case .cutOff: answer.manner = .cutOff
        case .slow: answer.manner = .slow(milliseconds: fault.delay)
        case .notFound: return .outcome(404, code: "not-found", "A fault is armed in the sandbox.")
        case .wrongContent: answer.body = Array(repeating: 0x01, count: max(2048, answer.body.count))
        case .foreignHost: break
        }
        return answer
    }
}
