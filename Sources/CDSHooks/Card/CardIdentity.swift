// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Ids of cards, from which any instance can tell later who said the card: UUIDs of version 8 (RFC 9562 §5.8) that
/// begin with a digest of the speaker's name.
package enum CardIdentity {
    /// A new id for a card that `part` of a service said.
    package static func make(service: String, part: String) -> String {
        var bytes = tag(service: service, part: part)
        var generator = SystemRandomNumberGenerator()
        while bytes.count < 16 { bytes.append(UInt8.random(in: .min ... .max, using: &generator)) }
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let text = hexadecimal(bytes)
        var output = ""
        for (index, digit) in text.enumerated() {
            if [8, 12, 16, 20].contains(index) { output.append("-") }
            output.append(digit)
        }
        return output
    }

    /// Which of `parts` said the card; nil for an id that the bridge did not make.
    package static func part(of uuid: String, service: String, parts: [String]) -> String? {
        let digits = uuid.utf8.map { $0 | 0x20 }
        guard UUIDText.isUUID(uuid), digits[14] == 0x38 else { return nil }
        return parts.first { Array(hexadecimal(tag(service: service, part: $0)).utf8) == Array(digits.prefix(8)) }
    }

    private static func tag(service: String, part: String) -> [UInt8] {
        Array(SHA256.hash(data: Array("cds-card:\(service)/\(part)".utf8)).prefix(4))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
