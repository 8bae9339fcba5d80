// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The regular expressions of R4's primitive types, as scanners over bytes.
enum PrimitiveScan {
    /// `\s` of the regular expressions.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    static func isCode(_ text: ArraySlice<UInt8>) -> Bool {
        var afterSpace = true
        for byte in text {
            if isSpace(byte) {
                if afterSpace { return false }
                afterSpace = true
            } else {
                afterSpace = false
            }
        }
        return !afterSpace
    }

    static func isID(_ text: ArraySlice<UInt8>) -> Bool {
        (1...64).contains(text.count)
            && text.allSatisfy { isDigit($0) || isLetter($0) || $0 == 0x2D || $0 == 0x2E }
    }

    static func isBase64(_ text: ArraySlice<UInt8>) -> Bool {
        var digits = 0
        var padding = 0
        for byte in text {
            if isDigit(byte) || isLetter(byte) || byte == 0x2B || byte == 0x2F {
                if padding > 0 { return false }
                digits += 1
            } else if byte == 0x3D {
                padding += 1
            } else if !isSpace(byte) {
                return false
            }
        }
        return digits > 0 && padding <= 2 && (digits + padding) % 4 == 0
    }

    /// A whole number of 32 bits, spelled as R4 spells it: no sign on zero, no exponent.
    static func integer(_ text: ArraySlice<UInt8>) -> Int? {
        let isNegative = text.first == 0x2D
        let digits = isNegative ? text.dropFirst() : text
        guard (1...10).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
        if digits.first == 0x30, digits.count > 1 || isNegative { return nil }
        let size = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let value = isNegative ? -size : size
        return Int(Int32.min)...Int(Int32.max) ~= value ? value : nil
    }

    static func isText(_ text: ArraySlice<UInt8>) -> Bool {
        guard !text.isEmpty else { return false }
        let limit = 1_048_576
        if text.count > limit, text.reduce(0, { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }) > limit { return false }
        // The regular expression leaves out these two.
        return !text.contains { $0 == 0x0B || $0 == 0x0C }
    }

    static func isOID(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.starts(with: "urn:oid:".utf8) else { return false }
        let parts = text.dropFirst(8).split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, first.count == 1, first.first.map({ $0 <= 0x32 }) == true
        else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy(isDigit) && (part.count == 1 || part.first != 0x30)
        }
    }

    static func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.starts(with: "urn:uuid:".utf8) else { return false }
        return isBareUUID(text.dropFirst(9)) && !text.contains { (0x41...0x5A).contains($0) }
    }

    /// 8-4-4-4-12 hexadecimal digits.
    static func isBareUUID(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count == 36 else { return false }
        for (offset, byte) in text.enumerated() {
            switch offset {
            case 8, 13, 18, 23: if byte != 0x2D { return false }
            default: if !isDigit(byte), !(0x41...0x46).contains(byte & 0xDF) { return false }
            }
        }
        return true
    }

    /// `<div …>…</div>` with something in it (txt-1, txt-2); the markup within is not read.
    static func isDivision(_ text: ArraySlice<UInt8>) -> Bool {
        let body = trimmed(text)
        guard body.starts(with: "<div".utf8), body.suffix(6).elementsEqual("</div>".utf8),
            let opened = body.firstIndex(of: 0x3E)
        else { return false }
        let afterName = body.dropFirst(4).first
        guard afterName == 0x3E || afterName.map(isSpace) == true else { return false }
        return !trimmed(body[(opened + 1)...].dropLast(6)).isEmpty
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var body = text.drop(while: isSpace)
        while let last = body.last, isSpace(last) { body.removeLast() }
        return body
    }
}
