// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A file as the Open API serves it (`ReferralAttachment`): its bytes under a key of its own, which stands encrypted
/// with the referral's one-time key in the reference to the file (`AttachmentRef.encryptedEncryptionKey`).
package struct ReferralAttachment: Sendable, Hashable {
    package var contentType: String?
    package var bytes: [UInt8]

    package init(contentType: String?, bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = bytes
    }

    /// Opens Ocean's answer.
    ///
    /// - Parameters:
    ///   - wrappedKey: `Document.encryptedKey`; without one the file is taken to be under the referral's own key
    ///     (assumed: Ocean's client declares the member as optional).
    ///   - oneTimeKey: the referral's key.
    /// - Throws: `TranslationError`: `.unknownFormat` when `json` is no object with `encryptedData`, else
    ///   `.undecipherable` at `place`, whatever the failure is.
    package init(
        opening json: JSONValue, wrappedKey: JSONValue?, oneTimeKey: OneTimeKey, at place: String
    ) throws(TranslationError) {
        guard let object = json.objectValue, let encrypted = object["encryptedData"] else {
            throw TranslationError(.unknownFormat, at: place, "expected an attachment with encryptedData")
        }
        guard let block = EncryptedBlock(json: encrypted) else { throw .undecipherable(at: place) }
        contentType = object["contentType"]?.stringValue.nonEmptyText
        guard let wrappedKey, !wrappedKey.isNull else {
            bytes = try oneTimeKey.decrypt(block, at: place)
            return
        }
        guard let wrapped = EncryptedBlock(json: wrappedKey) else { throw .undecipherable(at: place) }
        bytes = try oneTimeKey.unwrap(wrapped, at: place).decrypt(block, at: place)
    }

    /// The form in which Ocean serves the file.
    ///
    /// - Throws: `TranslationError` `.invalid` when the IV is not 16 bytes long.
    package func sealed(with fileKey: OneTimeKey, iv: [UInt8]) throws(TranslationError) -> JSONValue {
        var object = JSONObject()
        object.append("contentType", contentType.map { .string($0) })
        object["encryptedData"] = try fileKey.encrypt(bytes, iv: iv).json
        return .object(object)
    }
}
