// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Card {
    /// The card as a responder would send it; the topic of its source names the rule that says it.
    func json(rule: String) -> JSONValue {
        var object = JSONObject()
        object.append("uuid", uuid.map { .string($0) })
        object["summary"] = .string(summary)
        object.append("detail", detail.map { .string($0) })
        object["indicator"] = .string(indicator.rawValue)
        var said = JSONObject()
        said["label"] = .string(source.label)
        said.append("url", source.url.map { .string($0) })
        said["topic"] = ["system": .string(Self.ruleSystem), "code": .string(rule)]
        object["source"] = .object(said)
        if !links.isEmpty {
            object["links"] = .array(
                links.map { ["label": .string($0.label), "url": .string($0.url), "type": "absolute"] })
        }
        return .object(object)
    }

    /// Names the rules of the bridge in `source.topic`.
    static let ruleSystem = "https://ocean-bridge.ca/cds-rules"
}
