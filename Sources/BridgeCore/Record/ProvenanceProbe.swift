// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Finds out what each value of a source does to the target by changing it and translating again: the ledger of a
/// translation that keeps none, exact for small sources such as updates.
package struct ProvenanceProbe {
    /// Values that are tried; of a larger source the rest is named in one entry.
    package static let most = 1000

    private let translate: (JSONValue) -> JSONValue?
    private let base: [String: JSONValue]

    /// - Parameters:
    ///   - source: what was translated.
    ///   - target: what it gave.
    ///   - translate: the translation; nil where it refuses its source. Ids in it may be derived from the whole source.
    package static func ledger(
        of source: JSONValue, target: JSONValue, translate: @escaping (JSONValue) -> JSONValue?
    ) -> Ledger {
        let probe = ProvenanceProbe(translate: translate, base: leaves(of: target, source))
        var ledger = Ledger()
        let all = places(of: source)
        for place in all.prefix(most) { probe.account(for: place, in: source, &ledger) }
        for place in all.dropFirst(most) {
            ledger.add(.kept, source: place, note: "not traced: the source has more than \(most) values")
        }
        return ledger
    }

    private func account(for place: String, in source: JSONValue, _ ledger: inout Ledger) {
        guard let pointer = try? JSONPointer(place), let value = source.value(at: pointer) else { return }
        if Self.saysNothing(value) { return ledger.add(.kept, source: place, note: "says nothing") }
        var isRead = false
        for variant in Self.variants(of: value) {
            var changed = source
            if let variant {
                _ = changed.set(variant, at: pointer)
            } else if !Self.remove(pointer, from: &changed) {
                continue
            }
            guard let output = translate(changed) else { continue }
            isRead = true
            guard let target = difference(from: Self.leaves(of: output, changed), value) else { continue }
            let isSame = base[target] == value
            return ledger.add(.kept, source: place, target: target, note: isSame ? nil : "decides it")
        }
        if isRead {
            ledger.add(.dropped, source: place, note: "changes nothing in the target")
        } else {
            ledger.add(.kept, source: place, note: "without it, or with another value, nothing is written")
        }
    }

    /// The place that changed: one that held the same value, else one that holds it among other words, else the first.
    private func difference(from other: [String: JSONValue], _ value: JSONValue) -> String? {
        let changed = base.keys.filter { base[$0] != other[$0] }.sorted()
        if let same = changed.first(where: { base[$0] == value }) { return same }
        if let text = value.stringValue,
            let within = changed.first(where: { base[$0]?.stringValue?.contains(text) == true })
        {
            return within
        }
        return changed.first ?? other.keys.filter { base[$0] == nil }.min()
    }

    private static func saysNothing(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .string(""), .object, .array: true
        case .string, .number, .bool: false
        }
    }

    /// Other values of the same form, at last none at all.
    private static func variants(of value: JSONValue) -> [JSONValue?] {
        switch value {
        case .string(let text):
            let digits = text.map { $0 == "1" ? "2" : $0 == "2" ? "1" : $0 }
            let past = text.hasPrefix("20") ? "19" + text.dropFirst(2) : text
            return [.string(past), .string(String(digits)), .string(text + "x"), nil].filter { $0 != value }
        case .number(let number): return [.number(JSONNumber((number.intValue ?? 0) &+ 1)), nil]
        case .bool(let flag): return [.bool(!flag), nil]
        case .null, .object, .array: return []
        }
    }

    /// Takes a member out; false for elements of lists, whose neighbours would move.
    private static func remove(_ pointer: JSONPointer, from value: inout JSONValue) -> Bool {
        guard let name = pointer.tokens.last else { return false }
        let parent = JSONPointer(tokens: Array(pointer.tokens.dropLast()))
        guard var object = value.value(at: parent)?.objectValue else { return false }
        object[name] = nil
        return value.set(.object(object), at: parent)
    }

    /// Pointers of single values and of empty lists and objects, in order.
    private static func places(of value: JSONValue) -> [String] {
        var output: [String] = []
        each(of: value, at: "") { place, _ in output.append(place) }
        return output
    }

    /// Single values by pointer, with ids that the translation made itself by the order of their appearance, since
    /// they may hang on the whole source.
    private static func leaves(of value: JSONValue, _ source: JSONValue) -> [String: JSONValue] {
        let known = source.text()
        var ids: [String: Int] = [:]
        var output: [String: JSONValue] = [:]
        each(of: value, at: "") { place, leaf in
            guard let text = leaf.stringValue else { return output[place] = leaf }
            let bare = text.hasPrefix("urn:uuid:") ? String(text.dropFirst(9)) : text
            guard isUUID(bare), !known.contains(bare) else { return output[place] = leaf }
            let number = ids[bare] ?? ids.count
            ids[bare] = number
            output[place] = .string("id \(number)")
        }
        return output
    }

    private static func isUUID(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { offset, byte in
                [8, 13, 18, 23].contains(offset)
                    ? byte == 0x2D : (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
            }
    }

    private static func each(of value: JSONValue, at place: String, _ body: (String, JSONValue) -> Void) {
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object.members {
                each(of: member.value, at: place + JSONPointer(tokens: [member.name]).description, body)
            }
        case .array(let elements) where !elements.isEmpty:
            for (index, element) in elements.enumerated() { each(of: element, at: "\(place)/\(index)", body) }
        default: body(place, value)
        }
    }
}
