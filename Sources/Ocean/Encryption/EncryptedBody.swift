// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// The wire forms of an encrypted answer of the Open API: base64 text, the same as a JSON string, or (older) a JSON
/// array of signed bytes.
package enum EncryptedBody {
    /// The ciphertext; nil when the body is in none of the forms.
    package static func ciphertext(_ body: [UInt8]) -> [UInt8]? {
        switch body.first(where: { !isSpace($0) }) {
        case 0x5B: signedBytes(body)
        case 0x22: (try? JSONValue(parsing: body))?.stringValue.flatMap { Base64Text.bytes($0) }
        case nil: nil
        default: Base64Text.bytes(String(decoding: body, as: UTF8.self))
        }
    }

    /// Writes a ciphertext as the older array form, for the sandbox.
    package static func signedBytes(of ciphertext: [UInt8]) -> [UInt8] {
        JSONValue.array(ciphertext.map { .number(JSONNumber(Int(Int8(bitPattern: $0)))) }).bytes()
    }

    /// Writes a ciphertext as base64 text, for the sandbox.
    package static func base64(of ciphertext: [UInt8]) -> String { Base64Text.text(ciphertext) }

    private static func signedBytes(_ body: [UInt8]) -> [UInt8]? {
        guard let elements = (try? JSONValue(parsing: body))?.arrayValue else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(elements.count)
        for element in elements {
            guard let value = element.intValue, (-128...255).contains(value) else { return nil }
            output.append(UInt8(truncatingIfNeeded: value))
        }
        return output
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
