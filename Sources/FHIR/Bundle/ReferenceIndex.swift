// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// Finds resources of one bundle by every spelling of a reference that is seen in the field: `urn:uuid:…`, a bare
/// UUID, `Type/id`, a bare id, an absolute address (by its last two parts), or an identifier alone.
///
/// One look-up is one step, so that circular references cannot loop. Of two resources with the same key the first one
/// counts.
package struct ReferenceIndex: Sendable {
    private var keys: [String: Int] = [:]
    /// The first place of each identifier, and of each in resources of a type: however many share one, a look-up is
    /// one step.
    private var identifiers: [String: Int] = [:]
    private var typedIdentifiers: [String: Int] = [:]

    init(_ entries: [FHIREntry]) {
        keys.reserveCapacity(entries.count * 3)
        for (place, entry) in entries.enumerated() {
            if let fullURL = entry.fullURL {
                let key = Self.key(fullURL)
                add(key, place)
                if Self.isUUID(key) { add("\(entry.type)/\(key)", place) }
                if let pair = Self.typeAndID(fullURL) { add(pair, place) }
            }
            if let id = entry.id {
                let key = Self.key(id)
                add("\(entry.type)/\(key)", place)
                add(key, place)
            }
            for identifier in entry.resource.identifierElements {
                guard let value = identifier["value"]?.stringValue else { continue }
                let key = Self.identifierKey(system: identifier["system"]?.stringValue, value: value)
                if identifiers[key] == nil { identifiers[key] = place }
                let typed = "\(entry.type)\u{0}\(key)"
                if typedIdentifiers[typed] == nil { typedIdentifiers[typed] = place }
            }
        }
    }

    private mutating func add(_ key: String, _ place: Int) {
        if keys[key] == nil { keys[key] = place }
    }

    /// The place in `FHIRBundle.entries` that a Reference element names; nil when it dangles.
    func place(of reference: JSONValue, types preferred: [String]) -> Int? {
        if let text = reference["reference"]?.stringValue, let place = place(of: text) { return place }
        guard let identifier = reference["identifier"], let value = identifier["value"]?.stringValue else { return nil }
        let key = Self.identifierKey(system: identifier["system"]?.stringValue, value: value)
        guard !preferred.isEmpty else { return identifiers[key] }
        for type in preferred {
            if let place = typedIdentifiers["\(type)\u{0}\(key)"] { return place }
        }
        return nil
    }

    /// The place that a literal reference names. References to contained resources (`#…`) name none.
    package func place(of text: String) -> Int? {
        guard !text.isEmpty, !text.hasPrefix("#") else { return nil }
        if let place = keys[Self.key(text)] { return place }
        return Self.typeAndID(text).flatMap { keys[$0] }
    }

    /// `urn:uuid:` removed and UUIDs in lower case, since their case carries no meaning (RFC 9562 §4).
    package static func key(_ text: String) -> String {
        // What follows need not be a UUID: integrators send words there, and Ocean takes them.
        let bare =
            text.utf8.count > 9 && text.prefix(9).lowercased() == "urn:uuid:" ? String(text.dropFirst(9)) : text
        return isUUID(bare) ? bare.lowercased() : bare
    }

    /// Whether `text` has the form 8-4-4-4-12 of hexadecimal digits.
    package static func isUUID(_ text: String) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (offset, byte) in text.utf8.enumerated() {
            switch offset {
            case 8, 13, 18, 23: if byte != 0x2D { return false }
            default:
                let isDigit = (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
                if !isDigit { return false }
            }
        }
        return true
    }

    /// `Type/id` of a relative or absolute reference, without `/_history/…`; nil when there are no two parts.
    package static func typeAndID(_ text: String) -> String? {
        guard text.utf8.count <= 2_048 else { return nil }
        var parts = text.split(separator: "/", omittingEmptySubsequences: true)
        if parts.count >= 4, parts[parts.count - 2] == "_history" { parts.removeLast(2) }
        guard parts.count >= 2, let id = parts.last, let type = parts.dropLast().last,
            type.utf8.first.map({ (0x41...0x5A).contains($0) }) == true
        else { return nil }
        return "\(type)/\(key(String(id)))"
    }

    /// Systems are compared by their last part: their root is the host that sent the message.
    private static func identifierKey(system: String?, value: String) -> String {
        let last = system?.split(separator: "/", omittingEmptySubsequences: true).last
        return "\(last ?? "")\u{0}\(value)"
    }
}
