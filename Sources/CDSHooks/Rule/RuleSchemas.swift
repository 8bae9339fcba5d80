// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import JSON

/// JSON Schemas (2020-12) of the files that built-in rules read, made from the tables that read them.
package enum RuleSchemas {
    /// One published schema.
    package struct Document: Sendable {
        /// File name under docs/schemas and last part of `$id`.
        package let name: String
        package let json: JSONValue

        /// Address of the schema.
        package var id: String { Schemas.root + name }
    }

    package static let requiredAnswersName = "cds-required-answers.schema.json"
    package static let listingStateName = "cds-listing-state.schema.json"
    package static let exclusionCriteriaName = "cds-exclusion-criteria.schema.json"

    /// All of them.
    package static var documents: [Document] {
        [
            .init(
                name: requiredAnswersName,
                json: schema(
                    of: RequiredAnswersFile.self, name: requiredAnswersName, title: "Required answers",
                    description: "File of the CDS rule required-answers.")),
            .init(
                name: listingStateName,
                json: schema(
                    of: ListingStateFile.self, name: listingStateName, title: "State of listings",
                    description: "File of the CDS rule listing-state.")),
            .init(
                name: exclusionCriteriaName,
                json: schema(
                    of: ExclusionCriteriaFile.self, name: exclusionCriteriaName, title: "Exclusion criteria",
                    description: "File of the CDS rule exclusion-criteria.")),
        ]
    }

    private static func schema(
        of type: any JSONRecord.Type, name: String, title: String, description: String
    ) -> JSONValue {
        var output: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": .string(Schemas.root + name),
            "title": .string(title), "description": .string(description),
        ]
        for member in closed(type.definition).members { output[member.name] = member.value }
        var definitions = JSONObject()
        for member in Schemas.definitions(of: [type]).members where member.name != type.definitionName {
            definitions[member.name] = .object(closed(member.value.objectValue ?? [:]))
        }
        if !definitions.names.filter({ $0.hasSuffix("Test") }).isEmpty {
            definitions["Condition"] = .object(Condition.definition)
        }
        output["$defs"] = .object(definitions)
        return .object(output)
    }

    /// The readers refuse members that they do not know.
    private static func closed(_ definition: JSONObject) -> JSONObject {
        var output = definition
        output["additionalProperties"] = false
        return output
    }
}
