// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Where an integration's events are posted, and how the call is authenticated (Ocean admin, Integrations).
package struct PretendWebhook: JSONRecord {
    package var name = ""
    /// The Request URL; it may be set later.
    package var url = ""
    package var authentication: WebhookAuthentication = .none
    /// Basic.
    package var username: String?
    package var password: String?
    /// Static header.
    package var headerName: String?
    package var headerValue: String?
    /// Bearer.
    package var token: String?
    /// OAuth2 client credentials, posted in the form body.
    package var tokenURL: String?
    package var clientID: String?
    package var clientSecret: String?
    package var scope: String?

    package init() {}

    package init(name: String, url: String, authentication: WebhookAuthentication = .none) {
        self.name = name
        self.url = url
        self.authentication = authentication
    }

    package static let fields: [Field<PretendWebhook>] = [
        .required("name", \.name), .defaulted("url", \.url), .defaulted("auth", \.authentication),
        .optional("username", \.username), .optional("password", \.password),
        .optional("headerName", \.headerName), .optional("headerValue", \.headerValue), .optional("token", \.token),
        .optional("tokenUrl", \.tokenURL), .optional("clientId", \.clientID),
        .optional("clientSecret", \.clientSecret), .optional("scope", \.scope),
    ]

    func check() throws(SandboxConfigurationError) {
        let place = "webhooks[].auth"
        switch authentication {
        case .none: break
        case .basic where username == nil || password == nil:
            throw .init(place, "basic needs username and password")
        case .header where headerName == nil || headerValue == nil:
            throw .init(place, "header needs headerName and headerValue")
        case .bearer where token == nil: throw .init(place, "bearer needs token")
        case .oauth2 where tokenURL == nil || clientID == nil || clientSecret == nil:
            throw .init(place, "oauth2 needs tokenUrl, clientId and clientSecret")
        case .basic, .header, .bearer, .oauth2: break
        }
    }
}

/// Schemes of a webhook's authentication.
package enum WebhookAuthentication: String, JSONWord, CaseIterable {
    case none, basic, header, bearer, oauth2
}
