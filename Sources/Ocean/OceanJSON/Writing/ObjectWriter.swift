// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Keeps account of a writing: which canonical leaf went where. What nobody accounted for is dropped, and said so.
final class WritingLog {
    private enum Fate {
        case written(target: String, note: String?)
        case omitted(note: String)
    }

    private var fates: [String: Fate] = [:]
    private var defaults: [(target: String, note: String)] = []

    /// The value at `source`, with everything in it, stands at `target`.
    func wrote(_ source: String, to target: String, note: String? = nil) {
        fates[source] = .written(target: target, note: note)
    }

    /// Left out on purpose, with everything in it.
    func omit(_ source: String, note: String) { fates[source] = .omitted(note: note) }

    /// Written although no canonical leaf says it.
    func fillIn(_ target: String, note: String) { defaults.append((target, note)) }

    /// One entry for every leaf of `canonical`, in its order, then one for every member that was filled in.
    ///
    /// - Parameter sealed: the place of the encrypted form for a place of the decrypted one; nil where it is the same.
    func ledger(of canonical: JSONValue, at root: String, sealed: (String) -> String? = { _ in nil }) -> Ledger {
        var ledger = Ledger()
        JSONLeaves.each(of: canonical, at: root) { leaf, kind in
            switch fate(of: leaf) {
            case .written(let target, let note):
                if let place = sealed(target) {
                    ledger.add(.kept, source: leaf, target: place, note: "encrypted")
                } else {
                    ledger.add(.kept, source: leaf, target: target, note: note)
                }
            case .omitted(let note): ledger.add(.dropped, source: leaf, note: note)
            case nil where (kind == .object || kind == .array) && Self.isEmpty(leaf, in: canonical, at: root):
                ledger.add(.kept, source: leaf, note: "\(kind.rawValue), says nothing")
            case nil where leaf.hasSuffix("/plainText") || leaf.hasSuffix("/plainDescription"):
                ledger.add(.kept, source: leaf, note: "made anew from the text beside it")
            case nil: ledger.add(.dropped, source: leaf, note: "Ocean JSON has no member for it")
            }
        }
        for filled in defaults { ledger.add(.defaulted, source: "", target: filled.target, note: filled.note) }
        return ledger
    }

    private static func isEmpty(_ leaf: String, in canonical: JSONValue, at root: String) -> Bool {
        guard let pointer = try? JSONPointer(String(leaf.dropFirst(root.count))) else { return false }
        return canonical.value(at: pointer).map(ObjectReader.saysNothing) ?? false
    }

    /// What was said of the leaf itself, else of the nearest structure round it.
    private func fate(of leaf: String) -> Fate? {
        var place = leaf
        while !place.isEmpty {
            if let fate = fates[place] { return fate }
            guard let slash = place.utf8.lastIndex(of: 0x2F) else { return nil }
            place = String(place[..<slash])
        }
        return nil
    }
}

/// Builds one object and says in the log where its members came from.
struct ObjectWriter {
    private(set) var object = JSONObject()
    let path: String
    let log: WritingLog

    init(at path: String, log: WritingLog) {
        self.path = path
        self.log = log
    }

    /// Nil without members.
    var json: JSONValue? {
        guard !object.isEmpty else { return nil }
        return .object(object)
    }

    func has(_ name: String) -> Bool { object[name] != nil }

    mutating func put(_ name: String, _ value: JSONValue?, from source: String, note: String? = nil) {
        guard let value else { return }
        object[name] = value
        log.wrote(source, to: JSONLeaves.child(path, name), note: note)
    }

    /// A text. An empty one says nothing in Ocean JSON and is left out.
    mutating func put(_ name: String, _ text: String?, from source: String, note: String? = nil) {
        guard let text else { return }
        guard !text.isEmpty else { return log.omit(source, note: "an empty text says nothing") }
        put(name, .string(text), from: source, note: note)
    }

    /// A date as ISO text. What is no date is left out: a reader could not tell what it is.
    mutating func putDate(_ name: String, _ date: String?, from source: String, note: String? = nil) {
        guard let date else { return }
        guard let text = OceanDate.text(date) else { return log.omit(source, note: "not a date") }
        put(name, text, from: source, note: note)
    }

    /// A member that no canonical leaf says.
    mutating func fillIn(_ name: String, _ value: JSONValue, note: String) {
        object[name] = value
        log.fillIn(JSONLeaves.child(path, name), note: note)
    }

    /// A member whose parts have accounted for themselves, or that no canonical leaf stands for.
    mutating func put(_ name: String, _ value: JSONValue?) {
        guard let value else { return }
        object[name] = value
    }
}
