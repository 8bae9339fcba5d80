// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

extension Settings {
    /// A named document for eForms.
    package struct DataSource: Sendable {
        package enum Origin: Sendable, Hashable {
            case file(String)
            case queue(String)
            /// The last part of `ocean.requests.{name}`.
            case request(String)
        }

        package let name: String
        package var origin: Origin
        package var cache: Duration
        package var maximumBytes: Int
        package var timeout: Duration
        package var staleWhileError: Duration
        package var origins: [String]
        package var parameters: Set<String>
        package var authentication: Authentication
    }

    /// Names of the questions that this installation asks the bus; their queues belong to the topology.
    var requestNames: Set<String> {
        let sources = dataSources.values.compactMap { source -> String? in
            if case .request(let name) = source.origin { return name }
            return nil
        }
        return Set(sources).union(hooks.services.values.compactMap(\.request))
    }

    /// Where documents that came on a queue are kept.
    var dataSourceDirectory: String { dataDirectory + "/data-sources" }
}

extension SettingDeclaration {
    static let dataSources: [SettingDeclaration] =
        [
            .init(
                "dataSources.*.file", .text, "JSON file that is served, absolute path; changes are seen within seconds"),
            .init(
                "dataSources.*.queue", .text,
                "queue whose last message is served; each process needs one for itself, and it is declared when missing"
            ),
            .init(
                "dataSources.*.request", .text,
                "the document is asked for on `ocean.requests.{this}`, and a hospital service answers"),
            .init(
                "dataSources.*.cacheSeconds", .integer(0...86_400), default: "60",
                "how long a caller may keep its copy, and how long an answer to a request is served without asking again"
            ),
            .init(
                "dataSources.*.maximumBytes", .integer(1024...(16 << 20)), default: "4194304",
                "a larger document does not take the old one's place"),
            .init("dataSources.*.timeout", .duration, default: "2s", "longest wait for the answer to a request"),
            .init(
                "dataSources.*.staleWhileError", .duration, default: "1h",
                "how long beyond cacheSeconds the last answer is served while the service fails; then 503 or 504"),
            .init(
                "dataSources.*.cors.origins", .text,
                "origins whose pages may read it, as in https://ocean.cognisantmd.com, comma-separated; `*` for all"),
            .init(
                "dataSources.*.allowParameters", .flag, default: "false",
                "true: the source takes parameters, which may be about a patient; only with `request`"),
            .init(
                "dataSources.*.parameters", .text,
                "names of the parameters that are passed on, comma-separated; any other is refused"),
        ]
        + authentication(
            in: "dataSources.*", by: "Ocean", open: "true: everybody may read it; for documents without patient data")
}

extension SettingsReader {
    mutating func dataSource(_ name: String) -> Settings.DataSource? {
        func path(_ names: String...) -> [String] { ["dataSources", name] + names }
        guard Self.isPlain(name) else {
            complain(path("file"), "a data source's name has 1 to 64 letters, digits, - and _")
            return nil
        }
        var origins: [Settings.DataSource.Origin] = []
        if let file = optional(path("file")) { origins.append(.file(file)) }
        if let queue = optional(path("queue")) { origins.append(.queue(queue)) }
        if let request = optional(path("request")) { origins.append(.request(request)) }
        guard origins.count == 1, let origin = origins.first else {
            complain(path("file"), "needs exactly one of file, queue and request")
            return nil
        }
        switch origin {
        case .file(let file) where !file.hasPrefix("/"): complain(path("file"), "must be an absolute path")
        case .queue(let queue) where queue.hasPrefix("ocean.") || !Self.isQueue(queue):
            complain(path("queue"), "must be a queue of the hospital's, 1 to 128 letters, digits, dots, - and _")
        case .request(let request) where !Self.isPlain(request):
            complain(path("request"), "has 1 to 64 letters, digits, - and _")
        default: break
        }
        guard let authentication = authentication(["dataSources", name]) else { return nil }
        let source = Settings.DataSource(
            name: name, origin: origin, cache: .seconds(integer(path("cacheSeconds"))),
            maximumBytes: integer(path("maximumBytes")), timeout: duration(path("timeout")),
            staleWhileError: duration(path("staleWhileError")), origins: allowedOrigins(path("cors", "origins")),
            parameters: parameters(name, origin, authentication), authentication: authentication)
        if source.timeout < .milliseconds(50) || source.timeout > .seconds(30) {
            complain(path("timeout"), "must be from 50ms to 30s: somebody waits")
        }
        return source
    }

    private mutating func parameters(
        _ name: String, _ origin: Settings.DataSource.Origin, _ authentication: Settings.Authentication
    ) -> Set<String> {
        let path = ["dataSources", name, "parameters"]
        let names = optional(path).map { SettingsValues.words($0) } ?? []
        let isAllowed = flag(["dataSources", name, "allowParameters"])
        guard !names.isEmpty || isAllowed else { return [] }
        if !isAllowed {
            complain(path, "parameters may be about a patient: set allowParameters to true, or leave them out")
        }
        if names.isEmpty { complain(path, "allowParameters needs the names that are passed on") }
        if case .request = origin {} else { complain(path, "only a source with `request` takes parameters") }
        if case .none = authentication, isAllowed {
            complain(path, "a source that takes parameters needs authentication, not `none`")
        }
        return Set(names)
    }

    private mutating func allowedOrigins(_ path: [String]) -> [String] {
        let origins = optional(path).map { SettingsValues.words($0) } ?? []
        for origin in origins where origin != "*" {
            let rest = ["https://", "http://"].first { origin.hasPrefix($0) }.map { origin.dropFirst($0.count) }
            if rest.map({ $0.isEmpty || $0.contains("/") || $0 != $0.lowercased() }) ?? true {
                complain(
                    path, "an origin is scheme and host in lower case, without a path: https://ocean.cognisantmd.com")
            }
        }
        return origins
    }

    private static func isPlain(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D
                    || $0 == 0x5F
            }
    }

    private static func isQueue(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isPlain(String($0)) }
    }
}
