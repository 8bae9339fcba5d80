// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Names of fields that a translation could not place: paths without indices, so that the same field of another
/// message has the same name. No value of the payload gets into them.
package enum LossPath {
    /// Longest path that is told, in bytes.
    private static let longest = 200
    /// At most so many paths of one message: what lies beyond is of the same message and will come again.
    private static let most = 200

    /// The unmapped values of a message: `Patient/maritalStatus`, `ServiceRequest/extension(ext-new)`, or JSON's path.
    package static func unmapped(in canonical: CanonicalMessage) -> [String] {
        let unmapped = (canonical.referral?.unmapped ?? []) + (canonical.engagement?.unmapped ?? [])
        guard !unmapped.isEmpty else { return [] }
        let types = ResourceTypes(canonical.original)
        var seen: Set<String> = []
        var output: [String] = []
        for value in unmapped.prefix(Unmapped.limit) {
            let path = name(of: value, types)
            if seen.insert(path).inserted { output.append(path) }
            if output.count == most { break }
        }
        // Readers list no more: what follows stands in the original only.
        if unmapped.count >= Unmapped.limit { output.append("(more than \(Unmapped.limit) values)") }
        return output
    }

    /// What a writer dropped or refused, but for Ocean's own bytes, which only the canonical form holds.
    package static func dropped(in ledger: Ledger) -> [String] {
        var seen: Set<String> = []
        var output: [String] = []
        for entry in ledger.entries where entry.disposition == .dropped || entry.disposition == .refused {
            guard !entry.source.hasPrefix("/original") else { continue }
            let path = general(tokens(entry.source)).joined(separator: "/")
            if seen.insert(path).inserted { output.append(path) }
            if output.count == most { break }
        }
        return output
    }

    private static func name(of unmapped: Unmapped, _ types: ResourceTypes) -> String {
        var tokens = tokens(unmapped.path)[...]
        var head: [String] = []
        if tokens.count >= 3, tokens.first == "entry", tokens[2] == "resource", let index = Int(tokens[1]) {
            let type = unmapped.value["resourceType"]?.stringValue ?? types[index]
            if let type, isName(type) {
                head = [type]
                tokens = tokens.dropFirst(3)
            }
        }
        var parts = head + general(Array(tokens))
        // An extension's address names the field; only the last part of it, and only where it looks like a name.
        let isExtension = tokens.contains("extension")
        if isExtension, let url = unmapped.value["url"]?.stringValue,
            let last = url.split(separator: "/").last.map({ String($0) }), isName(last), let tail = parts.indices.last
        {
            parts[tail] += "(\(last))"
        }
        let path = parts.joined(separator: "/")
        return path.utf8.count <= longest ? path : String(decoding: path.utf8.prefix(longest), as: UTF8.self)
    }

    private static func tokens(_ pointer: String) -> [String] {
        guard pointer.hasPrefix("/") else { return [pointer] }
        return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    }

    /// Elements of lists without their numbers; a token that is no name of a member might be a value.
    private static func general(_ tokens: [String]) -> [String] {
        tokens.compactMap { token in
            if !token.isEmpty, token.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
            return isName(token) ? token : "?"
        }
    }

    /// What field names, codes of types and last parts of addresses look like.
    private static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), text.utf8.contains(where: { (0x41...0x5A).contains($0 & 0xDF) })
        else { return false }
        return text.utf8.allSatisfy { byte in
            (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
        }
    }
}

/// The types of the resources of a bundle by the number of their entry; read from the original only when asked for.
private final class ResourceTypes {
    private let original: Original
    private var types: [String?]?

    init(_ original: Original) {
        self.original = original
    }

    subscript(index: Int) -> String? {
        let known = types ?? read()
        types = known
        return known.indices.contains(index) ? known[index] : nil
    }

    private func read() -> [String?] {
        guard !original.isBase64, let json = try? JSONValue(parsing: original.body) else { return [] }
        return (json["entry"]?.arrayValue ?? []).map { $0["resource"]?["resourceType"]?.stringValue }
    }
}
