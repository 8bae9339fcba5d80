// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Crypto
import FoundationEssentials

/// Keeps a webhook body as it came.
enum OriginalBytes {
    static func keep(_ bytes: [UInt8], mediaType: String, dialect: Dialect) -> Original {
        var original = Original()
        original.mediaType = mediaType
        original.dialect = dialect.rawValue
        original.sha256 = SHA256.hash(data: bytes).reduce(into: "") { text, byte in
            text += String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
        }
        if let text = String(validating: bytes, as: UTF8.self) {
            original.body = text
        } else {
            original.body = Base64Text.text(bytes)
            original.isBase64 = true
        }
        return original
    }
}
