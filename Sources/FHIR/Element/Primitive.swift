// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The forms of FHIR R4's primitive types (https://hl7.org/fhir/R4/datatypes.html), for values that come from elsewhere.
package enum Primitive {
    /// `date`: year, year and month, or a full date.
    package static func isDate(_ text: String) -> Bool {
        var scan = DateForm(text)
        return scan.date() && scan.isAtEnd
    }

    /// `dateTime`: a date, or a date with time and offset.
    package static func isDateTime(_ text: String) -> Bool { isDate(text) || isInstant(text) }

    /// `instant`: date, time to the second and offset.
    package static func isInstant(_ text: String) -> Bool {
        var scan = DateForm(text)
        return scan.date() && scan.isFullDate && scan.time() && scan.isAtEnd
    }

    /// `id`: 1 to 64 of letters, digits, `-` and `.`.
    package static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            }
    }

    /// `code`: no white space around it, none but single spaces within.
    package static func isCode(_ text: String) -> Bool {
        guard !text.isEmpty, text.first != " ", text.last != " ", !text.contains("  ") else { return false }
        return !text.unicodeScalars.contains { $0.properties.isWhitespace && $0 != " " }
    }

    /// `uri`: no white space.
    package static func isURI(_ text: String) -> Bool {
        !text.isEmpty && !text.unicodeScalars.contains { $0.properties.isWhitespace }
    }

    /// `base64Binary`, white space allowed.
    package static func isBase64(_ text: String) -> Bool {
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F:
                if padding > 0 { return false }
                digits += 1
            case 0x3D: padding += 1
            case 0x20, 0x0A, 0x0D, 0x09: continue
            default: return false
            }
        }
        return digits > 0 && padding <= 2 && (digits + padding) % 4 == 0
    }
}

private struct DateForm {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var isFullDate = false

    init(_ text: String) { bytes = Array(text.utf8.prefix(64)) }

    var isAtEnd: Bool { position == bytes.count }

    private mutating func number(_ width: Int, in range: ClosedRange<Int>) -> Bool {
        guard position + width <= bytes.count else { return false }
        var value = 0
        for byte in bytes[position..<(position + width)] {
            guard (0x30...0x39).contains(byte) else { return false }
            value = value * 10 + Int(byte - 0x30)
        }
        position += width
        return range.contains(value)
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func date() -> Bool {
        guard number(4, in: 1...9999) else { return false }
        guard skip(0x2D) else { return true }
        guard number(2, in: 1...12) else { return false }
        guard skip(0x2D) else { return true }
        guard number(2, in: 1...31) else { return false }
        isFullDate = true
        return true
    }

    mutating func time() -> Bool {
        guard skip(0x54), number(2, in: 0...23), skip(0x3A), number(2, in: 0...59), skip(0x3A),
            number(2, in: 0...60)
        else { return false }
        if skip(0x2E) {
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            guard position > start else { return false }
        }
        if skip(0x5A) { return true }
        guard skip(0x2B) || skip(0x2D) else { return false }
        return number(2, in: 0...14) && skip(0x3A) && number(2, in: 0...59)
    }
}
