// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// A member's value; nil when this is no object or has no such member. Setting works as on `JSONObject`, and does
    /// nothing when this is no object.
    package subscript(name: String) -> JSONValue? {
        get { objectValue?[name] }
        set {
            guard case .object(var object) = self else { return }
            // The only reference must be the local one, or the change copies every member.
            self = .null
            object[name] = newValue
            self = .object(object)
        }
    }

    /// An element counted from 0; nil when this is no array or has no such element.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text of a string; nil for any other kind.
    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number; nil for any other kind.
    package var numberValue: JSONNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The number when it is an exact integer (see `JSONNumber.intValue`); nil otherwise.
    package var intValue: Int? { numberValue?.intValue }

    /// The truth value; nil for any other kind.
    package var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The elements; nil for any other kind.
    package var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The object; nil for any other kind.
    package var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// Whether this is `null`.
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONMember(name: $0.0, value: $0.1) }))
    }
}
