// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes

/// Which pages of other origins may call a route from a browser (WHATWG Fetch, "CORS protocol").
package struct CrossOrigin: Sendable {
    /// Of the public test client of CDS Hooks.
    package static let publicSandbox = "https://sandbox.cds-hooks.org"

    private let origins: Set<String>

    /// - Parameter origins: such as `https://sandbox.cds-hooks.org`, exactly as browsers send them.
    package init(origins: Set<String>) {
        self.origins = origins
    }

    /// Whether the request comes from no page, or from one that may ask.
    package func allows(_ headers: HTTPFields) -> Bool {
        let named = headers[values: Self.origin]
        return named.isEmpty || (named.count == 1 && origins.contains(named[0]))
    }

    /// Lets the page see the answer. Credentials of the browser are never asked for.
    package func apply(to answer: Answer, of headers: HTTPFields) -> Answer {
        var answer = answer
        // The answer differs by origin, also for caches that saw the other one first.
        answer.headers[.vary] = "Origin"
        if let origin = headers[Self.origin], allows(headers) { answer.headers[Self.allowOrigin] = origin }
        return answer
    }

    /// The answer to `OPTIONS`.
    package func preflight(_ headers: HTTPFields) -> Answer {
        guard headers[Self.origin] != nil, allows(headers) else {
            return apply(to: .problem(.forbidden, "this origin may not call from a browser"), of: headers)
        }
        var answer = Answer(.noContent)
        answer.headers[Self.allowMethods] = "GET, POST, OPTIONS"
        answer.headers[Self.allowHeaders] = "Authorization, Content-Type"
        answer.headers[Self.maxAge] = "600"
        return apply(to: answer, of: headers)
    }

    private static let origin = HTTPField.Name.origin
    private static let allowOrigin = HTTPField.Name.accessControlAllowOrigin
    private static let allowMethods = HTTPField.Name.accessControlAllowMethods
    private static let allowHeaders = HTTPField.Name.accessControlAllowHeaders
    private static let maxAge = HTTPField.Name.accessControlMaxAge
}
