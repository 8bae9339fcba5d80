// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Makes UUIDs of version 5 (RFC 9562 §5.5): the same name in the same namespace gives the same id.
package enum UUIDv5 {
    /// The id of `name`, in lower-case canonical text.
    /// - Parameter namespace: a UUID as text; any other text counts with its UTF-8 bytes.
    package static func make(namespace: String, name: String) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: bytes(of: namespace))
        hash.update(data: Array(name.utf8))
        var digest = Array(hash.finalize().prefix(16))
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(36)
        for (index, byte) in digest.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { output.append(0x2D) }
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func bytes(of namespace: String) -> [UInt8] {
        let digits = namespace.filter { $0 != "-" }
        var output: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            guard digit.isASCII, let value = digit.hexDigitValue.map({ UInt8($0) }) else {
                return Array(namespace.utf8)
            }
            if let first = high {
                output.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return output.count == 16 && high == nil ? output : Array(namespace.utf8)
    }
}
