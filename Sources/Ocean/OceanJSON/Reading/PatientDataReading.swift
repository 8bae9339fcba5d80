// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The decrypted data of a patient: what `encryptedPtData` holds is not published, so that members are expected as in
/// the patient of the Patient Engagement API and everything else is kept as it is.
enum PatientDataReading {
    struct Content {
        var patient: Patient?
        var forms: [Form] = []
        var notes: [Note] = []
    }

    static func read(_ data: ObjectReader) -> Content {
        var content = Content()
        var patient = Patient()
        if let demographics = data.object("demographics") {
            DemographicsReading.read(demographics, into: &patient)
            demographics.finish()
        } else if data.has("surname") || data.has("firstName") || data.has("hn") {
            DemographicsReading.read(data, into: &patient)
        }
        if let chart = data.text("externalPatientRef", to: "/patient/chartNumber") { patient.chartNumber = chart }
        PatientIdentifiers.complete(&patient)
        if patient != Patient() { content.patient = patient }
        readProgress(data, into: &content)
        if let update = data.object("ptUpdate") {
            readProgress(update, into: &content)
            update.finish()
        }
        content.notes += data.canonical("notes", as: [Note].self, to: "/notes") ?? []
        data.finish()
        return content
    }

    private static func readProgress(_ reader: ObjectReader, into content: inout Content) {
        content.forms += FormReading.read(reader, to: "/forms", first: content.forms.count)
        if let progress = reader.object("progressNote") {
            if let text = progress.text("text", to: "/notes/\(content.notes.count)/text") {
                var note = Note()
                note.text = text
                note.plainText = HTMLText.plain(text)
                content.notes.append(note)
            }
            progress.finish()
        }
    }
}

/// Ocean's demographics.
enum DemographicsReading {
    /// The caller finishes the reader.
    static func read(_ reader: ObjectReader, into patient: inout Patient, at target: String = "/patient") {
        readNames(reader, into: &patient, at: target)
        var health = HealthNumber()
        health.value = reader.text("hn", to: target + "/healthNumber/value")
        health.province = reader.text("hnProv", to: target + "/healthNumber/province")
        health.versionCode = reader.text("hnVC", to: target + "/healthNumber/versionCode")
        health.expiry = reader.date("hnExpiryDate", to: target + "/healthNumber/expiry").map(OceanDate.day)
        if health != HealthNumber() { patient.healthNumber = health }
        if let alternate = reader.text("alternateId", to: target + "/identifiers") {
            patient.identifiers.append(PatientIdentifiers.alternate(alternate))
        }
        patient.birthDate = reader.date("birthDate", to: target + "/birthDate").map(OceanDate.day)
        patient.gender = reader.word("sex", to: target + "/gender", OceanWord.gender)
        for member in ["address", "address2"] {
            guard let address = reader.object(member) else { continue }
            AddressReading.read(address, to: target, addresses: &patient.addresses, telecom: &patient.telecom)
        }
        patient.language = reader.text("language", to: target + "/language")
        patient.familyDoctor = reader.object("familyDoc").flatMap {
            ClinicianReading.read($0, to: target + "/familyDoctor")
        }
        patient.clinicDoctor = reader.object("clinicDoc").flatMap {
            ClinicianReading.read($0, to: target + "/clinicDoctor")
        }
        patient.emergencyContactName = reader.text("emergencyContact", to: target + "/emergencyContactName")
        patient.emergencyContactPhone = reader.text("emergencyContactPhone", to: target + "/emergencyContactPhone")
    }

    private static func readNames(_ reader: ObjectReader, into patient: inout Patient, at target: String) {
        var name = PersonName()
        for member in ["firstName", "secondName"] {
            if let given = reader.text(member, to: "\(target)/names/0/given/\(name.given.count)") {
                name.given.append(given)
            }
        }
        name.family = reader.text("surname", to: target + "/names/0/family")
        name.prefix = reader.text("title", to: target + "/names/0/prefix/0").map { [$0] } ?? []
        name.suffix = reader.text("suffix", to: target + "/names/0/suffix/0").map { [$0] } ?? []
        if name != PersonName() { patient.names.append(name) }
        if let preferred = reader.text("preferredName", to: "\(target)/names/\(patient.names.count)/given/0") {
            var name = PersonName()
            name.use = "nickname"
            name.given = [preferred]
            patient.names.append(name)
        }
        if let maiden = reader.text("maidenName", to: "\(target)/names/\(patient.names.count)/family") {
            var name = PersonName()
            name.use = "maiden"
            name.family = maiden
            patient.names.append(name)
        }
    }
}

/// The identifiers of a patient that Ocean JSON gives as single members.
enum PatientIdentifiers {
    static let alternateType = "alternate"

    static func alternate(_ value: String) -> Identifier {
        var identifier = Identifier(system: nil, value: value)
        identifier.typeText = alternateType
        return identifier
    }

    /// Lists health number and chart number among the identifiers, before the others.
    static func complete(_ patient: inout Patient) {
        patient.identifiers = derived(patient) + patient.identifiers
    }

    static func derived(_ patient: Patient) -> [Identifier] {
        var output: [Identifier] = []
        if let health = patient.healthNumber, let value = health.value, !value.isEmpty {
            // Only Ontario's number has a system of its own; another province's keeps its type and its digits.
            let isOntario = health.province.map(OceanWord.key).map { $0 == "ON" || $0 == "ONTARIO" } ?? false
            var identifier = Identifier(system: isOntario ? NamingSystem.ontarioHealthNumber : nil, value: value)
            identifier.type = [Coding(system: NamingSystem.identifierType, code: "JHN")]
            identifier.versionCode = health.versionCode
            output.append(identifier)
        }
        if let chart = patient.chartNumber, !chart.isEmpty {
            var identifier = Identifier(system: NamingSystem.chartNumber.rawValue, value: chart)
            identifier.type = [Coding(system: NamingSystem.identifierType, code: "MR")]
            output.append(identifier)
        }
        return output
    }
}
