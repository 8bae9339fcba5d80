// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Eight bytes at a time in one integer register (SWAR): the way strings are scanned and names compared.
///
/// Callers load a word only where `offset + 8 <= count`, so no byte outside the buffer is read.
enum ByteWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080
    static let spaces: UInt64 = 0x2020_2020_2020_2020

    @inline(__always)
    static func load(_ base: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Marks bytes that must be escaped: control bytes, `"`, `\`. The high bit that is set in each byte beforehand
    /// takes up the borrow, so that every mark is exact.
    @inline(__always)
    static func escapeMarks(_ word: UInt64) -> UInt64 {
        let control = (word | highs) &- 0x20 &* ones
        let quote = ((word ^ 0x22 &* ones) | highs) &- ones
        let backslash = ((word ^ 0x5C &* ones) | highs) &- ones
        return ~(control & quote & backslash | word) & highs
    }

    /// Marks those bytes and the ones from 0x80 on, which need UTF-8 validation. The lowest mark is exact: a
    /// subtraction borrows from a higher byte only at a byte that is itself marked.
    @inline(__always)
    static func specialMarks(_ word: UInt64) -> UInt64 {
        let control = word &- 0x20 &* ones
        let quote = (word ^ 0x22 &* ones) &- ones
        let backslash = (word ^ 0x5C &* ones) &- ones
        return (control | quote | backslash | word) & highs
    }

    /// How many bytes lie before the lowest mark.
    @inline(__always)
    static func firstMark(_ marks: UInt64) -> Int { marks.trailingZeroBitCount >> 3 }
}

@inline(__always)
func bytesEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int) -> Bool {
    var index = 0
    while index + 8 <= count {
        if ByteWord.load(left, index) != ByteWord.load(right, index) { return false }
        index += 8
    }
    while index < count {
        if left[index] != right[index] { return false }
        index += 1
    }
    return true
}

func bytesEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    guard let first = left.baseAddress, let second = right.baseAddress else { return true }
    return bytesEqual(first, second, count: left.count)
}

extension String {
    /// Gives the UTF-8 bytes in one piece, without a copy when the string already holds them so.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }

    /// Byte equality: `==` of String takes canonically equivalent spellings for the same, JSON does not.
    func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return withBytes { left in other.withBytes { right in bytesEqual(left, right) } }
    }

    func hashBytes(into hasher: inout Hasher) {
        hasher.combine(utf8.count)
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
