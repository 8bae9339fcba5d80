// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Keeps account of a writing: which canonical leaf went where. What nobody accounted for is dropped, and said so.
final class WritingLog {
    private var written: [String: (target: String, note: String?)] = [:]
    private var omitted: [String: String] = [:]

    /// The value at `source`, with everything in it, stands at `target`.
    func wrote(_ source: String, to target: String, note: String? = nil) { written[source] = (target, note) }

    /// Left out on purpose, with everything in it.
    func omit(_ source: String, note: String) { omitted[source] = note }

    /// One entry for every leaf of `canonical`, in its order.
    func ledger(of canonical: JSONValue, at root: String) -> Ledger {
        var ledger = Ledger()
        JSONLeaves.each(of: canonical, at: root) { leaf, _ in
            var place = Substring(leaf)
            while true {
                if let note = omitted[String(place)] {
                    return ledger.add(.dropped, source: leaf, note: note)
                }
                if let (target, note) = written[String(place)] {
                    return ledger.add(.kept, source: leaf, target: target, note: note)
                }
                guard let slash = place.lastIndex(of: "/"), slash > place.startIndex else { break }
                place = place[..<slash]
            }
            ledger.add(.dropped, source: leaf, note: "Ocean JSON has no member for it")
        }
        return ledger
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

    mutating func put(_ name: String, _ text: String?, from source: String, note: String? = nil) {
        put(name, text.map { .string($0) }, from: source, note: note)
    }

    /// A member whose parts have accounted for themselves, or that no canonical leaf stands for.
    mutating func put(_ name: String, _ value: JSONValue?) {
        guard let value else { return }
        object[name] = value
    }
}
