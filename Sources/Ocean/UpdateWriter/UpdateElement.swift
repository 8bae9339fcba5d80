// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension ElementBuilder {
    init(type: String, id: String, profile: String) {
        self.init(resourceType: type, id: id)
        put("meta", ["profile": [.string(profile)]])
    }

    mutating func put(_ name: String, text: String?) { put(name, text.map { .string($0) }) }

    mutating func put(_ name: String, texts: [String]) {
        put(name, .array(texts.filter { !$0.isEmpty }.map { .string($0) }))
    }
}

extension Coding {
    /// FHIR Coding; nil when nothing is in it.
    var updateValue: JSONValue? {
        var coding = ElementBuilder()
        coding.put("system", text: system)
        coding.put("version", text: version)
        coding.put("code", text: code)
        coding.put("display", text: display)
        // Not `?:`, which would take nil for JSON's null.
        guard !coding.isEmpty else { return nil }
        return coding.json
    }
}
