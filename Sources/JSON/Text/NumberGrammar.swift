// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Numbers as RFC 8259 §6 spells them.
enum NumberGrammar {
    /// The offset after the number that starts at `offset` with `-` or a digit.
    @inline(__always)
    static func end(
        _ base: UnsafePointer<UInt8>, at offset: Int, count: Int
    ) throws(JSONFailure) -> Int {
        var index = offset
        if base[index] == ASCII.minus { index += 1 }
        if index < count, base[index] == ASCII.zero {
            index += 1
        } else {
            index = try digits(base, at: index, count: count)
        }
        if index < count, base[index] == ASCII.point {
            index = try digits(base, at: index + 1, count: count)
        }
        if index < count, base[index] | 0x20 == 0x65 {
            index += 1
            if index < count, base[index] == ASCII.plus || base[index] == ASCII.minus { index += 1 }
            index = try digits(base, at: index, count: count)
        }
        if index < count, continuesNumber(base[index]) {
            throw JSONFailure(code: .invalidNumber, expectation: .numberEnd, offset: index)
        }
        return index
    }

    @inline(__always)
    private static func digits(
        _ base: UnsafePointer<UInt8>, at offset: Int, count: Int
    ) throws(JSONFailure) -> Int {
        var index = offset
        while index < count, ASCII.isDigit(base[index]) { index += 1 }
        guard index > offset else {
            throw JSONFailure(
                code: index < count ? .invalidNumber : .unexpectedEnd, expectation: .digit, offset: index)
        }
        return index
    }

    /// Bytes that a reader would take as part of the number: `01`, `1.2.3`, `0x1F`, `1_000`.
    @inline(__always)
    private static func continuesNumber(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || ASCII.isLetter(byte) || byte == ASCII.point || byte == ASCII.plus
            || byte == ASCII.minus || byte == 0x5F
    }
}
