// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Reads values out of a tape and the bytes it was made from.
///
/// Ranges of nodes lie inside the bytes because the parser wrote them; the buffer checks them again in debug builds.
enum TapeReader {
    @inline(__always)
    static func bytes(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[range])
    }

    @inline(__always)
    static func string(_ bytes: UnsafeBufferPointer<UInt8>, _ node: TapeNode) -> String {
        let content = Self.bytes(bytes, node.content)
        if node.isEscaped { return String(decoding: StringEscapes.decoded(content), as: UTF8.self) }
        return String(decoding: content, as: UTF8.self)
    }

    static func isString(_ bytes: UnsafeBufferPointer<UInt8>, _ node: TapeNode, _ text: UnsafeBufferPointer<UInt8>)
        -> Bool
    {
        let content = Self.bytes(bytes, node.content)
        if !node.isEscaped { return bytesEqual(content, text) }
        return content.count > text.count
            && StringEscapes.decoded(content).withUnsafeBufferPointer { bytesEqual($0, text) }
    }

    /// The value at tape index `index`. Recursive, to the depth that the parser accepted (at most 1,024).
    static func value(bytes: UnsafeBufferPointer<UInt8>, nodes: [TapeNode], at index: Int) -> JSONValue {
        nodes.withUnsafeBufferPointer { value(bytes, $0, index) }
    }

    private static func value(
        _ bytes: UnsafeBufferPointer<UInt8>, _ nodes: UnsafeBufferPointer<TapeNode>, _ index: Int
    ) -> JSONValue {
        let node = nodes[index]
        switch node.kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .string: return .string(string(bytes, node))
        case .number:
            let text = String(decoding: Self.bytes(bytes, node.range), as: UTF8.self)
            return .number(JSONNumber(accepted: text))
        case .array:
            var elements: [JSONValue] = []
            elements.reserveCapacity(node.count)
            var child = index + 1
            for _ in 0..<node.count {
                elements.append(value(bytes, nodes, child))
                child = Int(nodes[child].next)
            }
            return .array(elements)
        case .object:
            var members: [JSONMember] = []
            members.reserveCapacity(node.count)
            var name = index + 1
            for _ in 0..<node.count {
                members.append(
                    JSONMember(name: string(bytes, nodes[name]), value: value(bytes, nodes, name + 1)))
                name = Int(nodes[name + 1].next)
            }
            return .object(JSONObject(unique: members))
        }
    }
}
