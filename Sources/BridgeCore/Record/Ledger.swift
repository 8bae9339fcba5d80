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

    /// A referral has some hundred leaves. A ledger of hostile input would be many times as large as its source: what is
    /// beyond is counted.
    package static let limit = 20_000

    package private(set) var entries: [Entry] = []
    /// How many entries are not listed, by disposition.
    package internal(set) var unlisted: [Disposition: Int] = [:]

    package init() {}

    package mutating func add(
        _ disposition: Disposition, source: String, target: String = "", note: String? = nil
    ) {
        guard entries.count < Self.limit else { return unlisted[disposition, default: 0] += 1 }
        entries.append(Entry(source: source, target: target, disposition: disposition, note: note))
    }

    package mutating func append(_ other: Ledger) {
        for entry in other.entries {
            add(entry.disposition, source: entry.source, target: entry.target, note: entry.note)
        }
        unlisted.merge(other.unlisted, uniquingKeysWith: +)
    }

    package func count(_ disposition: Disposition) -> Int {
        entries.count { $0.disposition == disposition } + unlisted[disposition, default: 0]
    }

    /// An array of `{source, target, disposition, note}`; what is not listed comes last, with its number.
    package var json: JSONValue {
        .array(
            entries.map { entry in
                var object = JSONObject()
                object["source"] = .string(entry.source)
                object["target"] = .string(entry.target)
                object["disposition"] = .string(entry.disposition.rawValue)
                if let note = entry.note { object["note"] = .string(note) }
                return .object(object)
            }
                + unlisted.sorted { $0.key.rawValue < $1.key.rawValue }.map { disposition, count in
                    [
                        "source": "", "target": "", "disposition": .string(disposition.rawValue),
                        "note": .string("and \(count) more, not listed"),
                    ]
                })
    }
}
