// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Reading escapes (RFC 8259 §7).
enum StringEscapes {
    /// Checks the escape whose backslash stands at `offset` and gives the offset after it (after both halves of a
    /// surrogate pair).
    static func check(
        _ base: UnsafePointer<UInt8>, at offset: Int, count: Int
    ) throws(JSONFailure) -> Int {
        guard offset + 1 < count else {
            throw JSONFailure(code: .unexpectedEnd, expectation: .escape, offset: count)
        }
        switch base[offset + 1] {
        case ASCII.quote, ASCII.backslash, ASCII.slash, 0x62, 0x66, 0x6E, 0x72, 0x74:
            return offset + 2
        case 0x75:
            let unit = try codeUnit(base, at: offset + 2, count: count)
            if unit & 0xF800 != 0xD800 { return offset + 6 }
            guard unit < 0xDC00, offset + 7 < count, base[offset + 6] == ASCII.backslash, base[offset + 7] == 0x75
            else { throw JSONFailure(code: .loneSurrogate, expectation: .surrogatePair, offset: offset) }
            let low = try codeUnit(base, at: offset + 8, count: count)
            guard low & 0xFC00 == 0xDC00 else {
                throw JSONFailure(code: .loneSurrogate, expectation: .surrogatePair, offset: offset)
            }
            return offset + 12
        default:
            throw JSONFailure(code: .invalidEscape, expectation: .escape, offset: offset + 1)
        }
    }

    private static func codeUnit(
        _ base: UnsafePointer<UInt8>, at offset: Int, count: Int
    ) throws(JSONFailure) -> UInt32 {
        var unit: UInt32 = 0
        for index in offset..<offset + 4 {
            guard index < count else {
                throw JSONFailure(code: .unexpectedEnd, expectation: .hexDigit, offset: count)
            }
            guard let digit = ASCII.hexValue(base[index]) else {
                throw JSONFailure(code: .invalidEscape, expectation: .hexDigit, offset: index)
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// The UTF-8 bytes meant by the content of a string, quotes excluded, that the parser has accepted.
    static func decoded(_ content: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var index = 0
        while index < content.count {
            var stop = index
            while stop < content.count, content[stop] != ASCII.backslash { stop += 1 }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: content[index..<stop]))
            index = stop
            // The parser lets no string end with a lone backslash.
            guard index + 1 < content.count else { break }
            let kind = content[index + 1]
            index += 2
            switch kind {
            case 0x62: output.append(ASCII.backspace)
            case 0x66: output.append(ASCII.formFeed)
            case 0x6E: output.append(ASCII.lineFeed)
            case 0x72: output.append(ASCII.carriageReturn)
            case 0x74: output.append(ASCII.tab)
            case 0x75:
                var scalar = hex(content, at: index)
                index += 4
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + hex(content, at: index + 2) & 0x3FF
                    index += 6
                }
                append(scalar, to: &output)
            default: output.append(kind)
            }
        }
        return output
    }

    private static func hex(_ content: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt32 {
        var unit: UInt32 = 0
        for index in offset..<min(offset + 4, content.count) {
            unit = unit << 4 | (ASCII.hexValue(content[index]) ?? 0)
        }
        return unit
    }

    private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
        func continuation(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3F) }
        switch scalar {
        case 0..<0x80:
            output.append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            output.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            output.append(continuation(0))
        case 0x800..<0x10000:
            output.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            output.append(continuation(6))
            output.append(continuation(0))
        default:
            output.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            output.append(continuation(12))
            output.append(continuation(6))
            output.append(continuation(0))
        }
    }
}
