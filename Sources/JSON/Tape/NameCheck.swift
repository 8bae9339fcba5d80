// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Finds a member name that stands twice in an object, escapes decoded.
///
/// Keeps for each name of the objects now open a word: 32 bits of hash, 32 bits of tape index. Up to sixteen names are
/// compared one by one; a larger object is sorted when it closes. The hash need not resist attack: names whose hashes
/// agree are compared as bytes, by sorting, so that chosen collisions cost O(n log n) and never O(n²).
struct NameCheck: ~Copyable {
    private static let linearLimit = 16

    private let base: UnsafePointer<UInt8>
    private let count: Int
    private var words: GrowingBuffer<UInt64>

    init(base: UnsafePointer<UInt8>, count: Int) {
        self.base = base
        self.count = count
        words = GrowingBuffer(capacity: 64)
    }

    /// Where the names of an object that opens now will start.
    @inline(__always) var depth: Int { words.count }

    /// Takes in the name at tape index `node`, of the object whose names start at `start`.
    @inline(__always)
    mutating func add(_ node: Int, in start: Int, nodes: borrowing GrowingBuffer<TapeNode>) throws(JSONFailure) {
        let entry = nodes[node]
        let word = UInt64(hash(entry)) << 32 | UInt64(UInt32(truncatingIfNeeded: node))
        if words.count - start < Self.linearLimit {
            var index = start
            while index < words.count {
                if (words[index] ^ word) >> 32 == 0 {
                    try compare(nodes[Int(words[index] & 0xFFFF_FFFF)], entry)
                }
                index += 1
            }
        }
        words.append(word)
    }

    /// Checks the object whose names start at `start`, and forgets them.
    @inline(__always)
    mutating func close(from start: Int, nodes: borrowing GrowingBuffer<TapeNode>) throws(JSONFailure) {
        if words.count - start > Self.linearLimit { try checkSorted(from: start, nodes: nodes) }
        words.truncate(to: start)
    }

    private func compare(_ first: TapeNode, _ second: TapeNode) throws(JSONFailure) {
        let isSame =
            if first.isEscaped || second.isEscaped {
                decoded(first) == decoded(second)
            } else {
                bytesEqual(content(first), content(second))
            }
        if isSame { throw duplicate(second) }
    }

    private func duplicate(_ node: TapeNode) -> JSONFailure {
        JSONFailure(code: .duplicateKey, expectation: .uniqueName, offset: Int(node.start))
    }

    @inline(never)
    private mutating func checkSorted(
        from start: Int, nodes: borrowing GrowingBuffer<TapeNode>
    ) throws(JSONFailure) {
        words.sort(from: start)
        var firstDuplicate: TapeNode?
        var runStart = start
        while runStart < words.count {
            var runEnd = runStart + 1
            while runEnd < words.count, (words[runStart] ^ words[runEnd]) >> 32 == 0 { runEnd += 1 }
            if runEnd - runStart > 1 {
                var run: [(name: [UInt8], node: TapeNode)] = []
                for index in runStart..<runEnd {
                    let node = nodes[Int(words[index] & 0xFFFF_FFFF)]
                    run.append((decoded(node), node))
                }
                run.sort { left, right in
                    if left.name == right.name { return left.node.start < right.node.start }
                    return left.name.lexicographicallyPrecedes(right.name)
                }
                for index in 1..<run.count where run[index].name == run[index - 1].name {
                    if run[index].node.start < firstDuplicate?.start ?? .max { firstDuplicate = run[index].node }
                }
            }
            runStart = runEnd
        }
        if let firstDuplicate { throw duplicate(firstDuplicate) }
    }

    @inline(__always)
    private func content(_ node: TapeNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + Int(node.start) + 1, count: Int(node.end) - Int(node.start) - 2)
    }

    private func decoded(_ node: TapeNode) -> [UInt8] {
        node.isEscaped ? StringEscapes.decoded(content(node)) : Array(content(node))
    }

    /// Mixes the length with the first and last eight bytes.
    @inline(__always)
    private func hash(_ node: TapeNode) -> UInt32 {
        if node.isEscaped {
            return decoded(node).withUnsafeBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return mix(0, 0, 0) }
                return hash(start, length: bytes.count, readable: bytes.count)
            }
        }
        let offset = Int(node.start) + 1
        return hash(base + offset, length: Int(node.end) - offset - 1, readable: count - offset)
    }

    @inline(__always)
    private func hash(_ start: UnsafePointer<UInt8>, length: Int, readable: Int) -> UInt32 {
        if length >= 8 {
            return mix(ByteWord.load(start, 0), ByteWord.load(start, length - 8), length)
        }
        var word: UInt64 = 0
        if readable >= 8 {
            word = ByteWord.load(start, 0) & (1 << UInt64(length &* 8) &- 1)
        } else {
            for index in 0..<length { word |= UInt64(start[index]) << UInt64(index * 8) }
        }
        return mix(word, 0, length)
    }

    @inline(__always)
    private func mix(_ first: UInt64, _ last: UInt64, _ length: Int) -> UInt32 {
        let sum = (first ^ UInt64(truncatingIfNeeded: length)) &* 0x9E37_79B9_7F4A_7C15
        let word = (sum ^ sum >> 29 ^ last) &* 0xBF58_476D_1CE4_E5B9
        return UInt32(truncatingIfNeeded: word >> 32)
    }
}
