// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import Launch

extension Settings {
    /// A Referral System Launch, as typed into Ocean's portal, and what stands behind it here.
    package struct LaunchEntry: Sendable {
        package let application: LaunchApplication
        /// The portal's field; the bridge does nothing with it.
        package var category: String?
        /// How exchange calls are known; `none` for an application without a secret.
        package var authentication: Authentication
    }

    /// Scheme, host and port of an address.
    static func origin(of address: String) -> String {
        let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.prefix(3).joined(separator: "/")
    }
}

extension SettingDeclaration {
    static let launch: [SettingDeclaration] = [
        .init("launch.*.companyName", .text, "the portal's Company Name"),
        .init("launch.*.applicationName", .text, "the portal's Application Name"),
        .init("launch.*.category", .text, "the portal's Category; only told again by `check`"),
        .init(
            "launch.*.url", .text,
            "where browsers are sent: https, host and path fixed; `{handle}`, `{state}` and the names in parameters may "
                + "stand as whole values of the query"),
        .init(
            "launch.*.iframe", .flag, default: "false",
            "the portal's \"Use Embedded iframe\": a page with the application in a frame, which only ocean.host may hold"
        ),
        .init("launch.*.site", .text, "site number whose referrals the application may see; without it those of all"),
        .init(
            "launch.*.parameters", .text,
            "names that are taken from the launch address, comma-separated; all others are dropped"),
        .init(
            "launch.*.correlation.referral", .text, default: "referralRef,ref",
            "names under which a referral reference may come (assumed: Ocean does not publish them)"),
        .init(
            "launch.*.correlation.site", .text, default: "siteNum",
            "names under which a site number may come (assumed); believed for launches without a known referral, when "
                + "the site is in the settings"),
        .init(
            "launch.*.correlation.service", .text, default: "externalServiceId",
            "names under which an External Service ID may come (assumed); believed when it is in services"),
        .init(
            "launch.*.services", .text,
            "External Service IDs that are believed from the address of a launch without a known referral"),
        .init(
            "launch.*.includeReferral", .flag, default: "false",
            "allow referral references in url (`{referral}`, or a name of correlation.referral): browsers keep addresses"
        ),
        .init("launch.*.handleLifetime", .duration, default: "60s", "how long a handle is good, 5s to 10m"),
        .init(
            "launch.*.launchesPerMinute", .integer(1...10_000), default: "300",
            "launches with a known referral, and as many without, in one process; more get 429"),
        .init("launch.*.auth.basic.username", .text, "user name that the application sends with the exchange"),
        .init("launch.*.auth.basic.password", .secret, "its password"),
        .init("launch.*.auth.bearer.token", .secret, "or: fixed bearer token"),
        .init("launch.*.auth.header.name", .text, "or: name of a fixed header"),
        .init("launch.*.auth.header.value", .secret, "its value"),
        .init(
            "launch.*.auth.pkce", .flag, default: "false",
            "launches must bring an S256 code_challenge, exchanges its verifier; needed where there is no secret"),
    ]
}

extension SettingsReader {
    /// Names that OAuth and we use ourselves.
    private static let reserved: Set<String> = ["state", "code_challenge", "code_challenge_method", "handle"]

    mutating func launches(
        frameAncestor: String, sites: [String: Settings.Site], deliversCanonical: Bool
    ) -> [String: Settings.LaunchEntry] {
        var output: [String: Settings.LaunchEntry] = [:]
        for name in values.keys(under: "launch") {
            output[name] = launch(name, frameAncestor: frameAncestor, sites: sites)
            if !deliversCanonical {
                complain(["delivery", "canonical"], "must be true: launches are published to hospital.canonical")
            }
        }
        return output
    }

    private mutating func launch(
        _ name: String, frameAncestor: String, sites: [String: Settings.Site]
    ) -> Settings.LaunchEntry? {
        func path(_ names: String...) -> [String] { ["launch", name] + names }
        if !Self.isPlain(name) {
            complain(path("url"), "an application's name may hold letters, digits, - and _ only")
        }
        guard let company = optional(path("companyName")), let title = optional(path("applicationName")),
            let url = optional(path("url"))
        else {
            complain(path("url"), "companyName, applicationName and url are required")
            return nil
        }
        let parameters = words(path("parameters"))
        var correlation = CorrelationNames()
        correlation.referral = words(path("correlation", "referral"))
        correlation.site = words(path("correlation", "site"))
        correlation.service = words(path("correlation", "service"))
        let includesReferral = flag(path("includeReferral"))
        let fillable = Set(parameters).subtracting(includesReferral ? [] : correlation.referral)
        let target: LaunchTarget
        do throws(LaunchError) {
            target = try LaunchTarget(url, parameters: fillable, includesReferral: includesReferral)
        } catch {
            complain(path("url"), error.message)
            return nil
        }
        var application = LaunchApplication(
            name: name, companyName: company, applicationName: title, target: target, frameAncestor: frameAncestor)
        application.embeds = flag(path("iframe"))
        application.parameters = Set(parameters)
        application.correlation = correlation
        application.site = optional(path("site"))
        application.services = Set(words(path("services"), areNames: false))
        application.handleLifetime = duration(path("handleLifetime"))
        application.launchesPerMinute = integer(path("launchesPerMinute"))
        application.requiresChallenge = flag(path("auth", "pkce"))
        if let site = application.site, sites[site] == nil { complain(path("site"), "site \(site) is not under sites") }
        if !(.seconds(5) ... .seconds(600)).contains(application.handleLifetime) {
            complain(path("handleLifetime"), "must be 5s to 10m")
        }
        guard let authentication = launchAuthentication(name, mayBeNone: application.requiresChallenge) else {
            return nil
        }
        return Settings.LaunchEntry(
            application: application, category: optional(path("category")), authentication: authentication)
    }

    private mutating func words(_ path: [String], areNames: Bool = true) -> [String] {
        let words = SettingsValues.words(text(path))
        if words.count > 32 || words.contains(where: { $0.utf8.count > 64 }) {
            complain(path, "must be at most 32 words of at most 64 characters")
        }
        if areNames, let wrong = words.first(where: { !Self.isPlain($0) || Self.reserved.contains($0) }) {
            complain(
                path, "\(wrong) cannot be taken: letters, digits, -, _ and . only, and not state, handle or code_…")
        }
        return words
    }

    private static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D
                || $0 == 0x5F || $0 == 0x2E
        }
    }

    private mutating func launchAuthentication(_ name: String, mayBeNone: Bool) -> Settings.Authentication? {
        func value(_ names: String...) -> String? { optional(["launch", name, "auth"] + names) }
        var found: [Settings.Authentication] = []
        if let token = value("bearer", "token") { found.append(.bearer(token: token)) }
        let (user, password) = (value("basic", "username"), value("basic", "password"))
        if let user, let password { found.append(.basic(username: user, password: password)) }
        let (field, secret) = (value("header", "name"), value("header", "value"))
        if let field, let secret { found.append(.header(name: field, value: secret)) }
        let isHalf = (user == nil) != (password == nil) || (field == nil) != (secret == nil)
        if !isHalf {
            if found.count == 1 { return found[0] }
            if found.isEmpty, mayBeNone { return Settings.Authentication.none }
        }
        complain(
            ["launch", name, "auth"],
            "needs exactly one complete scheme: basic, bearer or header; or pkce: true for an application without a secret"
        )
        return nil
    }
}
