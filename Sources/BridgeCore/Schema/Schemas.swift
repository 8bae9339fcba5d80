// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// JSON Schemas (2020-12) of what hospital systems read and write, made from the tables that read and write it.
package enum Schemas {
    /// Root of the schemas' addresses; also the `dataschema` of messages.
    package static let root = "https://ocean-bridge.ca/schemas/"
    /// Where a schema keeps the definitions of its records.
    package static let reference = "#/$defs/"

    /// One published schema.
    package struct Document: Sendable {
        /// File name under docs/schemas and last part of `$id`.
        package let name: String
        package let json: JSONValue

        /// Address of the schema.
        package var id: String { Schemas.root + name }
    }

    /// Data of every message on the hospital exchanges.
    package static func canonicalMessage() -> JSONValue {
        schema(
            of: CanonicalMessage.self, name: canonicalMessageName, title: "Canonical message",
            description: "What Ocean said, normalised, with Ocean's own bytes.")
    }

    /// Data of an update on `ocean.updates` in the product's own form.
    package static func update() -> JSONValue {
        var schema = schema(
            of: ReferralUpdate.self, name: updateName, title: "Referral update",
            description: "What a hospital system asks to be told to Ocean about one referral.")
        for member in ["referral", "site"] {
            _ = schema.set(1, at: JSONPointer(tokens: ["properties", member, "minLength"]))
        }
        return schema
    }

    /// Data of a message on `ocean.results`.
    package static func updateResult() -> JSONValue {
        schema(
            of: UpdateResult.self, name: updateResultName, title: "Result of a referral update",
            description: "What became of an update.")
    }

    /// Data of a `document.available` message on `hospital.canonical`.
    package static func documentAvailable() -> JSONValue {
        schema(
            of: DocumentAvailable.self, name: documentAvailableName, title: "Document available",
            description: "A document of a referral is kept: what it is and where, never its bytes.")
    }

    /// Data of a `launch.requested` message, and the answer to the exchange of a launch handle.
    package static func launchRequested() -> JSONValue {
        schema(
            of: LaunchRequested.self, name: launchRequestedName, title: "Launch requested",
            description: "A browser came from Ocean to the launch address of a hospital application.")
    }

    /// Data of a message on `ocean.forms`.
    package static func formRequest() -> JSONValue {
        var schema = schema(
            of: FormRequest.self, name: formRequestName, title: "Form request",
            description: "What a hospital system asks of Ocean: eForms for one patient.")
        _ = schema.set(1, at: JSONPointer(tokens: ["properties", "site", "minLength"]))
        _ = schema.set(1, at: JSONPointer(tokens: ["properties", "forms", "minItems"]))
        _ = schema.set(1, at: JSONPointer(tokens: ["properties", "forms", "items", "minLength"]))
        _ = schema.set(false, at: JSONPointer(tokens: ["additionalProperties"]))
        _ = schema.set(
            [["required": ["patient"]], ["required": ["patientRef"]]], at: JSONPointer(tokens: ["anyOf"]))
        return schema
    }

    /// Data of a message on `ocean.results` that answers a form request.
    package static func formResult() -> JSONValue {
        schema(
            of: FormResult.self, name: formResultName, title: "Result of a form request",
            description: "What became of a form request, with the link for the patient.")
    }

    package static let formRequestName = "form-request.schema.json"
    package static let formResultName = "form-result.schema.json"
    package static let documentAvailableName = "document-available.schema.json"
    package static let launchRequestedName = "launch-requested.schema.json"
    package static let canonicalMessageName = "canonical-message.schema.json"
    package static let updateName = "update.schema.json"
    package static let updateResultName = "update-result.schema.json"

    /// All published schemas.
    package static var documents: [Document] {
        [
            Document(name: canonicalMessageName, json: canonicalMessage()),
            Document(name: updateName, json: update()),
            Document(name: updateResultName, json: updateResult()),
            Document(name: documentAvailableName, json: documentAvailable()),
            Document(name: launchRequestedName, json: launchRequested()),
            Document(name: formRequestName, json: formRequest()),
            Document(name: formResultName, json: formResult()),
        ]
    }

    /// Definitions of the records and of all that they refer to, by name.
    /// - Parameter prefix: where the definitions will stand, such as `#/components/schemas/` in OpenAPI.
    package static func definitions(
        of roots: [any JSONRecord.Type], prefix: String = reference
    ) -> JSONObject {
        var found: [String: any JSONRecord.Type] = [:]
        var open = roots
        while let type = open.popLast() {
            guard found.updateValue(type, forKey: type.definitionName) == nil else { continue }
            open += type.nestedRecords
        }
        var output = JSONObject()
        for (name, type) in found.sorted(by: { $0.key < $1.key }) {
            output[name] = moved(.object(type.definition), to: prefix)
        }
        return output
    }

    private static func schema(
        of type: any JSONRecord.Type, name: String, title: String, description: String
    ) -> JSONValue {
        var output: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": .string(root + name),
            "title": .string(title), "description": .string(description),
        ]
        for member in type.definition { output[member.name] = member.value }
        let nested = definitions(of: type.nestedRecords)
        if !nested.isEmpty { output["$defs"] = .object(nested) }
        return .object(output)
    }

    private static func moved(_ schema: JSONValue, to prefix: String) -> JSONValue {
        guard prefix != reference else { return schema }
        switch schema {
        case .object(let object):
            var output = JSONObject()
            for member in object {
                if member.name == "$ref", let text = member.value.stringValue, text.hasPrefix(reference) {
                    output["$ref"] = .string(prefix + text.dropFirst(reference.count))
                } else {
                    output[member.name] = moved(member.value, to: prefix)
                }
            }
            return .object(output)
        case .array(let elements): return .array(elements.map { moved($0, to: prefix) })
        default: return schema
        }
    }
}
