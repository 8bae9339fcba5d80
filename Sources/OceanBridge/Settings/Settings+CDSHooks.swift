// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import CDSHooks
import Gateway

extension Settings {
    /// The CDS Hooks server.
    package struct Hooks: Sendable {
        package var services: [String: HookService] = [:]
        package var clients: [String: HookClient] = [:]
        /// Pages that may call from a browser.
        package var origins: Set<String> = []
    }

    package struct HookService: Sendable {
        package let id: String
        package var title: String?
        package var description: String
        package var hook: String
        package var site: String?
        package var rules: [String]
        package var request: String?
        package var budget: Duration
        package var needs: Set<PrefetchKey>
        package var authentication: HookAuthentication
    }

    package enum HookAuthentication: Sendable {
        case credentials(Authentication)
        /// JWTs of these clients.
        case tokens(Set<String>)
    }
}

extension SettingDeclaration {
    static let hooks: [SettingDeclaration] =
        [
            .init("cds.services.*.title", .text, "name of the CDS service, for people"),
            .init("cds.services.*.description", .text, "what it does, one sentence; required"),
            .init(
                "cds.services.*.hook", .choice(["order-sign"]), default: "order-sign", "the only hook that Ocean calls"),
            .init(
                "cds.services.*.site", .text, "site number of the receiver; bundles of other sites are refused"),
            .init("cds.services.*.rules", .words(Settings.cardRuleNames), "built-in rules that say cards"),
            .init(
                "cds.services.*.request", .text,
                "name of a hospital service that is asked too, over the queue `ocean.requests.{name}`"),
            .init(
                "cds.services.*.budget", .duration, default: "500ms",
                "from the whole request to the answer; beyond it the answer is an empty list of cards"),
            .init(
                "cds.services.*.needs", .words(PrefetchKey.allCases.map(\.rawValue)), default: "v11Bundle",
                "prefetch without which the answer is 412"),
        ] + authentication(in: "cds.services.*", by: "the caller", open: "true: no authentication (first test only)")
        + [
            .init("cds.services.*.auth.jwt", .text, "names under cds.clients whose JWTs open it, comma-separated"),
            .init("cds.clients.*.issuer", .text, "`iss` of the client's JWTs, exactly"),
            .init("cds.clients.*.keys", .text, "its JWK Set: an https address or the absolute path of a file"),
            .init(
                "cds.clients.*.keySets", .text,
                "https addresses that a JWT's `jku` may name, comma-separated; any other `jku` is not followed"),
            .init(
                "cds.clients.*.maximumLifetime", .duration, default: "10m", "longest time from `iat` to `exp` of a JWT"),
            .init("cds.origins", .text, "origins whose pages may call from a browser, comma-separated"),
            .init("cds.sandbox", .flag, default: "false", "true: also \(CrossOrigin.publicSandbox)"),
        ]
}

extension SettingsReader {
    mutating func hooks(sites: [String: Settings.Site], publicURL: String?) -> Settings.Hooks {
        var hooks = Settings.Hooks()
        for name in values.keys(below: ["cds", "clients"]) {
            if let client = hookClient(name) { hooks.clients[name] = client }
        }
        for id in values.keys(below: ["cds", "services"]) {
            if let service = hookService(id, sites: sites, publicURL: publicURL) { hooks.services[id] = service }
        }
        for origin in SettingsValues.words(text(["cds", "origins"])) {
            if isOrigin(origin) {
                hooks.origins.insert(origin)
            } else {
                complain(["cds", "origins"], "\(origin): an origin is https://host or https://host:port, no path")
            }
        }
        if flag(["cds", "sandbox"]) { hooks.origins.insert(CrossOrigin.publicSandbox) }
        return hooks
    }

    private mutating func hookService(
        _ id: String, sites: [String: Settings.Site], publicURL: String?
    ) -> Settings.HookService? {
        func path(_ names: String...) -> [String] { ["cds", "services", id] + names }
        if !isPlainName(id) {
            complain(path("description"), "a CDS service's id may hold letters, digits, - and _ only")
        }
        guard let description = optional(path("description")) else {
            complain(path("description"), "is required: what the service does, one sentence")
            return nil
        }
        guard let authentication = hookAuthentication(path(), publicURL: publicURL) else {
            return nil
        }
        let service = Settings.HookService(
            id: id, title: optional(path("title")), description: description, hook: text(path("hook")),
            site: optional(path("site")), rules: SettingsValues.words(text(path("rules"))),
            request: optional(path("request")), budget: duration(path("budget")),
            needs: Set(SettingsValues.words(text(path("needs"))).compactMap { PrefetchKey(rawValue: $0) }),
            authentication: authentication)
        if let site = service.site, sites[site] == nil {
            complain(path("site"), "site \(site) is not under sites")
        }
        if service.rules.isEmpty, service.request == nil {
            complain(path("rules"), "or request is needed: nobody would say a card")
        }
        if !service.rules.isEmpty, !service.needs.contains(.v11Bundle) {
            complain(path("needs"), "rules look at the referral: v11Bundle must be among the needs")
        }
        if let name = service.request, !isPlainName(name) {
            complain(path("request"), "may hold letters, digits, - and _ only")
        }
        if service.budget < .milliseconds(50) || service.budget > .seconds(20) {
            complain(path("budget"), "must be from 50ms to 20s: somebody waits at the screen")
        }
        return service
    }

    private mutating func hookAuthentication(_ section: [String], publicURL: String?) -> Settings.HookAuthentication? {
        let path = section + ["auth"]
        let schemes = values.keys(below: path)
        guard let text = optional(path + ["jwt"]) else {
            if schemes.isEmpty {
                complain(path, "needs exactly one complete scheme: none, basic, bearer, header, oauth2 or jwt")
                return nil
            }
            return authentication(section).map { .credentials($0) }
        }
        guard schemes == ["jwt"] else {
            complain(path + ["jwt"], "stands beside another scheme; keep one")
            return nil
        }
        let clients = SettingsValues.words(text)
        let known = values.keys(below: ["cds", "clients"])
        for client in clients where !known.contains(client) {
            complain(path + ["jwt"], "\(client) is not under cds.clients")
        }
        if clients.isEmpty { complain(path + ["jwt"], "must name a client under cds.clients") }
        if publicURL == nil {
            complain(path + ["jwt"], "needs http.public.url: the JWT's aud is the service's address under it")
        }
        return .tokens(Set(clients))
    }

    private mutating func hookClient(_ name: String) -> HookClient? {
        func path(_ names: String...) -> [String] { ["cds", "clients", name] + names }
        guard let issuer = optional(path("issuer")) else {
            complain(path("issuer"), "is required: iss of the client's JWTs")
            return nil
        }
        let keySets = SettingsValues.words(text(path("keySets")))
        let client = HookClient(
            name: name, issuer: issuer, keys: optional(path("keys")), keySets: Set(keySets),
            maximumLifetime: duration(path("maximumLifetime")))
        if client.keys == nil, keySets.isEmpty {
            complain(path("issuer"), "needs cds.clients.\(name).keys or keySets: where its public keys are")
        }
        if let keys = client.keys, !keys.hasPrefix("/"), !isKeySetAddress(keys) {
            complain(path("keys"), "must be an https address or the absolute path of a file")
        }
        for address in keySets where !isKeySetAddress(address) {
            complain(path("keySets"), "\(address): must begin with https://")
        }
        return client
    }

    /// Plain HTTP only for this machine.
    private func isKeySetAddress(_ text: String) -> Bool {
        text.hasPrefix("https://") && text.utf8.count > 8
            || ["http://127.", "http://localhost", "http://[::1]"].contains { text.hasPrefix($0) }
    }

    private func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
        let host = text.dropFirst(scheme.count)
        return !host.isEmpty && host == host.lowercased()
            && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\\".utf8.contains($0) }
    }

    private func isPlainName(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D
                || $0 == 0x5F
        }
    }
}
