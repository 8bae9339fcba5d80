// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Turns bytes into a tape, in one pass and without recursion.
///
/// Safety: `base` is read only at offsets that were compared with `count` just before, and `nodes` only at indices that
/// `nodes.count` gave out. Nothing that the input says (a length, a depth, a number) is used as an index.
struct TapeParser: ~Copyable {
    private let base: UnsafePointer<UInt8>
    private let count: Int
    private let maximumDepth: Int
    private var nodes: GrowingBuffer<TapeNode>
    private var names: NameCheck

    /// The tape of one JSON text that fills `bytes` but for whitespace.
    static func tape(
        of bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits
    ) throws(JSONError) -> [TapeNode] {
        do throws(JSONFailure) {
            guard let base = bytes.baseAddress, !bytes.isEmpty else {
                throw JSONFailure(code: .emptyInput, expectation: .someInput, offset: 0)
            }
            guard bytes.count <= limits.effectiveBytes else {
                throw JSONFailure(code: .tooLarge, expectation: .fewerBytes, offset: limits.effectiveBytes)
            }
            var parser = TapeParser(base: base, count: bytes.count, maximumDepth: limits.effectiveDepth)
            try parser.parse()
            return parser.nodes.array()
        } catch {
            throw JSONError(error, in: bytes)
        }
    }

    private init(base: UnsafePointer<UInt8>, count: Int, maximumDepth: Int) {
        self.base = base
        self.count = count
        self.maximumDepth = maximumDepth
        nodes = GrowingBuffer(capacity: count / 12 + 16)
        names = NameCheck(base: base, count: count)
    }

    private mutating func parse() throws(JSONFailure) {
        var index = skipWhitespace(0)
        guard index < count else { throw JSONFailure(code: .emptyInput, expectation: .someInput, offset: count) }
        if index == 0, count >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF {
            throw JSONFailure(code: .byteOrderMark, expectation: .noByteOrderMark, offset: 0)
        }
        // While a container is open its node keeps its parent in `next`, and an object the start of its names in `end`.
        var container = TapeNode.noParent
        var inObject = false
        var depth = 0
        values: while true {
            guard index < count else { throw JSONFailure(code: .unexpectedEnd, expectation: .value, offset: count) }
            let start = index
            switch base[index] {
            case ASCII.quote:
                index = try appendString(at: start)
            case ASCII.openBrace:
                depth += 1
                try checkDepth(depth, at: start)
                let node = UInt32(truncatingIfNeeded: nodes.count)
                nodes.append(TapeNode(kind: .object, start: start, end: names.depth, next: container))
                container = node
                inObject = true
                index = skipWhitespace(index + 1)
                if index >= count || base[index] != ASCII.closeBrace {
                    index = try member(of: container, at: index, expecting: .nameOrEnd)
                    continue values
                }
            case ASCII.openBracket:
                depth += 1
                try checkDepth(depth, at: start)
                let node = UInt32(truncatingIfNeeded: nodes.count)
                nodes.append(TapeNode(kind: .array, start: start, end: 0, next: container))
                container = node
                inObject = false
                index = skipWhitespace(index + 1)
                if index >= count || base[index] != ASCII.closeBracket {
                    nodes[Int(container)].countOneMore()
                    continue values
                }
            case ASCII.minus, 0x30...0x39:
                index = try NumberGrammar.end(base, at: start, count: count)
                appendScalar(.number, start, index)
            case 0x74:
                index = try literal(0x6575_7274, length: 4, at: start)
                appendScalar(.true, start, index)
            case 0x66:
                index = try literal(0x6573_6C61, length: 5, at: start)
                appendScalar(.false, start, index)
            case 0x6E:
                index = try literal(0x6C6C_756E, length: 4, at: start)
                appendScalar(.null, start, index)
            default:
                throw JSONFailure(code: .unexpectedByte, expectation: .value, offset: index)
            }
            // A value has ended: close containers until one goes on.
            while container != TapeNode.noParent {
                let expectation: JSONExpectation = inObject ? .commaOrObjectEnd : .commaOrArrayEnd
                index = skipWhitespace(index)
                guard index < count else {
                    throw JSONFailure(code: .unexpectedEnd, expectation: expectation, offset: count)
                }
                if base[index] == ASCII.comma {
                    index = skipWhitespace(index + 1)
                    if inObject {
                        index = try member(of: container, at: index, expecting: .name)
                    } else {
                        nodes[Int(container)].countOneMore()
                    }
                    continue values
                }
                guard base[index] == (inObject ? ASCII.closeBrace : ASCII.closeBracket) else {
                    throw JSONFailure(code: .unexpectedByte, expectation: expectation, offset: index)
                }
                index += 1
                depth -= 1
                var node = nodes[Int(container)]
                if inObject { try names.close(from: Int(node.end), nodes: nodes) }
                let parent = node.next
                node.end = UInt32(truncatingIfNeeded: index)
                node.next = UInt32(truncatingIfNeeded: nodes.count)
                nodes[Int(container)] = node
                container = parent
                inObject = parent != TapeNode.noParent && nodes[Int(parent)].isObject
            }
            break
        }
        index = skipWhitespace(index)
        guard index == count else {
            throw JSONFailure(code: .trailingContent, expectation: .end, offset: index)
        }
    }

    @inline(__always)
    private func checkDepth(_ depth: Int, at offset: Int) throws(JSONFailure) {
        guard depth <= maximumDepth else {
            throw JSONFailure(code: .tooDeep, expectation: .lessDepth, offset: offset)
        }
    }

    @inline(__always)
    private mutating func appendScalar(_ kind: TapeNode.Kind, _ start: Int, _ end: Int) {
        let next = UInt32(truncatingIfNeeded: nodes.count + 1)
        nodes.append(TapeNode(kind: kind, start: start, end: end, next: next))
    }

    /// Reads a name and its colon; gives the offset where the value must start.
    @inline(__always)
    private mutating func member(
        of container: UInt32, at offset: Int, expecting expectation: JSONExpectation
    ) throws(JSONFailure) -> Int {
        guard offset < count else {
            throw JSONFailure(code: .unexpectedEnd, expectation: expectation, offset: count)
        }
        guard base[offset] == ASCII.quote else {
            throw JSONFailure(code: .unexpectedByte, expectation: expectation, offset: offset)
        }
        let node = nodes.count
        var index = try appendString(at: offset)
        try names.add(node, in: Int(nodes[Int(container)].end), nodes: nodes)
        nodes[Int(container)].countOneMore()
        index = skipWhitespace(index)
        guard index < count else { throw JSONFailure(code: .unexpectedEnd, expectation: .colon, offset: count) }
        guard base[index] == ASCII.colon else {
            throw JSONFailure(code: .unexpectedByte, expectation: .colon, offset: index)
        }
        return skipWhitespace(index + 1)
    }

    /// Scans the string whose opening quote stands at `start`; gives the offset after the closing one.
    @inline(__always)
    private mutating func appendString(at start: Int) throws(JSONFailure) -> Int {
        var index = start + 1
        var isEscaped = false
        while true {
            while index + 8 <= count {
                let marks = ByteWord.specialMarks(ByteWord.load(base, index))
                if marks != 0 {
                    index += ByteWord.firstMark(marks)
                    break
                }
                index += 8
            }
            guard index < count else {
                throw JSONFailure(code: .unexpectedEnd, expectation: .stringEnd, offset: count)
            }
            let byte = base[index]
            if byte == ASCII.quote { break }
            if byte >= 0x80 {
                let length = UTF8Sequence.length(base, at: index, count: count)
                guard length > 0 else {
                    throw JSONFailure(code: .invalidUTF8, expectation: .utf8, offset: index)
                }
                index += length
            } else if byte == ASCII.backslash {
                isEscaped = true
                index = try StringEscapes.check(base, at: index, count: count)
            } else if byte < ASCII.space {
                throw JSONFailure(code: .invalidString, expectation: .escapedControl, offset: index)
            } else {
                index += 1
            }
        }
        let next = UInt32(truncatingIfNeeded: nodes.count + 1)
        nodes.append(TapeNode(kind: .string, start: start, end: index + 1, next: next, isEscaped: isEscaped))
        return index + 1
    }

    /// Checks a literal; `word` holds its last four bytes, the first byte is known.
    @inline(__always)
    private func literal(_ word: UInt32, length: Int, at start: Int) throws(JSONFailure) -> Int {
        for position in length - 4..<length {
            let index = start + position
            guard index < count else {
                throw JSONFailure(code: .unexpectedEnd, expectation: .literal, offset: count)
            }
            let expected = UInt8(truncatingIfNeeded: word >> UInt32((position - length + 4) * 8))
            guard base[index] == expected else {
                throw JSONFailure(code: .unexpectedByte, expectation: .literal, offset: index)
            }
        }
        return start + length
    }

    @inline(__always)
    private func skipWhitespace(_ start: Int) -> Int {
        guard start < count, base[start] <= ASCII.space else { return start }
        return skipLongWhitespace(start)
    }

    private func skipLongWhitespace(_ start: Int) -> Int {
        var index = start
        while index < count {
            switch base[index] {
            case ASCII.space where index + 8 <= count && ByteWord.load(base, index) == ByteWord.spaces: index += 8
            case ASCII.space, ASCII.lineFeed, ASCII.carriageReturn, ASCII.tab: index += 1
            default: return index
            }
        }
        return index
    }
}
