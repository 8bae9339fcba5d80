// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// `application/x-www-form-urlencoded` and the percent-encoding of path segments.
enum FormEncoding {
    /// The WHATWG form serialiser: space as `+`, everything but letters, digits and `*-._` as percent triplets.
    static func encode(_ pairs: [(String, String)]) -> String {
        pairs.map { component($0.0) + "=" + component($0.1) }.joined(separator: "&")
    }

    static func component(_ text: String) -> String {
        escape(text, spaceAsPlus: true) { isAlphanumeric($0) || [0x2A, 0x2D, 0x2E, 0x5F].contains($0) }
    }

    /// One path segment (RFC 3986 §3.3): all but the unreserved characters are escaped, `/` too.
    static func pathSegment(_ text: String) -> String {
        escape(text, spaceAsPlus: false) { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F, 0x7E].contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func escape(_ text: String, spaceAsPlus: Bool, keep: (UInt8) -> Bool) -> String {
        let digits: [UInt8] = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            if keep(byte) {
                output.append(byte)
            } else if byte == 0x20, spaceAsPlus {
                output.append(0x2B)
            } else {
                output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
