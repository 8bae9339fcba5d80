// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes

/// A method, a path template and what answers there.
package struct Route: Sendable {
    package typealias Handler = @Sendable (RouteRequest) async throws -> Answer

    enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
        /// Everything that is left, at the end of a template.
        case rest
    }

    let method: HTTPRequest.Method
    let template: String
    let segments: [Segment]
    let handler: Handler

    /// - Parameter template: such as `/ocean/{integration}`; `*` as the last segment takes everything below, which the
    ///   handler finds as parameter `*`.
    package init(_ method: HTTPRequest.Method, _ template: String, _ handler: @escaping Handler) {
        self.method = method
        self.template = template
        self.handler = handler
        segments = template.split(separator: "/").map { part in
            if part == "*" { return .rest }
            if part.hasPrefix("{"), part.hasSuffix("}") { return .parameter(String(part.dropFirst().dropLast())) }
            return .literal(String(part))
        }
    }

    /// The parameters when `path` fits the template.
    func match(_ path: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (index, segment) in segments.enumerated() {
            if segment == .rest {
                parameters["*"] = path[min(index, path.count)...].joined(separator: "/")
                return parameters
            }
            guard index < path.count else { return nil }
            switch segment {
            case .literal(let text): if text != path[index] { return nil }
            case .parameter(let name): parameters[name] = path[index]
            case .rest: break
            }
        }
        return path.count == segments.count ? parameters : nil
    }
}

/// The routes of one listener.
struct RouteTable: Sendable {
    enum Match {
        case found(Route, parameters: [String: String])
        case wrongMethod(allowed: [HTTPRequest.Method])
        case none
    }

    private let routes: [Route]

    init(_ routes: [Route]) {
        self.routes = routes
    }

    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        guard let segments = Self.segments(path) else { return .none }
        var allowed: [HTTPRequest.Method] = []
        for route in routes {
            guard let parameters = route.match(segments) else { continue }
            if route.method == method || (route.method == .get && method == .head) {
                return .found(route, parameters: parameters)
            }
            if !allowed.contains(route.method) { allowed.append(route.method) }
        }
        return allowed.isEmpty ? .none : .wrongMethod(allowed: allowed)
    }

    /// Decoded segments; one slash at the end does not count. Nil when an escape is broken or a segment climbs up.
    static func segments(_ path: String) -> [String]? {
        guard path.hasPrefix("/") else { return nil }
        var parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        var output: [String] = []
        for part in parts {
            guard let decoded = FormText.percentDecoded(part, plusIsSpace: false), !decoded.isEmpty, decoded != ".",
                decoded != "..", !decoded.contains("/"), !decoded.utf8.contains(0)
            else { return nil }
            output.append(decoded)
        }
        return output
    }
}
