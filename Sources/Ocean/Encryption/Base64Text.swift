// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Base64 (RFC 4648 §4), as Ocean writes it.
enum Base64Text {
    /// Nil unless the text is base64 with padding; whitespace round it and line breaks in it do not count.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        // Files of many megabytes come without any.
        if let bytes = Data(base64Encoded: Data(text.utf8)) { return Array(bytes) }
        let plain = text.utf8.filter { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        return Data(base64Encoded: Data(plain)).map(Array.init)
    }

    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
