// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A value that has one JSON form, read and written by the same table, with its JSON Schema.
package protocol JSONRepresentable: Sendable, Hashable {
    /// - Parameters:
    ///   - pointer: where `json` stands, for errors.
    ///   - unknown: collects members that the type does not know; they are reported, never an error.
    /// - Throws: `RecordError` naming the JSON pointer and the kind that was expected.
    init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError)

    var json: JSONValue { get }

    /// JSON Schema (2020-12) of the form. A record is a reference to its definition, which `Schemas` collects.
    static var schema: JSONObject { get }

    /// Records to which `schema` refers.
    static var records: [any JSONRecord.Type] { get }
}

extension JSONRepresentable {
    package static var records: [any JSONRecord.Type] { [] }
}

/// A struct whose JSON form is an object, described by `fields`.
package protocol JSONRecord: JSONRepresentable {
    init()
    /// In the order in which the members are written.
    static var fields: [Field<Self>] { get }
}

/// One member of a record.
package struct Field<Root>: Sendable {
    package let name: String
    package let isRequired: Bool
    let read: @Sendable (JSONValue, JSONPointer, inout Root, inout [JSONPointer]) throws(RecordError) -> Void
    let write: @Sendable (Root) -> JSONValue?
    let schema: @Sendable () -> JSONObject
    let records: @Sendable () -> [any JSONRecord.Type]

    /// JSON Schema of the member's value, with its description.
    package var valueSchema: JSONObject { schema() }

    /// The record that stands in the member, alone or as elements of its list.
    package var record: (any JSONRecord.Type)? { records().first }

    /// The member's value in `root`; nil where it is not written.
    package func value(in root: Root) -> JSONValue? { write(root) }

    /// A member that may be absent; null counts as absent.
    package static func optional<Value: JSONRepresentable>(
        _ name: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ note: String? = nil
    ) -> Field {
        Field(
            name: name, isRequired: false,
            read: { (json, pointer, root, unknown) throws(RecordError) in
                guard !json.isNull else { return }
                root[keyPath: path] = try Value(json: json, at: pointer, unknown: &unknown)
            },
            write: { $0[keyPath: path]?.json },
            schema: { described(Value.schema, note) }, records: { Value.records })
    }

    /// A member that must be there.
    package static func required<Value: JSONRepresentable>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ note: String? = nil
    ) -> Field {
        Field(
            name: name, isRequired: true,
            read: { (json, pointer, root, unknown) throws(RecordError) in
                root[keyPath: path] = try Value(json: json, at: pointer, unknown: &unknown)
            },
            write: { $0[keyPath: path].json },
            schema: { described(Value.schema, note) }, records: { Value.records })
    }

    /// A list that is written only when it holds something.
    package static func list<Element: JSONRepresentable>(
        _ name: String, _ path: any WritableKeyPath<Root, [Element]> & Sendable, _ note: String? = nil
    ) -> Field {
        Field(
            name: name, isRequired: false,
            read: { (json, pointer, root, unknown) throws(RecordError) in
                guard !json.isNull else { return }
                root[keyPath: path] = try [Element](json: json, at: pointer, unknown: &unknown)
            },
            write: { root in
                let list = root[keyPath: path]
                // Not `?:`, which would take nil for JSON's null.
                guard !list.isEmpty else { return nil }
                return list.json
            },
            schema: { described([Element].schema, note) }, records: { Element.records })
    }

    /// A flag that is written only when true.
    package static func flag(
        _ name: String, _ path: any WritableKeyPath<Root, Bool> & Sendable, _ note: String? = nil
    ) -> Field {
        Field(
            name: name, isRequired: false,
            read: { (json, pointer, root, unknown) throws(RecordError) in
                guard !json.isNull else { return }
                root[keyPath: path] = try Bool(json: json, at: pointer, unknown: &unknown)
            },
            write: { root in
                guard root[keyPath: path] else { return nil }
                return .bool(true)
            },
            schema: { described(Bool.schema, note) }, records: { [] })
    }

    private static func described(_ schema: JSONObject, _ note: String?) -> JSONObject {
        guard let note else { return schema }
        var output = schema
        output["description"] = .string(note)
        return output
    }
}

extension JSONRecord {
    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let object = json.objectValue else {
            throw RecordError(at: pointer, expected: "an object", found: json)
        }
        self.init()
        let fields = Self.fields
        var found = 0
        for field in fields {
            guard let value = object[field.name] else {
                if field.isRequired { throw RecordError(missing: pointer.appending(field.name)) }
                continue
            }
            found += 1
            try field.read(value, pointer.appending(field.name), &self, &unknown)
        }
        guard found < object.count else { return }
        for name in object.names where !fields.contains(where: { $0.name == name }) {
            unknown.append(pointer.appending(name))
        }
    }

    package var json: JSONValue {
        var members: [JSONMember] = []
        let fields = Self.fields
        members.reserveCapacity(fields.count)
        for field in fields {
            if let value = field.write(self) { members.append(JSONMember(name: field.name, value: value)) }
        }
        return .object(JSONObject(members))
    }

    /// The name under which schemas refer to the record.
    package static var definitionName: String { String(describing: Self.self) }

    package static var schema: JSONObject { ["$ref": .string(Schemas.reference + definitionName)] }

    package static var records: [any JSONRecord.Type] { [Self.self] }

    /// The object's own schema: one level, with references to the records in it.
    package static var definition: JSONObject {
        var properties = JSONObject()
        var required: [JSONValue] = []
        for field in Self.fields {
            properties[field.name] = .object(field.schema())
            if field.isRequired { required.append(.string(field.name)) }
        }
        var output: JSONObject = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { output["required"] = .array(required) }
        return output
    }

    static var nestedRecords: [any JSONRecord.Type] { fields.flatMap { $0.records() } }
}

/// A record's JSON that is not of the form it must have.
package struct RecordError: DisposedError, Hashable, CustomStringConvertible {
    /// Where, as JSON pointer.
    package let pointer: String
    /// What was expected and which kind was found; never the value itself.
    package let message: String

    package init(at pointer: JSONPointer, message: String) {
        self.pointer = pointer.description
        self.message = message
    }

    package init(at pointer: JSONPointer, expected: String, found: JSONValue) {
        self.init(at: pointer, message: "expected \(expected), found \(found.kindName)")
    }

    package init(missing pointer: JSONPointer) {
        self.init(at: pointer, message: "is required and missing")
    }

    package var disposition: Disposition { .reject }
    package var reason: String { "invalid-data" }
    package var description: String { "\(pointer.isEmpty ? "(root)" : pointer): \(message)" }
}
