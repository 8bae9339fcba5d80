// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Completes a thin form event with what Ocean's Patient Engagement API answered.
package enum EngagementContentReader {
    /// Decrypts patient and note and fills in `canonical.engagement`; the event is no longer thin.
    ///
    /// - Parameters:
    ///   - patient: nil when Ocean has it no longer.
    ///   - note: nil when there is none (any more).
    ///   - canonical: a message of `EngagementEventReader`.
    /// - Returns: the completed message and what became of every leaf; places stand under `/patient` and `/note`.
    /// - Throws: `TranslationError`: `.undecipherable`, or `.invalid` when the message is no form event or the content
    ///   is another patient's.
    package static func read(
        patient: EncryptedContent?, note: EncryptedContent?, keys: SharedEncryptionKeys,
        into canonical: CanonicalMessage
    ) throws(TranslationError) -> (CanonicalMessage, Ledger) {
        guard var engagement = canonical.engagement else {
            throw TranslationError(.invalid, at: "/engagement", "the message is no form event")
        }
        let patientData = try patient.map { content throws(TranslationError) in
            try open(content, keys: keys, at: "/patient")
        }
        let noteData = try note.map { content throws(TranslationError) in try open(content, keys: keys, at: "/note") }
        if let patientData {
            try check(patientData, "ref", is: engagement.patientRef)
            if let site = engagement.site { try check(patientData, "siteNum", is: site) }
        }

        let log = ReadingLog(unmapped: engagement.unmapped)
        engagement.externalPatientRef =
            patient?.externalPatientRef ?? note?.externalPatientRef ?? engagement.externalPatientRef
        engagement.noteID = note?.noteID ?? engagement.noteID
        engagement.sealed = nil
        engagement.unavailable = (patient == nil ? ["patient"] : []) + (note == nil ? ["note"] : [])
        if let noteData {
            readUpdate(ObjectReader(noteData, at: "/note", log: log), into: &engagement)
        }
        if let patientData {
            readPatient(ObjectReader(patientData, at: "/patient", log: log), note: noteData, into: &engagement)
        }
        engagement.unmapped = log.unmapped
        var output = canonical
        output.engagement = engagement
        output.event.thin = false
        return (output, log.ledger)
    }

    private static func open(
        _ content: EncryptedContent, keys: SharedEncryptionKeys, at place: String
    ) throws(TranslationError) -> JSONObject {
        let wrapped = EncryptedBlock(data: content.oneTimeKey, iv: content.oneTimeKeyIV)
        let key = try keys.unwrap(wrapped, at: place)
        guard let object = try key.decryptJSON(body: content.body, iv: content.iv, at: place).objectValue else {
            throw .undecipherable(at: place)
        }
        return object
    }

    /// Another patient's data must never be joined to the event.
    private static func check(
        _ object: JSONObject, _ member: String, is expected: String
    ) throws(TranslationError) {
        guard let value = object[member], !ObjectReader.saysNothing(value) else { return }
        guard OceanReference.text(value) == expected else {
            throw TranslationError(
                .invalid, at: "/patient/\(member)", "is not that of the event; Ocean answered for another patient")
        }
    }

    private static func readPatient(
        _ reader: ObjectReader, note: JSONObject?, into engagement: inout Engagement
    ) {
        _ = reader.text("ref", to: "/patientRef")
        if let site = reader.text("siteNum", to: "/site") { engagement.site = site }
        var patient = Patient()
        if let demographics = reader.object("demographics") {
            DemographicsReading.read(demographics, into: &patient)
            demographics.finish()
        }
        patient.chartNumber = reader.text("externalPatientRef", to: "/patient/chartNumber")
        if let chart = patient.chartNumber {
            engagement.externalPatientRef = engagement.externalPatientRef ?? chart
        } else {
            patient.chartNumber = engagement.externalPatientRef
        }
        PatientIdentifiers.complete(&patient)
        if patient != Patient() { engagement.patient = patient }
        engagement.reasonForVisit = reader.text("reasonForVisit", to: "/reasonForVisit")
        engagement.appointmentReason = reader.text("apptReason", to: "/appointmentReason")
        engagement.visitType = reader.text("visitType", to: "/visitType")
        engagement.profile = ProfileReading.read(reader, to: "/profile")
        if let note {
            // The note of the session is the newer one.
            if reader.peek("ptUpdate") == JSONValue.object(note), let (value, place) = reader.take("ptUpdate") {
                reader.log.keep(value, at: place, target: "/note", note: "the same as the note")
            }
        } else if let update = reader.object("ptUpdate") {
            readUpdate(update, into: &engagement)
        }
        reader.finish()
    }

    /// Ocean's `PtUpdate`.
    private static func readUpdate(_ reader: ObjectReader, into engagement: inout Engagement) {
        if let progress = reader.object("progressNote") {
            var note = ProgressNote()
            note.title = progress.text("title", to: "/note/title")
            note.text = progress.text("text", to: "/note/text")
            note.type = progress.text("noteType", to: "/note/type")
            progress.finish()
            if note != ProgressNote() { engagement.note = note }
        }
        engagement.forms += FormReading.read(reader, to: "/forms", first: engagement.forms.count)
        if let (value, place) = reader.take("emrFieldUpdates") {
            engagement.fieldUpdates = value
            reader.log.keep(value, at: place, target: "/fieldUpdates")
        }
        reader.finish()
    }
}
