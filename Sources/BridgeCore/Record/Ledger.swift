// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a translation did with every source path: nothing is dropped in silence.
package struct Ledger: Sendable, Hashable {
    package enum Disposition: String, Sendable, Hashable {
        /// Taken over, possibly into `unmapped`.
        case kept
        /// Not in the source; filled in by rule.
        case defaulted
        /// The target cannot hold it.
        case dropped
        /// Not taken over because it is not of the form it must have.
        case refused
    }

    package struct Entry: Sendable, Hashable {
        /// Place in the source (JSON pointer); empty for a defaulted target.
        package let source: String
        /// Place in the target; empty when dropped.
        package let target: String
        package let disposition: Disposition
        /// Why; never the value.
        package let note: String?

        package init(source: String, target: String, disposition: Disposition, note: String? = nil) {
            self.source = source
            self.target = target
            self.disposition = disposition
            self.note = note
        }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package mutating func add(
        _ disposition: Disposition, source: String, target: String = "", note: String? = nil
    ) {
        entries.append(Entry(source: source, target: target, disposition: disposition, note: note))
    }

    package mutating func append(_ other: Ledger) {
        entries += other.entries
    }

    package func count(_ disposition: Disposition) -> Int {
        entries.count { $0.disposition == disposition }
    }

    /// An array of `{source, target, disposition, note}`.
    package var json: JSONValue {
        .array(
            entries.map { entry in
                var object = JSONObject()
                object["source"] = .string(entry.source)
                object["target"] = .string(entry.target)
                object["disposition"] = .string(entry.disposition.rawValue)
                if let note = entry.note { object["note"] = .string(note) }
                return .object(object)
            })
    }
}
