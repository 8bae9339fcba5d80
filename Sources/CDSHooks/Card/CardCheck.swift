// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A card that keeps to CDS Hooks 2.0 and has a uuid.
package struct CheckedCard: Sendable, Hashable {
    package let uuid: String
    package let indicator: Card.Indicator
    package let json: JSONValue
}

/// Checks cards against CDS Hooks 2.0 ("Card Attributes").
///
/// A card with a fault is dropped: half understood advice is worse than none. A `critical` card is not given up for a
/// fault that can be mended without inventing anything: a summary that is too long is shortened and stands in full in
/// the detail, optional members that are wrong are left out, a uuid that is wrong is made anew.
package struct CardCheck: Sendable {
    package enum Verdict: Sendable, Hashable {
        case accepted(CheckedCard)
        /// The faults that were mended.
        case mended(CheckedCard, faults: [String])
        case dropped(faults: [String])
    }

    /// UTF-16 units, as browsers count: the specification asks for fewer.
    package static let summaryLimit = 140

    private let service: String
    private let part: String
    private var taken: Set<String>

    /// - Parameters:
    ///   - part: who says the cards: a rule's name or `request`.
    ///   - taken: uuids that others of the same answer have already.
    package init(service: String, part: String, taken: Set<String> = []) {
        self.service = service
        self.part = part
        self.taken = taken
    }

    /// The uuids in use, those of earlier cards included.
    package var uuids: Set<String> { taken }

    package mutating func check(_ card: JSONValue) -> Verdict {
        guard var object = card.objectValue else { return .dropped(faults: ["not-an-object"]) }
        guard let word = object["indicator"]?.stringValue, let indicator = Card.Indicator(rawValue: word) else {
            return .dropped(faults: ["indicator"])
        }
        guard let summary = CardField.text(object["summary"]) else { return .dropped(faults: ["summary"]) }
        guard CardField.text(object["source"]?["label"]) != nil else { return .dropped(faults: ["source"]) }
        var faults: [String] = []
        for member in object.members where member.value.isNull { object[member.name] = nil }
        if let detail = object["detail"], detail.stringValue == nil {
            faults.append("detail")
            object["detail"] = nil
        }
        if summary.utf16.count >= Self.summaryLimit {
            faults.append("summary-length")
            let detail = object["detail"]?.stringValue
            object["summary"] = .string(Self.shortened(summary))
            object["detail"] = .string(([summary] + (detail.map { [$0] } ?? [])).joined(separator: "\n\n"))
        }
        CardField.checkSource(&object, &faults)
        CardField.checkSuggestions(&object, &faults)
        CardField.checkOverrideReasons(&object, &faults)
        CardField.checkLinks(&object, &faults)
        let uuid = uuid(of: &object, &faults)
        guard faults.isEmpty || indicator == .critical else { return .dropped(faults: faults) }
        taken.insert(uuid.lowercased())
        let checked = CheckedCard(uuid: uuid, indicator: indicator, json: .object(object))
        return faults.isEmpty ? .accepted(checked) : .mended(checked, faults: faults)
    }

    private func uuid(of object: inout JSONObject, _ faults: inout [String]) -> String {
        if let value = object["uuid"] {
            if let text = value.stringValue, UUIDText.isUUID(text) {
                if !taken.contains(text.lowercased()) { return text }
                faults.append("uuid-repeated")
            } else {
                faults.append("uuid")
            }
        }
        let made = CardIdentity.make(service: service, part: part)
        object["uuid"] = .string(made)
        return made
    }

    /// Cut between characters, with an ellipsis.
    private static func shortened(_ summary: String) -> String {
        var output = ""
        var count = 0
        for character in summary {
            count += character.utf16.count
            guard count < summaryLimit - 1 else { break }
            output.append(character)
        }
        return output + "…"
    }
}
