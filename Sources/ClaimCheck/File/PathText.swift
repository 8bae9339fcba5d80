// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Paths as they stand in addresses (RFC 3986 §3.3).
enum PathText {
    /// All but unreserved characters and slashes as percent triplets.
    static func escaped(_ path: String) -> String { escaped(path, keepsSlash: true) }

    /// As a query's name or value in AWS Signature Version 4: slashes too.
    static func escapedComponent(_ text: String) -> String { escaped(text, keepsSlash: false) }

    private static func escaped(_ text: String, keepsSlash: Bool) -> String {
        let digits: [UInt8] = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) || (keepsSlash && byte == 0x2F)
            if isPlain {
                output.append(byte)
            } else {
                output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The text behind percent triplets; nil when one is broken or the bytes are no UTF-8.
    static func unescaped(_ text: Substring) -> String? {
        var output: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == 0x25 else {
                output.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(digit), let low = bytes.next().flatMap(digit) else { return nil }
            output.append(high << 4 | low)
        }
        return String(validating: output, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
