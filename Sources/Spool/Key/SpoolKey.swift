// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
import FoundationEssentials

/// Why a key file cannot be used; names the file and the remedy.
package struct SpoolKeyError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        case unreadable
        /// Others on the machine may read or change the file.
        case exposed
        case malformed
    }

    package let code: Code
    package let message: String

    package var disposition: Disposition { .fatal }
    package var reason: String { code.rawValue }
    package var description: String { message }
}

/// A key of AES-256 with a name that tells nothing about it.
package struct SpoolKey: Sendable, CustomStringConvertible, CustomReflectable {
    package static let byteCount = 32

    /// The first eight bytes of a digest, in hexadecimal: stands beside each record that was sealed with the key.
    package let id: String
    let key: SymmetricKey

    /// - Returns: nil unless there are 32 bytes that are not all the same.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, Set(bytes).count > 1 else { return nil }
        key = SymmetricKey(data: bytes)
        let digest = Array(SHA256.hash(data: Array("ocean-bridge spool key\n".utf8) + bytes))
        id = digest.prefix(8).map { Self.hexadecimal($0) }.joined()
    }

    package var description: String { "spool key \(id)" }
    /// Keeps the bytes out of `dump`.
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
    }
}

/// The key that seals, and the one before it, which still opens.
package struct SpoolKeys: Sendable {
    package let current: SpoolKey
    package let previous: SpoolKey?

    package init(current: SpoolKey, previous: SpoolKey? = nil) {
        self.current = current
        self.previous = previous
    }

    func key(id: String) -> SpoolKey? {
        if current.id == id { return current }
        return previous?.id == id ? previous : nil
    }
}
