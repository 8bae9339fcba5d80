// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A ciphertext with its IV, both in base64 (Ocean's `EncryptedBlockDto`).
package struct EncryptedBlock: Sendable, Hashable {
    package let data: String
    package let iv: String

    package init(data: String, iv: String) {
        self.data = data
        self.iv = iv
    }

    init(ciphertext: [UInt8], iv: [UInt8]) {
        self.init(data: Base64Text.text(ciphertext), iv: Base64Text.text(iv))
    }

    /// Nil unless the value is an object with the texts `data` and `iv`; further members do not matter.
    package init?(json: JSONValue) {
        guard let data = json["data"]?.stringValue, let iv = json["iv"]?.stringValue else { return nil }
        self.init(data: data, iv: iv)
    }

    package var json: JSONValue { ["data": .string(data), "iv": .string(iv)] }
}
