// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Keeps strangers and other web sites away from the operations listener.
struct OperationsFence: Sendable {
    let token: Secret?

    func guarding(_ route: Route) -> Route {
        Route(route.method, route.template) { request in
            if let refusal = refusal(request.head) { return refusal }
            return try await route.handler(request)
        }
    }

    private func refusal(_ head: HTTPRequest) -> Answer? {
        if isFromAnotherSite(head) {
            return .problem(.forbidden, "requests from pages of other sites are not taken")
        }
        guard let token else { return nil }
        if case .bearer(let shown) = PresentedCredentials(head.headerFields), token.matches(shown) { return nil }
        var answer = Answer.problem(.unauthorized)
        answer.headers[.wwwAuthenticate] = #"Bearer realm="ocean-bridge operations""#
        return answer
    }

    /// A page in an operator's browser can send simple requests to a loopback address; browsers say where they are
    /// from.
    private func isFromAnotherSite(_ head: HTTPRequest) -> Bool {
        guard let origin = head.headerFields[.origin], let host = head.authority else { return false }
        return origin != "http://\(host)" && origin != "https://\(host)"
    }
}
