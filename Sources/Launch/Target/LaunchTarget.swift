// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Where a browser is sent: scheme, host and path are written down once in the settings, and only whole values of named
/// query items are filled in, each escaped. Nothing of a request can change where it leads.
package struct LaunchTarget: Sendable, Hashable {
    /// What may be filled in.
    enum Source: Sendable, Hashable {
        case handle
        case state
        case referral
        case parameter(String)
    }

    private enum Item: Sendable, Hashable {
        /// As written in the settings.
        case fixed(String)
        case filled(name: String, Source)
    }

    /// What is known of one launch.
    package struct Filling: Sendable, Hashable {
        package var handle: String
        package var state: String?
        package var referral: String?
        package var parameters: [String: String]

        package init(
            handle: String, state: String? = nil, referral: String? = nil, parameters: [String: String] = [:]
        ) {
            self.handle = handle
            self.state = state
            self.referral = referral
            self.parameters = parameters
        }
    }

    /// Scheme, host and port: the application's origin.
    package let origin: String
    private let path: String
    private let items: [Item]

    /// - Parameters:
    ///   - template: such as `https://booking.hospital.ca/start?handle={handle}&lang={lang}`. `{handle}`, `{state}`,
    ///     `{referral}` and the names of parameters may stand as whole values; `handle` and `state` are added when the
    ///     template has no place for them.
    ///   - parameters: names that may stand in braces.
    ///   - includesReferral: whether `{referral}` may.
    /// - Throws: `LaunchError` with the remedy.
    package init(_ template: String, parameters: Set<String>, includesReferral: Bool) throws(LaunchError) {
        guard template.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw LaunchError("must be of printable ASCII without spaces; write other characters as %-escapes")
        }
        guard !template.contains("#") else { throw LaunchError("must have no fragment (#)") }
        let halves = template.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let address = try LaunchAddress(String(halves[0]))
        origin = address.origin
        path = address.path
        var items: [Item] = []
        var names: Set<String> = []
        for part in halves.count > 1 ? halves[1].split(separator: "&") : [] {
            let (name, item) = try Self.item(part, parameters, includesReferral)
            guard names.insert(name).inserted else { throw LaunchError("has the query item \(name) twice") }
            items.append(item)
        }
        for (name, source) in [("handle", Source.handle), ("state", .state)] {
            let places = items.count { if case .filled(_, source) = $0 { true } else { false } }
            guard places <= 1 else { throw LaunchError("has {\(name)} more than once") }
            guard places == 0 else { continue }
            guard names.insert(name).inserted else {
                throw LaunchError("gives the query item \(name) a value of its own; write \(name)={\(name)}")
            }
            items.append(.filled(name: name, source))
        }
        self.items = items
    }

    /// The address for one launch; items without a value are left out.
    package func url(_ filling: Filling) -> String {
        let query = items.compactMap { item -> String? in
            switch item {
            case .fixed(let text): return text
            case .filled(let name, let source):
                guard let value = Self.value(source, filling) else { return nil }
                return "\(name)=\(Self.escaped(value))"
            }
        }
        return origin + path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    private static func value(_ source: Source, _ filling: Filling) -> String? {
        switch source {
        case .handle: filling.handle
        case .state: filling.state
        case .referral: filling.referral
        case .parameter(let name): filling.parameters[name]
        }
    }

    private static func item(
        _ part: Substring, _ parameters: Set<String>, _ includesReferral: Bool
    ) throws(LaunchError) -> (String, Item) {
        let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(halves[0])
        guard !name.isEmpty, LaunchAddress.isPlain(name, also: "") else {
            throw LaunchError("has a query item without a plain name")
        }
        guard halves.count > 1 else { return (name, .fixed(name)) }
        let value = halves[1]
        guard value.hasPrefix("{"), value.hasSuffix("}") else {
            guard LaunchAddress.isPlain(value, also: "/?:@=") else {
                throw LaunchError(
                    "the value of \(name) must be fixed text or one whole placeholder, as in \(name)={handle}")
            }
            return (name, .fixed(String(part)))
        }
        let word = String(value.dropFirst().dropLast())
        switch word {
        case "handle": return (name, .filled(name: name, .handle))
        case "state": return (name, .filled(name: name, .state))
        case "referral":
            guard includesReferral else {
                throw LaunchError("{referral} needs includeReferral: true; the handle gives it without the address")
            }
            return (name, .filled(name: name, .referral))
        default:
            guard parameters.contains(word) else {
                throw LaunchError(
                    "{\(word)} is not known; known: \((["handle", "state"] + parameters.sorted()).joined(separator: ", "))"
                )
            }
            return (name, .filled(name: name, .parameter(word)))
        }
    }

    /// All but RFC 3986's unreserved characters as %-escapes.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            if LaunchAddress.isUnreserved(byte) {
                output.append(byte)
            } else {
                output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
