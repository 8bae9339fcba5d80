// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The sandbox's own switches under `/sandbox/api/`; they have no authentication, so bind to the local host.
struct ControlEndpoints: Sendable {
    let world: SandboxWorld
    let desk: DecisionDesk
    let sender: WebhookSender
    let faults: FaultSwitchboard
    let tokens: TokenIssuer
    let player: ScenarioPlayer

    /// Nil for an unknown path.
    func answer(_ request: SandboxRequest) async -> SandboxAnswer? {
        guard request.path.starts(with: ["sandbox", "api"]) else { return nil }
        let path = Array(request.path.dropFirst(2))
        do throws(RefusedChange) {
            return try await answer(request, path)
        } catch {
            return .problem(error.status, error.message)
        }
    }

    private func answer(_ request: SandboxRequest, _ path: [String]) async throws(RefusedChange) -> SandboxAnswer? {
        switch (request.method, path.first ?? "", path.count) {
        case ("GET", "referrals", 1): return .json(200, await world.snapshot().json)
        case ("POST", "referrals", 1): return try await send(try Self.members(request))
        case ("GET", "referrals", 2):
            let snapshot = await world.snapshot().first { $0.reference == path[1] }
            return snapshot.map { .json(200, $0.json) } ?? .problem(404, "There is no referral of that reference.")
        case ("POST", "referrals", 3): return try await act(path[2], on: path[1], request)
        case ("POST", "splits", 1): return try await split(try Self.members(request))
        case ("POST", "scenarios", 1): return try await play(try Self.members(request))
        case ("POST", "forms", 1): return try await completeForm(try Self.members(request))
        case ("GET", "forms", 1):
            return .json(
                200, .array(await world.formRequests().map { ["ref": .string($0.patientRef), "forms": $0.forms.json] }))
        case ("POST", "forms", 3) where path[2] == "complete":
            try await world.completeForm(of: path[1])
            return .json(200, ["ref": .string(path[1])])
        case ("GET", "faults", 1): return .json(200, faults.armed().json)
        case ("PUT", "faults", 1): return try arm(try Self.members(request))
        case ("POST", "tokens", 2) where path[1] == "revoke":
            tokens.revokeAll()
            return .json(200, ["revoked": true])
        case ("GET", "deliveries", 1): return .json(200, sender.book.all().json)
        case ("PUT", "webhooks", 2): return try setWebhook(path[1], try Self.members(request))
        case ("POST", "webhooks", 3) where path[2] == "challenge": return await challenge(path[1])
        case (let method, "cds", _):
            return try await HookControl(desk: desk).answer(method, Array(path.dropFirst()), request)
        default: return nil
        }
    }

    static func members(_ request: SandboxRequest) throws(RefusedChange) -> JSONValue {
        do {
            return try JSONValue(parsing: request.body)
        } catch {
            throw RefusedChange(.invalid, "The body is not JSON: \(error)")
        }
    }

    private func required(_ name: String, _ json: JSONValue) throws(RefusedChange) -> String {
        guard let value = json[name]?.stringValue, !value.isEmpty else {
            throw RefusedChange(.invalid, "The member \(name) is required and must be a text.")
        }
        return value
    }

    private func kind(_ json: JSONValue) throws(RefusedChange) -> SyntheticReferral.Kind {
        guard let word = json["kind"]?.stringValue else { return .backPain }
        guard let kind = SyntheticReferral.Kind(rawValue: word) else {
            let known = SyntheticReferral.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw RefusedChange(.invalid, "The member kind must be one of \(known).")
        }
        return kind
    }

    private func send(_ json: JSONValue) async throws(RefusedChange) -> SandboxAnswer {
        let reference = try await desk.send(try kind(json), listing: try required("listing", json))
        var answer: JSONValue = ["referralRef": .string(reference)]
        let talks = desk.conversations.filter { $0.reference == reference }
        if !talks.isEmpty { answer["conversations"] = talks.json }
        return .json(201, answer)
    }

    private func act(
        _ action: String, on reference: String, _ request: SandboxRequest
    ) async throws(RefusedChange) -> SandboxAnswer? {
        switch action {
        case "cancel":
            try await world.cancel(reference)
        case "launch":
            let launch = try await world.launch(reference)
            return .json(200, ["url": .string(launch.url), "iframe": .bool(launch.embeds)])
        case "message":
            let json = try Self.members(request)
            try await world.message(
                reference, text: try required("text", json), senderName: json["senderName"]?.stringValue)
        case "forward":
            let listing = try required("listing", try Self.members(request))
            return .json(201, ["referralRef": .string(try await world.forward(reference, to: listing))])
        case "resend":
            try await world.resend(reference, asNew: try Self.members(request)["asNew"]?.boolValue ?? false)
        default: return nil
        }
        return .json(200, ["referralRef": .string(reference)])
    }

    private func split(_ json: JSONValue) async throws(RefusedChange) -> SandboxAnswer {
        var parts: [ReferralPart] = []
        for part in json["parts"]?.arrayValue ?? [] { parts.append(try Self.record(part)) }
        return .json(201, ["referralRefs": .array(try await world.split(parts).map { .string($0) })])
    }

    private func play(_ json: JSONValue) async throws(RefusedChange) -> SandboxAnswer {
        let scenario: Scenario = try Self.record(json)
        do {
            try scenario.check()
        } catch {
            throw RefusedChange(.invalid, error.description)
        }
        return .json(200, await player.play(scenario).json)
    }

    private func completeForm(_ json: JSONValue) async throws(RefusedChange) -> SandboxAnswer {
        let patient = try await world.completeForm(site: try required("site", json), kind: try kind(json))
        return .json(201, ["ref": .string(patient)])
    }

    private func arm(_ json: JSONValue) throws(RefusedChange) -> SandboxAnswer {
        let plan: FaultPlan = try Self.record(json)
        do {
            try plan.check()
        } catch {
            throw RefusedChange(.invalid, error.description)
        }
        faults.arm(plan)
        return .json(200, plan.json)
    }

    private func setWebhook(_ name: String, _ json: JSONValue) throws(RefusedChange) -> SandboxAnswer {
        var json = json
        json["name"] = .string(name)
        let webhook: PretendWebhook = try Self.record(json)
        do {
            try webhook.check()
        } catch {
            throw RefusedChange(.invalid, error.description)
        }
        sender.set(webhook)
        return .json(200, ["name": .string(name), "url": .string(webhook.url)])
    }

    /// Reads a record and refuses members that it does not know, which are typing errors.
    static func record<Value: JSONRecord>(_ json: JSONValue) throws(RefusedChange) -> Value {
        var unknown: [JSONPointer] = []
        let value: Value
        do {
            value = try Value(json: json, at: .root, unknown: &unknown)
        } catch {
            throw RefusedChange(.invalid, error.description)
        }
        guard let first = unknown.first else { return value }
        throw RefusedChange(.invalid, "\(first.description): there is no such member")
    }

    /// Registers a webhook as Ocean does: it must echo the challenge.
    private func challenge(_ name: String) async -> SandboxAnswer {
        guard sender.webhook(name) != nil else { return .problem(404, "There is no webhook of that name.") }
        do throws(WebhookFailure) {
            let result = try await sender.challenge(name)
            return .json(
                200, ["passed": .bool(result.isPassed), "status": .number(JSONNumber(result.status))])
        } catch {
            return .json(200, ["passed": false, "failure": .string(error.message)])
        }
    }
}
