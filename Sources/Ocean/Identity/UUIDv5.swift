// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto

/// UUIDs of version 5 (RFC 9562 §5.5): the same name gives the same id, so that a retry repeats the ids of resources.
package enum UUIDv5 {
    /// The name space of the bridge's own names: version 5 of `urn:ocean-bridge` in RFC 9562's URL name space.
    package static let bridge = make(namespace: "6ba7b811-9dad-11d1-80b4-00c04fd430c8", name: "urn:ocean-bridge")

    /// - Parameter namespace: a UUID as text; any other text is taken by its UTF-8 bytes.
    /// - Returns: lower-case canonical text.
    package static func make(namespace: String, name: String) -> String {
        make(namespace: bytes(ofUUID: namespace) ?? Array(namespace.utf8), name: name)
    }

    /// - Parameter namespace: the 16 bytes of a UUID.
    /// - Returns: lower-case canonical text.
    package static func make(namespace: [UInt8], name: String) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: namespace)
        hash.update(data: Array(name.utf8))
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(0x2D) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bytes(ofUUID text: String) -> [UInt8]? {
        let digits = text.utf8.filter { $0 != 0x2D }
        guard text.utf8.count == 36, digits.count == 32 else { return nil }
        var output: [UInt8] = []
        var high: UInt8?
        for byte in digits {
            guard let value = Character(Unicode.Scalar(byte)).hexDigitValue.map({ UInt8($0) }) else { return nil }
            if let first = high {
                output.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return output
    }
}
