// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Well-formed UTF-8 (RFC 3629, Unicode table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Sequence {
    /// The length of the well-formed sequence at `offset`, whose first byte is 0x80 or more; 0 when it is ill-formed
    /// or cut off by `count`.
    @inline(__always)
    static func length(_ base: UnsafePointer<UInt8>, at offset: Int, count: Int) -> Int {
        let lead = base[offset]
        if lead < 0xC2 { return 0 }
        if lead < 0xE0 {
            return offset + 1 < count && isContinuation(base[offset + 1]) ? 2 : 0
        }
        if lead < 0xF0 {
            guard offset + 2 < count else { return 0 }
            let second = base[offset + 1]
            let low: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
            let high: UInt8 = lead == 0xED ? 0x9F : 0xBF
            return second >= low && second <= high && isContinuation(base[offset + 2]) ? 3 : 0
        }
        guard lead < 0xF5, offset + 3 < count else { return 0 }
        let second = base[offset + 1]
        let low: UInt8 = lead == 0xF0 ? 0x90 : 0x80
        let high: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
        return second >= low && second <= high && isContinuation(base[offset + 2])
            && isContinuation(base[offset + 3]) ? 4 : 0
    }

    @inline(__always)
    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
