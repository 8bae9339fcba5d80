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
    let data: PatientData
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
    func patientAnswer(site: PretendSite) throws(TranslationError) -> EncryptedAnswer {
        let iv = InitializationVector.random()
        let wrapped = try SharedEncryptionKey(text: site.sharedEncryptionKey).wrap(oneTimeKey, iv: iv)
        let body = try oneTimeKey.encrypt(json: data.oceanPatient(site: self.site), iv: iv)
        return EncryptedAnswer(
            headers: [
                ("oneTimeKey", wrapped.data), ("iv", body.iv), ("extPatientRef", data.patient.chartNumber ?? ""),
            ], body: EncryptedAnswer.body(body, form: site.encryptedBodyForm))
    }

    /// Headers and body of the note: the key has an IV of its own.
    func noteAnswer(site: PretendSite) throws(TranslationError) -> EncryptedAnswer {
        let wrapped = try SharedEncryptionKey(text: site.sharedEncryptionKey).wrap(oneTimeKey)
        let body = try oneTimeKey.encrypt(json: data.note)
        return EncryptedAnswer(
            headers: [
                ("noteId", noteID), ("oneTimeKey", wrapped.data), ("oneTimeKeyIv", wrapped.iv), ("iv", body.iv),
                ("externalPtRef", data.patient.chartNumber ?? ""),
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
}
