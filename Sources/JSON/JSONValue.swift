// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A JSON value in memory, without loss: members keep their order, numbers their spelling.
///
/// Equality is exact: strings by bytes, numbers by text, objects with their order.
package enum JSONValue: Sendable {
    /// Members in order.
    case object(JSONObject)
    /// Elements in order.
    case array([JSONValue])
    /// A text, decoded.
    case string(String)
    /// A number as spelled.
    case number(JSONNumber)
    /// `true` or `false`.
    case bool(Bool)
    /// `null`.
    case null

    /// Parses one JSON text, which must fill `bytes` but for whitespace.
    /// - Throws: `JSONError` with the place of the first fault found.
    package init(
        parsing bytes: some Collection<UInt8> & Sendable, limits: JSONLimits = .default
    ) throws(JSONError) {
        let result = bytes.withContiguousStorageIfAvailable { JSONValue.parse($0, limits: limits) }
        self = try (result ?? Array(bytes).withUnsafeBufferPointer { JSONValue.parse($0, limits: limits) }).get()
    }

    /// Parses one JSON text.
    /// - Throws: `JSONError`; its offset and column count UTF-8 bytes.
    package init(parsing text: String, limits: JSONLimits = .default) throws(JSONError) {
        self = try text.withBytes { JSONValue.parse($0, limits: limits) }.get()
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits
    ) -> Result<JSONValue, JSONError> {
        do throws(JSONError) {
            let nodes = try TapeParser.tape(of: bytes, limits: limits)
            return .success(TapeReader.value(bytes: bytes, nodes: nodes, at: 0))
        } catch {
            return .failure(error)
        }
    }

    /// "object", "array", "string", "number", "bool" or "null": for error texts.
    package var kindName: String { kind.rawValue }

    /// The kind of this value.
    package var kind: JSONKind {
        switch self {
        case .object: .object
        case .array: .array
        case .string: .string
        case .number: .number
        case .bool: .bool
        case .null: .null
        }
    }
}

/// The six kinds of JSON value.
package enum JSONKind: String, Sendable, Hashable, CaseIterable {
    case object, array, string, number, bool, null
}

extension JSONValue: Hashable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let left), .object(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.number(let left), .number(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.null, .null): true
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        switch self {
        case .object(let object): object.hash(into: &hasher)
        case .array(let elements): elements.hash(into: &hasher)
        case .string(let text): text.hashBytes(into: &hasher)
        case .number(let number): number.hash(into: &hasher)
        case .bool(let flag): flag.hash(into: &hasher)
        case .null: break
        }
    }
}
