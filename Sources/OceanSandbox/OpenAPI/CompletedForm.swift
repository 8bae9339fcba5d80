// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// A patient who completed a form: what the Patient Engagement API then serves.
struct CompletedForm: Sendable {
    let patientRef: String
    let site: String
    let session: String
    let noteID: String
    /// What the patient decrypts to.
    let patient: JSONValue
    /// What the note decrypts to (`PtUpdate`).
    let note: JSONValue
    /// The caller's own patient id.
    let externalRef: String?
    let oneTimeKey: OneTimeKey

    /// The thin event that the webhook hears.
    var event: JSONValue {
        [
            "ref": .string(patientRef), "siteNum": .string(site), "type": .string(EventCode.formsCompletion.rawValue),
            "changeList": .null, "user": .null,
            "customProperties": ["noteCompletionSource": "PATIENT", "oceanSessionId": .string(session)],
        ]
    }

    /// Headers and body of the patient: one IV serves key and body.
    ///
    /// - Parameter key: with which the one-time key is wrapped.
    func patientAnswer(
        site: PretendSite, under key: SharedEncryptionKey
    ) throws(TranslationError) -> EncryptedAnswer {
        let iv = InitializationVector.random()
        let wrapped = try key.wrap(oneTimeKey, iv: iv)
        let body = try oneTimeKey.encrypt(json: patient, iv: iv)
        return EncryptedAnswer(
            headers: [
                ("oneTimeKey", wrapped.data), ("iv", body.iv),
                (site.swapsPatientHeaders ? "externalPtRef" : "extPatientRef", externalRef ?? ""),
            ], body: EncryptedAnswer.body(body, form: site.encryptedBodyForm))
    }

    /// Headers and body of the note: the key has an IV of its own.
    func noteAnswer(
        site: PretendSite, under key: SharedEncryptionKey
    ) throws(TranslationError) -> EncryptedAnswer {
        let wrapped = try key.wrap(oneTimeKey)
        let body = try oneTimeKey.encrypt(json: note)
        return EncryptedAnswer(
            headers: [
                ("noteId", noteID), ("oneTimeKey", wrapped.data), ("oneTimeKeyIv", wrapped.iv), ("iv", body.iv),
                (site.swapsPatientHeaders ? "extPatientRef" : "externalPtRef", externalRef ?? ""),
            ], body: EncryptedAnswer.body(body, form: site.encryptedBodyForm))
    }
}

/// An encrypted answer of the Open API.
struct EncryptedAnswer: Sendable {
    let headers: [(String, String)]
    let body: [UInt8]

    static func body(_ block: EncryptedBlock, form: EncryptedBodyForm) -> [UInt8] {
        let text = Array(block.data.utf8)
        guard form == .signedBytes, let ciphertext = EncryptedBody.ciphertext(text) else { return text }
        return EncryptedBody.signedBytes(of: ciphertext)
    }

    /// The same with a ciphertext that ends in the middle of a block, in the same wire form.
    var truncated: EncryptedAnswer { changed { $0.removeLast(min(9, $0.count)) } }

    /// The same with a last block whose padding is longer than a block.
    var badlyPadded: EncryptedAnswer {
        changed { ciphertext in
            guard ciphertext.count >= 32 else { return ciphertext = [] }
            ciphertext[ciphertext.count - 17] ^= 0x80
        }
    }

    private func changed(_ change: (inout [UInt8]) -> Void) -> EncryptedAnswer {
        guard var ciphertext = EncryptedBody.ciphertext(body) else { return self }
        change(&ciphertext)
        let bytes = EncryptedBody.signedBytes(of: ciphertext)
        guard body.first != 0x5B else { return EncryptedAnswer(headers: headers, body: bytes) }
        return EncryptedAnswer(headers: headers, body: Array(EncryptedBody.base64(of: ciphertext).utf8))
    }
}
