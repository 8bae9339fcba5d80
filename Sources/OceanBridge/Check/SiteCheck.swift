// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Ocean
import OceanClient

/// Proves each site's credentials at Ocean, and says what to do when they do not hold.
struct SiteCheck: Sendable {
    typealias Finding = ConnectionCheck.Finding

    let settings: Settings

    func run() async -> [Finding] {
        let client: OceanHTTPClient
        do {
            client = try settings.makeOceanClient()
        } catch {
            return [Finding(part: "ocean", isGood: false, message: error.description)]
        }
        var findings: [Finding] = []
        for number in settings.sites.keys.sorted() {
            guard let site = settings.sites[number] else { continue }
            findings.append(await credentials(of: site, client))
            if site.siteKey != nil { findings += await openAPI(of: site, client) }
            findings += Self.oddities(of: site)
        }
        await client.shutdown()
        if findings.isEmpty {
            findings.append(
                Finding(
                    part: "ocean", isGood: false,
                    message: "no site in the settings; add the site's number and OAuth credentials under sites"))
        }
        return findings
    }

    private func credentials(of site: Settings.Site, _ client: OceanHTTPClient) async -> Finding {
        let part = "site \(site.number)"
        guard site.clientID != nil || site.siteKey == nil else {
            return Finding(
                part: part, verdict: .warning,
                message:
                    "no oauth.clientId: by the Open API alone only messages can be sent, where updates.transport is "
                    + "open-api; create OAuth credentials in Ocean's portal under Admin > Manage Credentials")
        }
        guard site.clientID != nil else {
            return Finding(
                part: part, isGood: false,
                message: "no oauth.clientId: updates cannot be sent; create OAuth credentials in Ocean's portal under "
                    + "Admin > Manage Credentials")
        }
        do throws(OceanServiceError) {
            try await client.check(site: site.number)
            return Finding(
                part: part, isGood: true,
                message: "\(settings.ocean.host) gave a token and answered NamingSystem/id-site-number")
        } catch {
            return Finding(part: part, isGood: false, message: "\(error.description). \(Self.remedy(error, settings))")
        }
    }

    /// Site key and credential; with private keys on, the Shared Encryption Key too, which opens them.
    private func openAPI(of site: Settings.Site, _ client: OceanHTTPClient) async -> [Finding] {
        let part = "site \(site.number) Open API"
        do throws(OceanServiceError) {
            try await client.checkOpenAPI(site: site.number)
        } catch {
            return [
                Finding(
                    part: part, isGood: false,
                    message: "\(error.description). Compare openApi.siteKey and openApi.siteCredential with Ocean's "
                        + "portal (Admin > Manage Credentials)")
            ]
        }
        let good = Finding(part: part, isGood: true, message: "\(settings.ocean.host) takes site key and credential")
        guard site.usesPrivateKeys, let keys = settings.encryptionKeys(site: site.number) else { return [good] }
        do {
            let sealed = try await client.privateKeys(site: site.number, trace: nil)
            _ = try SitePrivateKeys(opening: sealed.body, iv: sealed.iv, keys: keys, at: "/site/privateKey")
            return [
                good, Finding(part: part, isGood: true, message: "the Shared Encryption Key opens the private keys"),
            ]
        } catch let error as TranslationError {
            return [good, Finding(part: part, isGood: false, message: error.naming(site: site.number).description)]
        } catch {
            return [good, Finding(part: part, isGood: false, message: "\(error)")]
        }
    }

    /// What to do about a check that failed.
    static func remedy(_ error: OceanServiceError, _ settings: Settings) -> String {
        let host = settings.ocean.host
        switch (error.code, error.status) {
        case (.unauthorized, nil):
            return
                "Ocean gives no token for this client id and secret. Compare both with Ocean's portal (Admin > Manage "
                + "Credentials > OAuth); they must be OAuth credentials, not the site key of the Open API, of this very "
                + "site, made on \(host) (test and production have credentials of their own). A secret is shown once: "
                + "make new credentials when in doubt, or try sites.*.oauth.tokenStyle"
        case (.unauthorized, 401?):
            return "Ocean gave a token and does not take it: something between the bridge and \(host) removes the "
                + "Authorization header, or the credentials were revoked just now"
        case (.unauthorized, _):
            return
                "The credentials are right but lack the right to use FHIR: in the portal check that the site has Ocean "
                + "Cloud Connect switched on and its FHIR eReferral integration enabled"
        case (.refused, 404?), (.notFound, _):
            return "\(host) serves tokens but no FHIR API at /svc/fhir/v1: set ocean.host to "
                + "https://ocean.cognisantmd.com or https://test.cognisantmd.com"
        case (.network, _):
            return "Is ocean.host right, and does this machine reach it over HTTPS (DNS, firewall)?"
        case (.unavailable, _): return "Ocean does not serve now: try again in some minutes"
        case (.invalidAnswer, _):
            return "Something other than Ocean answers at \(host): a proxy's login page, or a wrong ocean.host"
        default: return "Tell Ocean Support the status and the time"
        }
    }

    /// What looks wrong without asking anybody.
    static func oddities(of site: Settings.Site) -> [Finding] {
        var messages: [String] = []
        if !(4...7).contains(site.number.utf8.count) {
            messages.append("Ocean's site numbers have 4 to 7 digits (assumed): is \(site.number) right?")
        }
        for (name, value) in [("clientId", site.clientID), ("clientSecret", site.clientSecret)] {
            guard let value, value.utf8.count < 32 else { continue }
            messages.append(
                "oauth.\(name) has \(value.utf8.count) characters; Ocean's have at least 32 (assumed): is it whole?")
        }
        if site.isDryRun { messages.append("dryRun is true: no update of this site is sent to Ocean") }
        if let allowed = site.allowedActions {
            messages.append("only these actions are sent: \(allowed.joined(separator: ", "))")
        }
        if let denied = site.deniedActions {
            messages.append("these actions are never sent: \(denied.joined(separator: ", "))")
        }
        return messages.map { Finding(part: "site \(site.number)", verdict: .warning, message: $0) }
    }
}
