// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes

/// Whether a request's credentials are the integration's.
struct CallerCheck: Sendable {
    let tokens: AccessTokens
    let clock: any WallClock

    func accepts(_ headers: HTTPFields, for integration: Integration) -> Bool {
        accepts(headers, integration.authentication)
    }

    func accepts(_ headers: HTTPFields, _ authentication: Integration.Authentication) -> Bool {
        switch authentication {
        case .none, .mutualTLS:
            return true
        case .basic(let user, let password):
            guard case .basic(let shownUser, let shownPassword) = PresentedCredentials(headers) else { return false }
            // Both are always compared: the time does not tell which of them was wrong.
            let isUser = Secret(user).matches(shownUser)
            let isPassword = password.matches(shownPassword)
            return isUser && isPassword
        case .bearer(let token):
            guard case .bearer(let shown) = PresentedCredentials(headers) else { return false }
            return token.matches(shown)
        case .header(let name, let value):
            guard let name = HTTPField.Name(name) else { return false }
            let shown = headers[values: name]
            guard shown.count == 1 else { return false }
            return value.matches(shown[0])
        case .oauth2(let clientID, let secret):
            guard case .bearer(let shown) = PresentedCredentials(headers) else { return false }
            return tokens.isValid(shown, clientID: clientID, secret: secret, now: clock.now())
        }
    }

    /// RFC 9110 §11.6.1: a 401 names the scheme that would do.
    func challenge(for integration: Integration) -> String { challenge(for: integration.authentication) }

    func challenge(for authentication: Integration.Authentication) -> String {
        switch authentication {
        case .basic: #"Basic realm="ocean-bridge", charset="UTF-8""#
        case .header(let name, _): #"ApiKey realm="ocean-bridge", header="\#(name)""#
        case .none, .mutualTLS, .bearer, .oauth2: #"Bearer realm="ocean-bridge""#
        }
    }
}
