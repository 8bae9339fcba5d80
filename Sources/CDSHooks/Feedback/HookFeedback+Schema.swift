// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import JSON

extension HookFeedback {
    /// File name under docs/schemas and last part of the message's `dataschema`.
    package static let schemaName = "cds-feedback.schema.json"

    /// JSON Schema (2020-12) of the data of a `cds.feedback` message.
    package static var schema: JSONValue {
        let text: JSONValue = ["type": "string", "minLength": 1]
        let item: JSONValue = [
            "type": "object", "required": ["card", "outcome", "outcomeTimestamp"],
            "properties": [
                "card": text, "outcome": ["enum": ["accepted", "overridden"]],
                "outcomeTimestamp": ["type": "string", "format": "date-time"],
                "acceptedSuggestions": [
                    "type": ["array", "null"],
                    "items": ["type": "object", "required": ["id"], "properties": ["id": text]],
                ],
                "overrideReason": [
                    "type": ["object", "null"], "description": "the clinician's words may speak of the patient",
                ],
                "rule": [
                    "type": "string",
                    "description":
                        "who said the card: a rule, or request; absent for a uuid of the hospital's own",
                ],
            ],
        ]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": .string(Schemas.root + schemaName),
            "title": "Feedback on CDS cards",
            "description": "What clinicians did with cards of one CDS service (CDS Hooks 2.0, Feedback).",
            "type": "object", "required": ["service", "hook", "feedback"],
            "properties": [
                "service": text, "hook": text, "feedback": ["type": "array", "items": item],
            ],
        ]
    }
}
