// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// A member of a record as its table describes it.
struct FieldShape {
    indirect enum Shape {
        case text
        case word([String])
        case flag
        case integer
        case number
        case any
        case record(any JSONRecord.Type)
        case list(Shape)
    }

    let name: String
    let isRequired: Bool
    let shape: Shape

    static func all(of type: any JSONRecord.Type) -> [FieldShape] { read(type) }

    private static func read<Record: JSONRecord>(_ type: Record.Type) -> [FieldShape] {
        Record.fields.map { field in
            FieldShape(
                name: field.name, isRequired: field.isRequired, shape: shape(field.valueSchema, field.record))
        }
    }

    private static func shape(_ schema: JSONObject, _ record: (any JSONRecord.Type)?) -> Shape {
        if schema["$ref"] != nil, let record { return .record(record) }
        switch schema["type"]?.stringValue {
        case "array": return .list(shape(schema["items"]?.objectValue ?? JSONObject(), record))
        case "boolean": return .flag
        case "integer": return .integer
        case "number": return .number
        case "string":
            if let words = schema["enum"]?.arrayValue?.compactMap(\.stringValue), !words.isEmpty {
                return .word(words)
            }
            return .text
        default: return .any
        }
    }
}
