// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// An id for messages that came with none, so that a redelivery gets the same id.
///
/// `amqp-` + FNV-1a (64 bits) of the body + `-` + the body's length, in hexadecimal. It is no cryptographic digest:
/// equal bodies get equal ids, so no two messages may be taken for one by it.
enum FallbackID {
    static func make(_ body: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in body {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return Message.fallbackIDPrefix + String(repeating: "0", count: 16 - digits.utf8.count) + digits + "-"
            + String(body.count, radix: 16)
    }
}
