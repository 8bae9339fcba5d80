// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CDSHooks
import Gateway
import Logging
import Ocean
import ServiceLifecycle

/// The CDS Hooks server.
extension Parts {
    /// Nothing is served without `cds.services`.
    func hookRoutes() -> [Route] {
        let endpoints = settings.hooks.services.values.map(endpoint)
        guard !endpoints.isEmpty else { return [] }
        let check = ClientTokenCheck(
            clients: Array(settings.hooks.clients.values), keys: hookKeys,
            replays: StoredReplayMemory(store: store, ids: ids), clock: clock)
        return HookRoutes(
            endpoints, origins: CrossOrigin(origins: settings.hooks.origins),
            publicURL: settings.publicListener.publicURL, limits: publicLimits,
            publishTimeout: settings.bus.publishTimeout,
            parts: HookRoutes.Parts(
                desk: HookDesk(
                    reader: SubjectReader(reader: reader, patientKey: { [patientKey] in patientKey.key(of: $0) }),
                    requests: requests, clock: clock, ids: ids),
                tokens: tokens, clientTokens: check, bus: spool ?? bus, audit: store, clock: clock, logger: logger)
        ).routes
    }

    /// Keeps the key sets of the clients at hand, so that no clinician waits for one.
    func hookServices() -> [any Service] {
        let addresses = settings.hooks.clients.values.compactMap(\.keys)
        return addresses.isEmpty ? [] : [KeySetService(keys: hookKeys, addresses: Set(addresses).sorted())]
    }

    /// What tokens of `/oauth2/token` open here.
    var hookAuthentications: [Integration.Authentication] {
        guard settings.roles.contains(.responder) else { return [] }
        return settings.hooks.services.sorted { $0.key < $1.key }.compactMap { endpoint($0.value).credentials }
    }

    private func endpoint(_ setting: Settings.HookService) -> HookEndpoint {
        let authentication: HookEndpoint.Authentication =
            switch setting.authentication {
            case .credentials(let wanted): .credentials(Self.authentication(wanted))
            case .tokens(let clients): .token(clients: clients)
            }
        return HookEndpoint(
            service: HookService(
                id: setting.id, title: setting.title, description: setting.description, hook: setting.hook,
                site: setting.site, rules: cardRules(setting.rules), request: setting.request, budget: setting.budget,
                needs: setting.needs),
            authentication: authentication)
    }
}

extension Settings {
    /// Made once for each process: without a key in the settings, tokens die with the process.
    var accessTokens: AccessTokens {
        AccessTokens(
            secret: publicListener.tokenKey.map { Gateway.Secret($0) }, lifetime: publicListener.tokenLifetime)
    }
}
