// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension Ledger {
    /// What only holds the source together, such as addresses within a bundle: the target has its own.
    package static let structure = "structure of the source; the target has its own"

    /// What did not arrive, structure aside.
    package var losses: [Entry] {
        entries.filter { entry in
            (entry.disposition == .dropped || entry.disposition == .refused) && entry.note != Self.structure
        }
    }

    /// Every leaf of `json` kept where it is.
    ///
    /// - Parameters:
    ///   - root: pointer in the target under which the whole value stands.
    ///   - unknown: pointers of parts that were not taken over, with why.
    package static func identity(
        of json: JSONValue, under root: String = "", without unknown: [String: String] = [:]
    ) -> Ledger {
        var ledger = Ledger()
        ledger.walk(json, at: "", root, unknown)
        return ledger
    }

    private mutating func walk(_ value: JSONValue, at place: String, _ root: String, _ unknown: [String: String]) {
        if let note = unknown[place] { return add(.dropped, source: place, note: note) }
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object.members {
                walk(member.value, at: place + JSONPointer(tokens: [member.name]).description, root, unknown)
            }
        case .array(let elements) where !elements.isEmpty:
            for (index, element) in elements.enumerated() { walk(element, at: "\(place)/\(index)", root, unknown) }
        default: add(.kept, source: place, target: root + place)
        }
    }

    /// The same account with targets from the canonical message's root, for readers that count from one part of it.
    package func rooted(at root: String) -> Ledger {
        var output = Ledger()
        for entry in entries {
            let isRooted =
                entry.target.isEmpty
                || [root, "/original", "/event", "/subject"].contains {
                    entry.target == $0 || entry.target.hasPrefix($0 + "/")
                }
            output.add(
                entry.disposition, source: entry.source, target: isRooted ? entry.target : root + entry.target,
                note: entry.note)
        }
        output.unlisted = unlisted
        return output
    }

    /// The account of this translation and the next one together: from the first source to the last target.
    ///
    /// Each entry of this ledger gives one; what the next one filled in, or made from what this one derived, is added as
    /// defaulted.
    package func composed(with next: Ledger) -> Ledger {
        var index = PlaceIndex(next)
        var output = Ledger()
        for entry in entries {
            guard entry.disposition == .kept || entry.disposition == .refused, !entry.target.isEmpty else {
                output.append(entry)
                continue
            }
            guard !entry.target.hasPrefix("/original") else {
                output.add(.dropped, source: entry.source, note: Self.structure)
                continue
            }
            guard let found = index.take(entry.target) else {
                output.add(.dropped, source: entry.source, note: "no part of the target says it")
                continue
            }
            let notes = [entry.note, found.note].compactMap { $0 }
            output.add(
                found.disposition == .kept ? entry.disposition : found.disposition, source: entry.source,
                target: found.target, note: notes.isEmpty ? nil : notes.joined(separator: "; "))
        }
        for (place, entry) in next.entries.enumerated() {
            if entry.disposition == .defaulted {
                output.append(entry)
            } else if entry.disposition == .kept, !index.isTaken(place), !entry.target.isEmpty {
                output.add(.defaulted, source: "", target: entry.target, note: "made from \(entry.source)")
            }
        }
        output.unlisted.merge(unlisted, uniquingKeysWith: +)
        return output
    }

    private mutating func append(_ entry: Entry) {
        add(entry.disposition, source: entry.source, target: entry.target, note: entry.note)
    }
}

/// The entries of a ledger by their sources.
private struct PlaceIndex {
    private let entries: [Ledger.Entry]
    /// Numbers of entries in the order of their sources.
    private let sorted: [Int]
    private var taken: [Bool]

    init(_ ledger: Ledger) {
        let entries = ledger.entries
        self.entries = entries
        sorted = entries.indices.filter { !entries[$0].source.isEmpty }.sorted {
            entries[$0].source.utf8.lexicographicallyPrecedes(entries[$1].source.utf8)
        }
        taken = Array(repeating: false, count: entries.count)
    }

    func isTaken(_ place: Int) -> Bool { taken[place] }

    /// The entry of a place, else of what it stands in, else of the first part of it that was kept.
    mutating func take(_ place: String) -> Ledger.Entry? {
        var outer = place[...]
        while !outer.isEmpty {
            if let found = number(of: outer) {
                taken[found] = true
                return entries[found]
            }
            guard let slash = outer.utf8.lastIndex(of: 0x2F) else { break }
            outer = outer[..<slash]
        }
        let parts = numbers(under: place + "/")
        for part in parts { taken[part] = true }
        let kept = parts.first { entries[$0].disposition == .kept }
        return (kept ?? parts.first).map { entries[$0] }
    }

    private func number(of place: Substring) -> Int? {
        let start = lowerBound(place)
        guard start < sorted.count, entries[sorted[start]].source == place else { return nil }
        return sorted[start]
    }

    private func numbers(under prefix: String) -> [Int] {
        var output: [Int] = []
        var position = lowerBound(prefix[...])
        while position < sorted.count, entries[sorted[position]].source.hasPrefix(prefix) {
            output.append(sorted[position])
            position += 1
        }
        return output
    }

    private func lowerBound(_ place: Substring) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if entries[sorted[middle]].source.utf8.lexicographicallyPrecedes(place.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
