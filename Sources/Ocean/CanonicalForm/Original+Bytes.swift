// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
import FoundationEssentials

extension Original {
    /// A body as it came: as text when it is UTF-8, else base64, with its SHA-256.
    package init(bytes: [UInt8], mediaType: String, dialect: String) {
        self.init()
        self.mediaType = mediaType
        self.dialect = dialect
        sha256 = SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
        if let text = String(validating: bytes, as: UTF8.self) {
            body = text
        } else {
            body = Data(bytes).base64EncodedString()
            isBase64 = true
        }
    }

    /// The body as it came; nil when its base64 is damaged.
    package var bytes: [UInt8]? {
        isBase64 ? Data(base64Encoded: body).map { [UInt8]($0) } : Array(body.utf8)
    }
}
