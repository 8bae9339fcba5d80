// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import HTTPTypes

/// A request on its way to a route's handler.
package struct RouteRequest: Sendable {
    package let head: HTTPRequest
    /// Values of the template's parameters, decoded.
    package let parameters: [String: String]
    /// The query, as sent, without its question mark.
    package let query: String
    /// The peer's address without its port; a proxy's, when there is one.
    package let peer: String
    /// When the head was there.
    package let arrived: ContinuousClock.Instant
    package let body: RequestBodyReader

    package var headers: HTTPFields { head.headerFields }

    /// Type and subtype of `Content-Type` in lower case, without parameters.
    package var mediaType: String? {
        guard let field = headers[.contentType] else { return nil }
        let type = field.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let trimmed = type.filter { $0 != " " && $0 != "\t" }.lowercased()
        return trimmed.isEmpty ? nil : trimmed
    }

    /// The trace that the caller started, if its header keeps to the grammar.
    package var trace: TraceContext? {
        headers[.traceparent].flatMap { TraceContext(traceparent: $0, tracestate: headers[.tracestate]) }
    }
}
