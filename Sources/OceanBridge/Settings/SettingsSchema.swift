// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The JSON Schema of the settings file and its reference page, both made from the declarations.
package enum SettingsSchema {
    /// JSON Schema 2020-12 of `ocean-bridge.yaml`.
    package static var json: JSONValue {
        var root = Section()
        for declaration in SettingDeclaration.all {
            root.insert(declaration, declaration.path[...])
            if declaration.kind == .secret, let last = declaration.path.last {
                let file = SettingDeclaration(
                    (declaration.path.dropLast() + [last + "File"]).joined(separator: "."), .text,
                    "file that holds \(last)")
                root.insert(file, file.path[...])
            }
        }
        var object: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://ocean-bridge.ca/schemas/settings.schema.json", "title": "Ocean Bridge settings",
        ]
        for member in root.schema.members { object[member.name] = member.value }
        return .object(object)
    }

    /// The table of docs/configuration.md.
    package static var markdown: String {
        var lines = ["| Setting | Kind | Default | Meaning |", "|---|---|---|---|"]
        for declaration in SettingDeclaration.all {
            let standard = declaration.defaultText.map { "`\($0)`" } ?? ""
            lines.append(
                "| `\(declaration.name)` | \(declaration.kind.word) | \(standard) | \(declaration.note) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private struct Section {
        var children: [(name: String, section: Section)] = []
        var declaration: SettingDeclaration?

        mutating func insert(_ declaration: SettingDeclaration, _ path: ArraySlice<String>) {
            guard let first = path.first else {
                self.declaration = declaration
                return
            }
            if let index = children.firstIndex(where: { $0.name == first }) {
                children[index].section.insert(declaration, path.dropFirst())
            } else {
                var section = Section()
                section.insert(declaration, path.dropFirst())
                children.append((first, section))
            }
        }

        var schema: JSONObject {
            if let declaration { return declaration.kind.schema(declaration) }
            var object: JSONObject = ["type": ["object", "null"]]
            if let chosen = children.first(where: { $0.name == "*" }) {
                object["additionalProperties"] = .object(chosen.section.schema)
            } else {
                object["properties"] = .object(
                    JSONObject(children.map { JSONMember(name: $0.name, value: .object($0.section.schema)) }))
                object["additionalProperties"] = false
            }
            return object
        }
    }
}

extension SettingDeclaration.Kind {
    var word: String {
        switch self {
        case .text: "text"
        case .integer(let range): "\(range.lowerBound)–\(range.upperBound)"
        case .flag: "true or false"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .words(let words): "some of " + words.map { "`\($0)`" }.joined(separator: ", ")
        case .duration: "duration"
        case .secret: "secret (or `…File`)"
        }
    }

    func schema(_ declaration: SettingDeclaration) -> JSONObject {
        var object = JSONObject()
        switch self {
        case .text, .secret:
            object["type"] = ["string", "number"]
        case .integer(let range):
            object["type"] = "integer"
            object["minimum"] = .number(JSONNumber(range.lowerBound))
            object["maximum"] = .number(JSONNumber(range.upperBound))
        case .flag:
            object["type"] = "boolean"
        case .choice(let words):
            object["enum"] = .array(words.map { .string($0) })
        case .words(let words):
            object["type"] = ["array", "string"]
            object["items"] = ["enum": .array(words.map { .string($0) })]
        case .duration:
            object["type"] = "string"
            object["pattern"] = "^[0-9]+(ms|s|m|h|d)$"
        }
        object["description"] = .string(declaration.note)
        if let text = declaration.defaultText { object["default"] = .string(text) }
        return object
    }
}
