// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension String: JSONRepresentable {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let value = json.stringValue else { throw RecordError(at: pointer, expected: "a string", found: json) }
        self = value
    }

    package var json: JSONValue { .string(self) }
    package static var schema: JSONObject { ["type": "string"] }
}

extension Bool: JSONRepresentable {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let value = json.boolValue else {
            throw RecordError(at: pointer, expected: "true or false", found: json)
        }
        self = value
    }

    package var json: JSONValue { .bool(self) }
    package static var schema: JSONObject { ["type": "boolean"] }
}

extension Int: JSONRepresentable {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let value = json.intValue else {
            throw RecordError(at: pointer, expected: "a whole number", found: json)
        }
        self = value
    }

    package var json: JSONValue { .number(JSONNumber(self)) }
    package static var schema: JSONObject { ["type": "integer"] }
}

/// A number with the spelling in which it came: FHIR makes trailing zeros significant.
extension JSONNumber: JSONRepresentable {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let value = json.numberValue else { throw RecordError(at: pointer, expected: "a number", found: json) }
        self = value
    }

    package var json: JSONValue { .number(self) }
    package static var schema: JSONObject { ["type": "number"] }
}

/// Any JSON, taken over as it is.
extension JSONValue: JSONRepresentable {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        self = json
    }

    package var json: JSONValue { self }
    package static var schema: JSONObject { [:] }
}

extension Timestamp: JSONRepresentable {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let value = json.stringValue.flatMap({ Timestamp($0) }) else {
            throw RecordError(at: pointer, expected: "an RFC 3339 date-time with offset", found: json)
        }
        self = value
    }

    package var json: JSONValue { .string(description) }
    package static var schema: JSONObject { ["type": "string", "format": "date-time"] }
}

extension Array: JSONRepresentable where Element: JSONRepresentable {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let values = json.arrayValue else { throw RecordError(at: pointer, expected: "an array", found: json) }
        var output: [Element] = []
        output.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            output.append(try Element(json: value, at: pointer.appending(index), unknown: &unknown))
        }
        self = output
    }

    package var json: JSONValue { .array(map(\.json)) }
    package static var schema: JSONObject { ["type": "array", "items": .object(Element.schema)] }
    package static var records: [any JSONRecord.Type] { Element.records }
}

/// A closed or open set of words: unknown words are kept as they are (`RawRepresentable` structs) or refused (enums).
package protocol JSONWord: JSONRepresentable, RawRepresentable where RawValue == String {}

extension JSONWord {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let text = json.stringValue else { throw RecordError(at: pointer, expected: "a string", found: json) }
        guard let value = Self(rawValue: text) else {
            throw RecordError(
                at: pointer, message: "is not one of the known words; see the JSON Schema in docs/schemas")
        }
        self = value
    }

    package var json: JSONValue { .string(rawValue) }
    package static var schema: JSONObject { ["type": "string"] }
}

extension JSONWord where Self: CaseIterable {
    package static var schema: JSONObject {
        ["type": "string", "enum": .array(Self.allCases.map { .string($0.rawValue) })]
    }
}
