// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A value inside a `JSONDocument`: a view that copies and decodes only what is asked for.
package struct JSONNode: Sendable {
    let storage: TapeStorage
    let index: Int

    @inline(__always) var tapeNode: TapeNode { storage.nodes[index] }

    /// The kind of the value.
    package var kind: JSONKind {
        switch tapeNode.kind {
        case .null: .null
        case .true, .false: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// A member's value; nil when this is no object or has no such member. Compares names in place.
    package subscript(name: String) -> JSONNode? {
        let node = tapeNode
        guard node.kind == .object else { return nil }
        let found = name.withBytes { wanted in
            storage.bytes.withUnsafeBufferPointer { bytes in
                storage.nodes.withUnsafeBufferPointer { nodes -> Int? in
                    var place = index + 1
                    for _ in 0..<node.count {
                        if TapeReader.isString(bytes, nodes[place], wanted) { return place + 1 }
                        place = Int(nodes[place + 1].next)
                    }
                    return nil
                }
            }
        }
        return found.map { JSONNode(storage: storage, index: $0) }
    }

    /// An element counted from 0; nil when this is no array or has no such element. Walks over the ones before it.
    package subscript(index: Int) -> JSONNode? {
        let node = tapeNode
        guard node.kind == .array, index >= 0, index < node.count else { return nil }
        var place = self.index + 1
        for _ in 0..<index { place = Int(storage.nodes[place].next) }
        return JSONNode(storage: storage, index: place)
    }

    /// The number of elements or members; 0 for other kinds.
    package var count: Int { tapeNode.count }

    /// The elements of an array, in order; none for other kinds.
    package var elements: JSONNodeElements {
        JSONNodeElements(storage: storage, place: index + 1, remaining: kind == .array ? count : 0)
    }

    /// The members of an object, in order, names decoded; none for other kinds.
    package var members: JSONNodeMembers {
        JSONNodeMembers(storage: storage, place: index + 1, remaining: kind == .object ? count : 0)
    }

    /// The text of a string, decoded; nil for any other kind.
    package var stringValue: String? {
        guard tapeNode.kind == .string else { return nil }
        return storage.bytes.withUnsafeBufferPointer { TapeReader.string($0, tapeNode) }
    }

    /// The number as spelled; nil for any other kind.
    package var numberValue: JSONNumber? {
        guard tapeNode.kind == .number else { return nil }
        return JSONNumber(accepted: String(decoding: rawBytes, as: UTF8.self))
    }

    /// The number when it is an exact integer (see `JSONNumber.intValue`); nil otherwise.
    package var intValue: Int? { numberValue?.intValue }

    /// The truth value; nil for any other kind.
    package var boolValue: Bool? {
        switch tapeNode.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// Whether this is `null`.
    package var isNull: Bool { tapeNode.kind == .null }

    /// Whether this is a string with exactly the bytes of `text`; builds no string.
    package func equals(_ text: String) -> Bool {
        let node = tapeNode
        guard node.kind == .string else { return false }
        return text.withBytes { wanted in
            storage.bytes.withUnsafeBufferPointer { TapeReader.isString($0, node, wanted) }
        }
    }

    /// Where the value stands in the document's bytes, quotes or brackets included.
    package var rawRange: Range<Int> { tapeNode.range }

    /// The value as received.
    package var rawBytes: ArraySlice<UInt8> { storage.bytes[rawRange] }

    /// The value in memory, independent of the document.
    package var value: JSONValue {
        storage.bytes.withUnsafeBufferPointer {
            TapeReader.value(bytes: $0, nodes: storage.nodes, at: index)
        }
    }
}

/// The elements of an array in a document.
package struct JSONNodeElements: Sequence, IteratorProtocol, Sendable {
    let storage: TapeStorage
    var place: Int
    var remaining: Int

    package var underestimatedCount: Int { remaining }

    package mutating func next() -> JSONNode? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        defer { place = Int(storage.nodes[place].next) }
        return JSONNode(storage: storage, index: place)
    }
}

/// The members of an object in a document.
package struct JSONNodeMembers: Sequence, IteratorProtocol, Sendable {
    let storage: TapeStorage
    var place: Int
    var remaining: Int

    package var underestimatedCount: Int { remaining }

    package mutating func next() -> (name: String, value: JSONNode)? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        let name = storage.bytes.withUnsafeBufferPointer { TapeReader.string($0, storage.nodes[place]) }
        let value = JSONNode(storage: storage, index: place + 1)
        place = Int(storage.nodes[place + 1].next)
        return (name, value)
    }
}
