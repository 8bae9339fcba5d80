// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// How Ocean is reached, and the credentials of each site.
package struct OceanClientConfiguration: Sendable {
    package var host: OceanHost
    /// By Ocean site number.
    package var sites: [String: SiteCredentials]
    package var timeouts: Timeouts
    /// Connections to Ocean at once; also the most calls in flight.
    package var maximumConnections: Int
    /// For `User-Agent: ocean-bridge/<version>`.
    package var version: String

    package init(
        host: OceanHost, sites: [String: SiteCredentials], timeouts: Timeouts = Timeouts(),
        maximumConnections: Int = 16, version: String
    ) {
        self.host = host
        self.sites = sites
        self.timeouts = timeouts
        self.maximumConnections = max(1, maximumConnections)
        self.version = version
    }

    /// Deadlines of a call, from its start.
    package struct Timeouts: Sendable, Hashable {
        package var connect: Duration = .seconds(5)
        /// From the first byte sent to the last byte of the answer, the token not counted.
        package var call: Duration = .seconds(30)
        /// For fetching a token.
        package var token: Duration = .seconds(15)
        /// For the whole of a document; its first byte, and each pause, are bounded by `call`.
        package var document: Duration = .seconds(300)

        package init() {}

        package init(connect: Duration, call: Duration, token: Duration, document: Duration = .seconds(300)) {
            self.connect = connect
            self.call = call
            self.token = token
            self.document = document
        }
    }
}

/// What one Ocean site was given in the Ocean Portal.
package struct SiteCredentials: Sendable, Hashable {
    /// How the OAuth pair travels to the token endpoint (RFC 6749 §2.3.1); Ocean takes all of them.
    package enum TokenStyle: String, Sendable, Hashable, CaseIterable {
        /// In the form: OpenID's `client_secret_post`.
        case body
        /// In the Authorization header: OpenID's `client_secret_basic`.
        case basic
        /// In the Authorization header, not form-encoded first, with the grant in the query and no body: as Ocean's own
        /// public sample client sends it.
        case basicQuery = "basic-query"
    }

    /// Site Key and Site Credential of the Open API; older sites have a pair of their own.
    package struct OpenAPI: Sendable, Hashable {
        package let siteKey: Secret
        package let siteCredential: Secret

        package init(siteKey: String, siteCredential: String) {
            self.siteKey = Secret(siteKey)
            self.siteCredential = Secret(siteCredential)
        }
    }

    package let clientID: String
    package let clientSecret: Secret
    package let tokenStyle: TokenStyle
    package let openAPI: OpenAPI?

    package init(clientID: String, clientSecret: String, tokenStyle: TokenStyle = .body, openAPI: OpenAPI? = nil) {
        self.clientID = clientID
        self.clientSecret = Secret(clientSecret)
        self.tokenStyle = tokenStyle
        self.openAPI = openAPI
    }

    /// Of a site that has the Open API only: it gets no tokens, and so no FHIR.
    package init(openAPI: OpenAPI) {
        self.init(clientID: "", clientSecret: "", openAPI: openAPI)
    }

    package var hasOAuth: Bool { !clientID.isEmpty }
}
