// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// How much room a ledger would take that names each leaf of a part, against the part itself. Long member names over
/// many small values would otherwise make the ledger hundreds of times as large as its source.
struct LeafExtent {
    /// Bytes of all leaves' paths, with what a line of the ledger costs besides.
    private var ledger = 0
    /// Bytes of the part as JSON text, roughly.
    private var text = 0

    private static let line = 96
    /// What a small part may take in any case.
    private static let allowance = 8_192

    /// - Parameter path: bytes of the part's own path.
    init(_ value: JSONValue, path: Int) { walk(value, path) }

    /// Whether the leaves are named one by one, or the part once.
    var isListed: Bool { ledger <= Self.allowance + 16 * text }

    private mutating func walk(_ value: JSONValue, _ path: Int) {
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object.members {
                let length = member.name.utf8.count
                text += length + 4
                walk(member.value, path + length + 1)
            }
        case .array(let elements) where !elements.isEmpty:
            for element in elements {
                text += 1
                walk(element, path + 4)
            }
        case .string(let string):
            text += string.utf8.count + 2
            ledger += path + Self.line
        case .number(let number):
            text += number.text.utf8.count
            ledger += path + Self.line
        case .object, .array, .bool, .null:
            text += 4
            ledger += path + Self.line
        }
    }
}
