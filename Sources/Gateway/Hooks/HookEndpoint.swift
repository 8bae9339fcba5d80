// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import CDSHooks

/// A CDS service and who may call it.
package struct HookEndpoint: Sendable {
    /// How a CDS client shows who it is.
    package enum Authentication: Sendable {
        /// As at a webhook.
        case credentials(Integration.Authentication)
        /// By a JWT of one of these clients (CDS Hooks 2.0, "Trusting CDS Clients").
        case token(clients: Set<String>)
    }

    package let service: HookService
    package let authentication: Authentication

    package init(service: HookService, authentication: Authentication) {
        self.service = service
        self.authentication = authentication
    }

    /// A client of our own token endpoint.
    package var tokenClient: TokenClient? {
        guard case .credentials(.oauth2(let id, let secret)) = authentication else { return nil }
        return TokenClient(id: id, secret: secret)
    }
}

/// Who gets tokens at `/oauth2/token`.
package struct TokenClient: Sendable {
    package let id: String
    package let secret: Secret

    package init(id: String, secret: Secret) {
        self.id = id
        self.secret = secret
    }
}
