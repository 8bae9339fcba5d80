// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Checks values against a JSON Schema (2020-12), as far as the product's own schemas go: `type`, `enum`, `const`,
/// `properties`, `additionalProperties`, `required`, `items`, `minLength`, `minItems`, `anyOf` and local `$ref`.
/// Annotations are passed over.
///
/// A schema that uses any other keyword is refused, rather than checked in part.
package struct SchemaCheck: Sendable {
    /// Where a value breaks the schema; never the value itself.
    package struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// The place in the value.
        package let pointer: JSONPointer
        package let message: String

        package var description: String { "\(pointer.tokens.isEmpty ? "(root)" : pointer.description): \(message)" }
    }

    private let schema: JSONValue

    /// Nil when the schema uses a keyword that is not checked, or refers to what it does not hold.
    package init?(schema: JSONValue) {
        self.schema = schema
        guard understands(schema) else { return nil }
    }

    /// Everything that is wrong with `value`; empty when it is valid.
    package func faults(in value: JSONValue) -> [Fault] {
        var faults: [Fault] = []
        check(value, against: schema, at: .root, depth: 0, into: &faults)
        return faults
    }

    private static let annotations: Set<String> = ["$schema", "$id", "title", "description", "format", "$comment"]

    private func understands(_ schema: JSONValue) -> Bool {
        guard let object = schema.objectValue else { return schema.boolValue == true }
        for member in object {
            switch member.name {
            case "type", "enum", "const", "required", "minLength", "minItems": continue
            case "anyOf":
                guard member.value.arrayValue?.allSatisfy({ understands($0) }) == true else { return false }
            case "properties", "$defs":
                guard member.value.objectValue?.allSatisfy({ understands($0.value) }) == true else { return false }
            case "items": guard understands(member.value) else { return false }
            case "additionalProperties":
                guard member.value.boolValue != nil || understands(member.value) else { return false }
            case "$ref": guard target(of: member.value) != nil else { return false }
            default: guard Self.annotations.contains(member.name) else { return false }
            }
        }
        return true
    }

    private func target(of reference: JSONValue) -> JSONValue? {
        guard let text = reference.stringValue, text.hasPrefix("#") else { return nil }
        do throws(JSONPointerError) {
            return schema.value(at: try JSONPointer(String(text.dropFirst())))
        } catch {
            return nil
        }
    }

    private func check(
        _ value: JSONValue, against schema: JSONValue, at pointer: JSONPointer, depth: Int, into faults: inout [Fault]
    ) {
        guard let object = schema.objectValue else { return }
        func fault(_ message: String) { faults.append(Fault(pointer: pointer, message: message)) }
        // References that only name each other would never end.
        guard depth < 32 else { return fault("the schema refers to itself without end") }
        if let reference = object["$ref"], let target = target(of: reference) {
            check(value, against: target, at: pointer, depth: depth + 1, into: &faults)
        }
        if let type = object["type"] {
            let names = type.arrayValue?.compactMap(\.stringValue) ?? [type.stringValue ?? ""]
            if !names.contains(where: { Self.isOfType(value, $0) }) {
                return fault("expected \(names.joined(separator: " or ")), found \(value.kindName)")
            }
        }
        if let allowed = object["enum"]?.arrayValue, !allowed.contains(value) { fault("is none of the allowed values") }
        if let constant = object["const"], constant != value { fault("is not the constant of the schema") }
        if let minimum = object["minLength"]?.intValue, let text = value.stringValue,
            text.unicodeScalars.count < minimum
        {
            fault("is shorter than \(minimum)")
        }
        if let minimum = object["minItems"]?.intValue, let elements = value.arrayValue, elements.count < minimum {
            fault("has fewer than \(minimum) elements")
        }
        if let choices = object["anyOf"]?.arrayValue {
            let fits = choices.contains { choice in
                var found: [Fault] = []
                check(value, against: choice, at: pointer, depth: depth + 1, into: &found)
                return found.isEmpty
            }
            if !fits { fault("fits none of the alternatives") }
        }
        if object["additionalProperties"] == .bool(false), let members = value.objectValue {
            let known = object["properties"]?.objectValue ?? JSONObject()
            for member in members where known[member.name] == nil {
                faults.append(Fault(pointer: pointer.appending(member.name), message: "there is no such member"))
            }
        }
        if let members = value.objectValue {
            for name in object["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where members[name] == nil {
                faults.append(Fault(pointer: pointer.appending(name), message: "is required and missing"))
            }
            for property in object["properties"]?.objectValue ?? JSONObject() {
                guard let member = members[property.name] else { continue }
                check(member, against: property.value, at: pointer.appending(property.name), depth: 0, into: &faults)
            }
            if let others = object["additionalProperties"] {
                let named = Set((object["properties"]?.objectValue ?? JSONObject()).names)
                for member in members where !named.contains(member.name) {
                    check(member.value, against: others, at: pointer.appending(member.name), depth: 0, into: &faults)
                }
            }
        }
        if let items = object["items"], let elements = value.arrayValue {
            for (index, element) in elements.enumerated() {
                check(element, against: items, at: pointer.appending(index), depth: 0, into: &faults)
            }
        }
    }

    private static func isOfType(_ value: JSONValue, _ name: String) -> Bool {
        switch name {
        case "integer":
            // JSON Schema counts 1.0 as an integer.
            value.numberValue.map {
                $0.intValue != nil || $0.text.utf8.allSatisfy { $0 == 0x2D || $0 >= 0x30 && $0 <= 0x39 }
            }
                ?? false
        case "boolean": value.kind == .bool
        default: value.kind.rawValue == name
        }
    }
}
