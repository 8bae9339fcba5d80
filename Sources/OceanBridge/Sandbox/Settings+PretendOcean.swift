// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Launch
package import OceanSandbox

extension Settings {
    /// A pretend Ocean that fits these settings: the same sites and credentials, a listing per dialect for each
    /// integration, webhooks that point at `bridge`.
    ///
    /// - Parameter bridge: base address of the bridge's public listener, without a trailing slash.
    package func pretendOcean(bridge: String) -> PretendOceanConfiguration {
        var configuration = PretendOceanConfiguration()
        configuration.retries.compression = sandboxTimesFaster
        configuration.marksTestData = sandboxTestData
        configuration.webhooks = integrations.values.sorted { $0.name < $1.name }.map { webhook($0, bridge: bridge) }
        configuration.decisionSupport = decisionSupport(bridge: bridge)
        configuration.launches = pretendLaunches(bridge: bridge)
        configuration.sites = sites.values.sorted { $0.number < $1.number }.map { pretendSite($0) }
        return configuration
    }

    private func pretendSite(_ site: Site) -> PretendSite {
        var pretend = PretendSite()
        pretend.number = site.number
        pretend.name = "Site \(site.number)"
        // What the settings leave out cannot be used by the bridge either; the pretend Ocean only needs some value.
        pretend.clientID = site.clientID ?? "unset-client-\(site.number)"
        pretend.clientSecret = site.clientSecret ?? "unset-secret-\(site.number)"
        pretend.siteKey = site.siteKey ?? "unset-key-\(site.number)"
        pretend.siteCredential = site.siteCredential ?? "unset-credential-\(site.number)"
        pretend.sharedEncryptionKey = site.sharedEncryptionKey ?? "Unset#Key1234567"
        pretend.keyWrapping = site.usesPrivateKeys ? .privateKey : .shared
        for integration in integrations.values.sorted(by: { $0.name < $1.name }) where integration.site == site.number {
            switch integration.kind {
            case "patient-engagement":
                pretend.engagementWebhook = integration.name
            case "ereferral-open-api":
                pretend.listings.append(
                    PretendListing(
                        reference: "\(integration.name)_\(site.number)", title: "Cardiology (Ocean JSON)",
                        externalServiceID: "CARDIOLOGY", dialect: .oceanJSON, webhook: integration.name))
                pretend.listings.append(
                    PretendListing(
                        reference: "\(integration.name)_\(site.number)_thin", title: "Rheumatology (Open API events)",
                        externalServiceID: "RHEUMATOLOGY", dialect: .oceanJSON, webhook: integration.name,
                        jsonForm: .thin))
            default:
                pretend.listings.append(
                    PretendListing(
                        reference: "\(integration.name)_\(site.number)_0111", title: "Orthopaedics (0.11.1)",
                        externalServiceID: "ORTHOPAEDICS", dialect: .fhir0111, webhook: integration.name))
                pretend.listings.append(
                    PretendListing(
                        reference: "\(integration.name)_\(site.number)_0100", title: "Diagnostic Imaging (0.10.0)",
                        externalServiceID: "IMAGING", dialect: .fhir0100, webhook: integration.name))
            }
        }
        let launch = launches.values.sorted { $0.application.name < $1.application.name }
            .first { $0.application.site == nil || $0.application.site == site.number }
        for index in pretend.listings.indices { pretend.listings[index].launch = launch?.application.name }
        return pretend
    }

    /// Each CDS service as an integration of its own, with its credentials. Those that take JWTs only are left out: the
    /// pretend Ocean has no key.
    private func decisionSupport(bridge: String) -> [PretendCDSClient] {
        guard sandboxAsksServices else { return [] }
        return hooks.services.values.sorted { $0.id < $1.id }.compactMap { service in
            guard case .credentials(let authentication) = service.authentication else { return nil }
            let endpoint = Self.endpoint("cds:\(service.id)", bridge, authentication, bridge: bridge)
            return PretendCDSClient(endpoint: endpoint, service: service.id, site: service.site)
        }
    }

    /// The Referral System Launches as they would be typed into the portal.
    package func pretendLaunches(bridge: String) -> [PretendLaunch] {
        launches.values.sorted { $0.application.name < $1.application.name }.map { entry in
            var launch = PretendLaunch(
                name: entry.application.name, companyName: entry.application.companyName,
                applicationName: entry.application.applicationName,
                url: "\(bridge)/launch/\(entry.application.name)", embeds: entry.application.embeds)
            launch.category = entry.category
            return launch
        }
    }

    private func webhook(_ integration: Integration, bridge: String) -> PretendWebhook {
        Self.endpoint(
            integration.name, "\(bridge)/ocean/\(integration.name)", integration.authentication, bridge: bridge)
    }

    private static func endpoint(
        _ name: String, _ url: String, _ authentication: Authentication, bridge: String
    ) -> PretendWebhook {
        var webhook = PretendWebhook(name: name, url: url)
        switch authentication {
        case .none:
            webhook.authentication = .none
        case .basic(let username, let password):
            webhook.authentication = .basic
            webhook.username = username
            webhook.password = password
        case .bearer(let token):
            webhook.authentication = .bearer
            webhook.token = token
        case .header(let name, let value):
            webhook.authentication = .header
            webhook.headerName = name
            webhook.headerValue = value
        case .oauth2(let clientID, let clientSecret):
            webhook.authentication = .oauth2
            webhook.tokenURL = "\(bridge)/oauth2/token"
            webhook.clientID = clientID
            webhook.clientSecret = clientSecret
        }
        return webhook
    }
}
