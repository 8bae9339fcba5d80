// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Keeps account of a reading: every leaf of the source stands in the ledger once.
///
/// A class, because the readers of all nested objects write into the one account of the document.
final class ReadingLog {
    private(set) var ledger = Ledger()
    private(set) var unmapped: [Unmapped]
    private let base: String
    /// More was left over than is listed.
    private var isFull = false

    /// Says in a ledger that the list of what no field holds has ended.
    static let full = "the original holds this and what follows: more than \(Unmapped.limit) values have no field"

    /// - Parameters:
    ///   - base: where in the canonical message the targets stand.
    ///   - unmapped: what earlier readings into the same target left over.
    init(base: String = "", unmapped: [Unmapped] = []) {
        self.base = base
        self.unmapped = unmapped
    }

    /// The value stands at `target`; leaves of a structure are counted one by one.
    func keep(_ value: JSONValue, at source: String, target: String, note: String? = nil) {
        let target = base + target
        JSONLeaves.each(of: value, at: source) { leaf, _ in
            ledger.add(.kept, source: leaf, target: target, note: note)
        }
    }

    /// Nothing to take over: null or empty.
    func pass(_ value: JSONValue, at source: String) {
        JSONLeaves.each(of: value, at: source) { leaf, kind in
            ledger.add(.kept, source: leaf, target: "", note: "\(kind.rawValue), says nothing")
        }
    }

    /// No field of the model holds the value: it is kept as it is, with its place.
    ///
    /// - Parameter path: the place to remember, where that is not the place of the value itself.
    func unmap(_ value: JSONValue, at source: String, path: String? = nil, note: String? = nil) {
        guard hasRoom(for: source) else { return }
        let target = "/unmapped/\(unmapped.count)"
        unmapped.append(Unmapped(path: path ?? source, value: value))
        keep(value, at: source, target: target, note: note)
    }

    /// Keeps a value with its place although a field took it over: its own member would not come back from there.
    func remember(_ value: JSONValue, at source: String) {
        guard hasRoom(for: source) else { return }
        unmapped.append(Unmapped(path: source, value: value))
    }

    /// Not of the form it must have, but still kept with its place.
    func refuse(_ value: JSONValue, at source: String, note: String) {
        guard hasRoom(for: source) else { return }
        let target = "\(base)/unmapped/\(unmapped.count)"
        unmapped.append(Unmapped(path: source, value: value))
        JSONLeaves.each(of: value, at: source) { leaf, _ in
            ledger.add(.refused, source: leaf, target: target, note: note)
        }
    }

    private func hasRoom(for source: String) -> Bool {
        if unmapped.count < Unmapped.limit { return true }
        if !isFull { ledger.add(.dropped, source: source, note: Self.full) }
        isFull = true
        return false
    }

    /// Does not travel with the canonical message except in the original bytes.
    func leave(_ value: JSONValue, at source: String, note: String) {
        JSONLeaves.each(of: value, at: source) { leaf, _ in
            ledger.add(.kept, source: leaf, target: "/original/body", note: note)
        }
    }
}

/// The leaves of a JSON value: scalars, and empty objects and arrays.
enum JSONLeaves {
    /// Calls `body` for each leaf, or once for the value where its leaves' paths would fill the ledger out of all
    /// proportion.
    static func each(of value: JSONValue, at path: String, _ body: (String, JSONKind) -> Void) {
        guard LeafExtent(value, path: path.utf8.count).isListed else { return body(path, value.kind) }
        walk(value, at: path, body)
    }

    private static func walk(_ value: JSONValue, at path: String, _ body: (String, JSONKind) -> Void) {
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object { walk(member.value, at: child(path, member.name), body) }
        case .array(let elements) where !elements.isEmpty:
            for (index, element) in elements.enumerated() { walk(element, at: "\(path)/\(index)", body) }
        default: body(path, value.kind)
        }
    }

    /// The JSON pointer of a member (RFC 6901 §3).
    static func child(_ path: String, _ name: String) -> String {
        guard name.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return "\(path)/\(name)" }
        return path + JSONPointer(tokens: [name]).description
    }
}
