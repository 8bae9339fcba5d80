// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// The members of a card that may be left out. Each check takes away what is wrong and names the fault.
enum CardField {
    static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue, text.contains(where: { !$0.isWhitespace }) else { return nil }
        return text
    }

    /// `https`, a host, and nothing that a browser would read in its own way.
    static func isAddress(_ value: JSONValue?) -> Bool {
        guard let text = value?.stringValue, text.utf8.count <= 4096, text.hasPrefix("https://") else { return false }
        let authority = text.dropFirst(8).prefix { !"/?#".contains($0) }
        return !authority.isEmpty && !authority.contains("@")
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x5C && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E }
    }

    static func checkSource(_ card: inout JSONObject, _ faults: inout [String]) {
        guard var source = card["source"]?.objectValue else { return }
        for name in ["url", "icon"] where source[name] != nil && !isAddress(source[name]) {
            faults.append("source-\(name)")
            source[name] = nil
        }
        if let topic = source["topic"], topic.objectValue == nil {
            faults.append("source-topic")
            source["topic"] = nil
        }
        card["source"] = .object(source)
    }

    static func checkLinks(_ card: inout JSONObject, _ faults: inout [String]) {
        guard let value = card["links"] else { return }
        guard let links = value.arrayValue else {
            faults.append("links")
            card["links"] = nil
            return
        }
        let good = links.filter { link in
            guard text(link["label"]) != nil, isAddress(link["url"]), let type = link["type"]?.stringValue else {
                return false
            }
            switch type {
            case "absolute": return link["appContext"] == nil
            case "smart": return link["appContext"] == nil || link["appContext"]?.stringValue != nil
            default: return false
            }
        }
        if good.count < links.count {
            faults.append("links")
            card["links"] = .array(good)
        }
    }

    static func checkOverrideReasons(_ card: inout JSONObject, _ faults: inout [String]) {
        guard let value = card["overrideReasons"] else { return }
        let isGood =
            value.arrayValue?.allSatisfy { text($0["code"]) != nil && text($0["display"]) != nil } ?? false
        if !isGood {
            faults.append("override-reasons")
            card["overrideReasons"] = nil
        }
    }

    /// A choice is whole or not at all: one suggestion less would be another choice.
    static func checkSuggestions(_ card: inout JSONObject, _ faults: inout [String]) {
        let behavior = card["selectionBehavior"]
        let isKnown = behavior.map { $0 == "at-most-one" || $0 == "any" }
        if isKnown == false {
            faults.append("selection-behavior")
            card["selectionBehavior"] = nil
            card["suggestions"] = nil
            return
        }
        guard let value = card["suggestions"] else { return }
        var suggestions = value.arrayValue ?? []
        let recommended = suggestions.filter { $0["isRecommended"] == true }.count
        let isGood =
            value.arrayValue != nil && suggestions.allSatisfy(isSuggestion)
            && (suggestions.isEmpty || isKnown == true) && (recommended <= 1 || behavior == "any")
        guard isGood else {
            faults.append(isKnown == nil && !suggestions.isEmpty ? "selection-behavior" : "suggestions")
            card["suggestions"] = nil
            card["selectionBehavior"] = nil
            return
        }
        // Feedback names accepted suggestions by it.
        for index in suggestions.indices where suggestions[index]["uuid"] == nil {
            suggestions[index]["uuid"] = .string(CardIdentity.make(service: "suggestion", part: "\(index)"))
        }
        card["suggestions"] = .array(suggestions)
    }

    private static func isSuggestion(_ value: JSONValue) -> Bool {
        guard text(value["label"]) != nil else { return false }
        if let uuid = value["uuid"], text(uuid) == nil { return false }
        if let flag = value["isRecommended"], flag.boolValue == nil { return false }
        guard let actions = value["actions"] else { return true }
        return actions.arrayValue?.allSatisfy(isAction) ?? false
    }

    /// An action of a suggestion or of the whole answer (CDS Hooks 2.0, "Action").
    static func isAction(_ value: JSONValue) -> Bool {
        guard text(value["description"]) != nil else { return false }
        let isResource = text(value["resource"]?["resourceType"]) != nil
        switch value["type"]?.stringValue {
        case "create", "update": return isResource
        case "delete": return text(value["resourceId"]) != nil || text(value["resource"]) != nil || isResource
        default: return false
        }
    }
}
