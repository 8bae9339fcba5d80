// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A file that a referral of the Open eReferral API names (`AttachmentRef`): its reference, and its own key under the
/// referral's one-time key.
package struct AttachmentReference: Sendable, Hashable {
    package let ref: String
    /// Nil where Ocean names none: then the file is taken to be under the referral's own key (assumed).
    package let wrappedKey: JSONValue?

    /// The file of that reference among the referral's own, those of its booking and those of its messages; nil when
    /// there is none.
    package static func find(_ ref: String, in referral: JSONValue) -> AttachmentReference? {
        let own = ["attachments", "bookingFileRefs"].flatMap { referral[$0]?.arrayValue ?? [] }
        let comments = ["externalConversation", "internalConversation"].flatMap { referral[$0]?.arrayValue ?? [] }
        let sent = comments.lazy.flatMap { $0["attachmentRefDtos"]?.arrayValue ?? [] }
        for file in [own.first { isFile(ref, $0) }, sent.first { isFile(ref, $0) }] {
            guard let file else { continue }
            let key = file["encryptedEncryptionKey"]
            return AttachmentReference(ref: ref, wrappedKey: key.flatMap { $0.isNull ? nil : $0 })
        }
        return nil
    }

    private static func isFile(_ ref: String, _ file: JSONValue) -> Bool {
        switch file["fileRef"] {
        case .string(let text): text == ref
        case .number(let number): number.text == ref
        default: false
        }
    }
}
