// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The switches under `/sandbox/api/cds`: integrations, discovery, calls.
struct HookControl: Sendable {
    let desk: DecisionDesk

    /// Nil for an unknown path.
    func answer(
        _ method: String, _ path: [String], _ request: SandboxRequest
    ) async throws(RefusedChange) -> SandboxAnswer? {
        switch (method, path.count) {
        case ("GET", 0): return .json(200, .array(desk.clients.map(Self.shown)))
        case ("GET", 1) where path[0] == "calls": return .json(200, desk.conversations.json)
        case ("POST", 1) where path[0] == "calls": return try await ask(request)
        case ("PUT", 1): return try set(path[0], request)
        case ("POST", 2) where path[1] == "discovery": return await discover(path[0])
        default: return nil
        }
    }

    /// Without its secrets.
    private static func shown(_ client: PretendCDSClient) -> JSONValue {
        var json: JSONValue = [
            "name": .string(client.endpoint.name), "url": .string(client.endpoint.url),
            "auth": client.endpoint.authentication.json, "prefetch": client.prefetch.json,
        ]
        if let service = client.service { json["service"] = .string(service) }
        if let site = client.site { json["site"] = .string(site) }
        return json
    }

    private func set(_ name: String, _ request: SandboxRequest) throws(RefusedChange) -> SandboxAnswer {
        var json = try ControlEndpoints.members(request)
        json["name"] = .string(name)
        let client: PretendCDSClient = try ControlEndpoints.record(json)
        do {
            try client.check()
        } catch {
            throw RefusedChange(.invalid, error.description)
        }
        desk.set(client)
        return .json(200, Self.shown(client))
    }

    private func discover(_ name: String) async -> SandboxAnswer {
        do throws(WebhookFailure) {
            guard let services = try await desk.discover(name) else {
                return .problem(404, "There is no CDS integration of that name.")
            }
            return .json(
                200,
                ["services": .array(services.map { ["id": .string($0.id), "hook": .string($0.hook)] })])
        } catch {
            return .json(200, ["failure": .string(error.message)])
        }
    }

    private func ask(_ request: SandboxRequest) async throws(RefusedChange) -> SandboxAnswer {
        let call: HookTrial = try ControlEndpoints.record(try ControlEndpoints.members(request))
        return .json(200, try await desk.ask(call.kind, listing: call.listing, plan: call.prefetch).json)
    }
}

/// A referral that is asked about and not sent.
struct HookTrial: JSONRecord {
    var listing = ""
    var kind: SyntheticReferral.Kind = .backPain
    /// Nil for each integration's own.
    var prefetch: PrefetchPlan?

    init() {}

    static let fields: [Field<HookTrial>] = [
        .required("listing", \.listing), .defaulted("kind", \.kind), .optional("prefetch", \.prefetch),
    ]
}
