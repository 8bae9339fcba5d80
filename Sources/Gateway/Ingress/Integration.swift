// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// One integration of Ocean's admin page: a webhook address with its own credentials and site.
package struct Integration: Sendable {
    /// What Ocean's admin page calls the payload type; told apart again by each body.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case ereferralFHIR = "ereferral-fhir"
        case openEReferral = "ereferral-open-api"
        case patientEngagement = "patient-engagement"
    }

    /// How Ocean shows that it is Ocean.
    package enum Authentication: Sendable {
        /// An unguessable name in the path is all the protection.
        case none
        case basic(user: String, password: Secret)
        case bearer(token: Secret)
        case header(name: String, value: Secret)
        /// A token of our own token endpoint.
        case oauth2(clientID: String, secret: Secret)
        /// The listener has checked the client's certificate.
        case mutualTLS
    }

    /// The key in the settings and the last part of the webhook's path.
    package let name: String
    package let kind: Kind
    /// The Ocean site that the integration belongs to; bodies of another site are refused.
    package let site: String?
    package let authentication: Authentication

    package init(name: String, kind: Kind, site: String?, authentication: Authentication) {
        self.name = name
        self.kind = kind
        self.site = site
        self.authentication = authentication
    }

    /// - Throws: `badIntegration` when no request could ever be right.
    func check(tls: ListenerTLS?) throws(GatewayError) {
        guard !name.isEmpty, !name.contains("/") else {
            throw GatewayError(.badIntegration, "integration \"\(name)\": the name must be one part of a path")
        }
        switch authentication {
        case .header(let field, _) where HTTPField.Name(field) == nil:
            throw GatewayError(.badIntegration, "integration \(name): auth.header.name is no HTTP field name")
        case .mutualTLS where tls?.clientAuthorityFile == nil:
            throw GatewayError(
                .badIntegration,
                "integration \(name): auth mtls needs a client authority file on the public listener")
        default: break
        }
    }
}
