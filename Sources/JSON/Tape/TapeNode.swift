// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// One entry of the tape: a value, or the name of a member, which its value follows. Sixteen bytes.
///
/// A tape holds the nodes of a document in the order of their first bytes; `next` skips a whole subtree.
struct TapeNode: BitwiseCopyable, Sendable {
    /// The first byte of the value in the input; of a string its opening quote.
    var start: UInt32
    /// The byte after the value.
    var end: UInt32
    /// The node after this value and all inside it.
    var next: UInt32
    /// Kind (3 bits), whether a string holds escapes (1 bit), number of elements or members (28 bits).
    private var word: UInt32

    /// Below this input length every count fits in 28 bits, since an element takes at least two bytes.
    static let maximumInput = 1 << 29 - 1
    static let noParent = UInt32.max

    @inline(__always)
    init(kind: Kind, start: Int, end: Int, next: UInt32, isEscaped: Bool = false) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = next
        word = kind.rawValue | (isEscaped ? 8 : 0)
    }

    enum Kind: UInt32 {
        case null, `false`, `true`, number, string, array, object
    }

    @inline(__always) var kind: Kind { Kind(rawValue: word & 7) ?? .null }
    @inline(__always) var isObject: Bool { word & 7 == Kind.object.rawValue }
    @inline(__always) var isEscaped: Bool { word & 8 != 0 }
    @inline(__always) var count: Int { Int(word >> 4) }
    @inline(__always) mutating func countOneMore() { word &+= 16 }

    var range: Range<Int> { Int(start)..<Int(end) }
    /// Of a string, without the quotes.
    var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }
}
