// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What an operator asks of the dead letters, whichever way it comes.
package struct DeadLetterRequest: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable {
        case list, show, replay, discard
    }

    package var action: Action
    /// Message ids or letter keys.
    package var ids: [String] = []
    /// Narrow the choice; with no ids they name a whole group.
    package var lane: String?
    package var cause: String?
    package var stage: String?
    /// Who asks, and why: for the audit trail.
    package var actor = ""
    package var reason = ""
    package var dryRun = false
    /// `show`: with the bodies, which hold patient data.
    package var body = false
    /// `list`: at most so many letters beside the groups.
    package var letters = 0

    package static let mostLetters = 1000
    package static let mostIDs = 1000
    private static let longestText = 300

    package init(_ action: Action) {
        self.action = action
    }

    /// The members of a JSON body.
    package var json: JSONValue {
        var object = JSONObject()
        object["ids"] = .array(ids.map { .string($0) })
        object.append("lane", lane.map { .string($0) })
        object.append("cause", cause.map { .string($0) })
        object.append("stage", stage.map { .string($0) })
        object["actor"] = .string(actor)
        object["reason"] = .string(reason)
        object["dryRun"] = .bool(dryRun)
        return .object(object)
    }

    /// Why the request cannot be served; nil when it can.
    package var fault: String? {
        for text in [lane, cause, stage, actor, reason].compactMap({ $0 }) {
            guard text.count <= Self.longestText, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
                return "texts have at most \(Self.longestText) characters and no line breaks"
            }
        }
        if ids.count > Self.mostIDs { return "at most \(Self.mostIDs) ids at once: name a group instead" }
        if ids.contains(where: { $0.isEmpty || $0.utf8.count > 600 }) { return "an id has 1 to 600 bytes" }
        if !(0...Self.mostLetters).contains(letters) { return "letters is 0 to \(Self.mostLetters)" }
        switch action {
        case .list: return nil
        case .show: return ids.count == 1 ? nil : "name one id"
        case .replay, .discard:
            let isEmpty = ids.isEmpty && lane == nil && cause == nil && stage == nil
            return isEmpty ? "name ids, or a group by lane, cause or stage" : nil
        }
    }
}

extension DeadLetterRequest {
    /// Reads the members of a JSON body.
    ///
    /// - Returns: nil and the pointer of the member that is not of its kind.
    package init?(_ action: Action, _ object: JSONObject, fault: inout String) {
        self.init(action)
        for member in object {
            fault = "/" + member.name
            switch member.name {
            case "ids":
                guard let list = member.value.arrayValue else { return nil }
                for value in list {
                    guard let id = value.stringValue else { return nil }
                    ids.append(id)
                }
            case "dryRun":
                guard let flag = member.value.boolValue else { return nil }
                dryRun = flag
            case "lane", "cause", "stage", "actor", "reason":
                guard let text = member.value.stringValue else { return nil }
                set(member.name, text)
            default: return nil
            }
        }
    }

    /// Sets the text member of that name; any other is left out.
    package mutating func set(_ name: String, _ text: String) {
        switch name {
        case "lane": lane = text
        case "cause": cause = text
        case "stage": stage = text
        case "actor": actor = text
        case "reason": reason = text
        default: break
        }
    }
}
