// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON
package import OceanSandbox
import Yams

/// A scenario read from a YAML file; JSON is YAML too.
package struct SandboxScenario: Sendable {
    /// For messages.
    package let file: String
    package let scenario: Scenario

    /// - Throws: `StartError` naming file and place.
    package init(file: String) throws(StartError) {
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw StartError(part: "sandbox", message: "\(file) cannot be read: \(error)")
        }
        try self.init(yaml: text, file: file)
    }

    /// - Throws: `StartError` naming file and place.
    package init(yaml: String, file: String) throws(StartError) {
        self.file = file
        let json = try Self.json(yaml, file)
        var unknown: [JSONPointer] = []
        do throws(RecordError) {
            scenario = try Scenario(json: json, at: .root, unknown: &unknown)
            try scenario.check()
        } catch {
            throw StartError(part: "sandbox", message: "\(file): \(error)")
        }
        if let first = unknown.first {
            throw StartError(part: "sandbox", message: "\(file): \(first) is not known; see docs/sandbox.md")
        }
    }

    private static func json(_ yaml: String, _ file: String) throws(StartError) -> JSONValue {
        do {
            guard let node = try Yams.compose(yaml: yaml) else { return [:] }
            return try value(of: node, file)
        } catch let error as StartError {
            throw error
        } catch {
            throw StartError(part: "sandbox", message: "\(file) is not readable as YAML: \(error)")
        }
    }

    private static func value(of node: Node, _ file: String) throws(StartError) -> JSONValue {
        switch node {
        case .alias:
            let place = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
            throw StartError(part: "sandbox", message: "\(file)\(place): YAML aliases are not allowed")
        case .sequence(let sequence):
            var values: [JSONValue] = []
            for item in sequence { values.append(try value(of: item, file)) }
            return .array(values)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, item) in mapping { object[key.string ?? ""] = try value(of: item, file) }
            return .object(object)
        case .scalar(let scalar):
            // A quoted scalar is a text, whatever it looks like.
            guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
            if let number = Int(scalar.string) { return .number(JSONNumber(number)) }
            switch scalar.string {
            case "true": return true
            case "false": return false
            case "null", "~", "": return .null
            default: return .string(scalar.string)
            }
        }
    }
}
