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

    /// What a token of our own token endpoint may open; nil for JWTs.
    package var credentials: Integration.Authentication? {
        if case .credentials(let wanted) = authentication { wanted } else { nil }
    }
}
