// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

@testable import Ocean

/// The canonical fields as `Record.field`, and where formats have them.
struct FieldPaths {
    /// Counts of places by field.
    private var counts: [String: [String: Int]] = [:]

    /// The most frequent places of a field.
    func places(of field: String, most: Int = 3) -> [String] {
        (counts[field] ?? [:]).sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most).map(\.key)
    }

    /// Fields that had a value, wherever it came from.
    private var present: Set<String> = []

    /// Notes which fields a message has.
    mutating func note(_ canonical: CanonicalMessage) {
        JSONLeaves.each(of: canonical.json, at: "") { leaf, _ in
            if let field = Self.field(leaf) { present.insert(field) }
        }
    }

    /// Whether messages had the field though no place was its source.
    func isDerived(_ field: String) -> Bool { counts[field] == nil && present.contains(field) }

    mutating func add(_ place: String, for field: String?) {
        guard let field, !place.isEmpty else { return }
        counts[field, default: [:]][place, default: 0] += 1
    }

    /// The field in which a place of the canonical message stands.
    static func field(_ pointer: String) -> String? {
        var type: any JSONRecord.Type = CanonicalMessage.self
        var found: String?
        for token in pointer.split(separator: "/").map({ String($0) }) where Int(token) == nil {
            guard let (name, next) = step(type, token) else { return found }
            found = name
            guard let next else { return found }
            type = next
        }
        return found
    }

    private static func step(
        _ type: any JSONRecord.Type, _ name: String
    ) -> (String, (any JSONRecord.Type)?)? {
        func find<Record: JSONRecord>(_ type: Record.Type) -> (String, (any JSONRecord.Type)?)? {
            Record.fields.first { $0.name == name }.map { ("\(Record.definitionName).\(name)", $0.record) }
        }
        return find(type)
    }

    /// A place in a bundle as people write it: `Patient.name.family`, extensions by the end of their address.
    static func inBundle(_ pointer: String, _ bundle: JSONValue) -> String {
        var tokens = pointer.split(separator: "/").map { String($0) }[...]
        var value: JSONValue? = bundle
        var parts = ["Bundle"]
        if tokens.count > 2, tokens.first == "entry", let index = Int(tokens[1]) {
            value = bundle["entry"]?[index]?["resource"]
            parts = [value?["resourceType"]?.stringValue ?? "Bundle.entry.resource"]
            tokens = tokens.dropFirst(tokens[2] == "resource" ? 3 : 2)
        }
        var isExtension = false
        for token in tokens {
            if let index = Int(token) {
                value = value?[index]
                if isExtension, let url = value?["url"]?.stringValue {
                    let last = url.split(separator: "/").last.map { String($0) } ?? url
                    parts[parts.count - 1] = "extension(\(last))"
                }
            } else {
                value = value?[token]
                parts.append(token)
            }
            isExtension = token == "extension"
        }
        if let end = parts.firstIndex(where: { $0.hasPrefix("extension(") && isOwn($0) }) {
            return parts[...end].joined(separator: ".")
        }
        return parts.joined(separator: ".")
    }

    private static func isOwn(_ part: String) -> Bool {
        part.dropFirst(10).first.map { ("A"..."Z").contains($0) } == true && part.contains("-")
    }

    /// A place in plain JSON, without the numbers of elements; members that are named after values as `*`.
    static func inJSON(_ pointer: String) -> String {
        pointer.split(separator: "/").filter { Int($0) == nil }.map { token in
            token.utf8.allSatisfy { (0x41...0x5A).contains($0 & 0xDF) } ? String(token) : "*"
        }.joined(separator: ".")
    }
}
