// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

extension SealedContent {
    /// Keeps what Ocean answered, for a later try: Ocean may have it no longer by then.
    package init(patient: EncryptedContent?, note: EncryptedContent?) {
        self.init()
        self.patient = patient.map { SealedPart($0) }
        self.note = note.map { SealedPart($0) }
    }
}

extension SealedPart {
    init(_ content: EncryptedContent) {
        self.init()
        oneTimeKey = content.oneTimeKey
        oneTimeKeyIV = content.oneTimeKeyIV
        iv = content.iv
        body = Base64Text.text(content.body)
        noteID = content.noteID
        externalPatientRef = content.externalPatientRef
    }

    /// The answer as it came.
    package var content: EncryptedContent {
        EncryptedContent(
            oneTimeKey: oneTimeKey, oneTimeKeyIV: oneTimeKeyIV, iv: iv, body: Base64Text.bytes(body) ?? [],
            noteID: noteID, externalPatientRef: externalPatientRef)
    }
}
