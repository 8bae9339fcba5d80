// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// The port to what Ocean's Open eReferral API has beside `OceanService.referral`: files, keys and replies. One call is
/// one attempt; every call carries the site's key and credential, to the configured Ocean and nowhere else.
package protocol OpenReferralService: Sendable {
    /// A file of a referral as Ocean serves it: JSON with `contentType` and `encryptedData`.
    ///
    /// - Parameter limit: bytes of the file; the answer is larger by its base64.
    func attachment(
        _ file: String, of referral: String, site: String, limit: Int, trace: TraceContext?
    ) async throws(DocumentError) -> [UInt8]

    /// The site's private keys, still encrypted with its Shared Encryption Key.
    func privateKeys(site: String, trace: TraceContext?) async throws(OceanServiceError) -> SealedPrivateKeys

    /// Adds a message to a referral's conversation.
    ///
    /// - Parameter message: JSON with `message`, its text encrypted.
    /// - Returns: with a 2xx, whatever the body is.
    func post(
        message: [UInt8], to referral: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> OceanAnswer

    /// Stores a file of a message that was posted before.
    ///
    /// - Parameters:
    ///   - file: the bytes encrypted with the file's own key.
    ///   - ref: its reference in the message.
    func post(
        file: EncryptedBlock, ref: String, to referral: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> OceanAnswer
}

/// The answer to `GET /svc/v1/site/privateKey`.
package struct SealedPrivateKeys: Sendable, Hashable {
    /// Base64 text, quoted base64 or a JSON array of signed bytes.
    package let body: [UInt8]
    /// The header `iv`, base64.
    package let iv: String

    package init(body: [UInt8], iv: String) {
        self.body = body
        self.iv = iv
    }
}
