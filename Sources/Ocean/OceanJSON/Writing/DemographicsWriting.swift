// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The patient as Ocean's demographics.
enum DemographicsWriting {
    static func json(_ patient: Patient, from source: String, at path: String, log: WritingLog) -> JSONValue? {
        var writer = ObjectWriter(at: path, log: log)
        putNames(patient, from: source, into: &writer)
        if let health = patient.healthNumber {
            writer.put("hn", health.value, from: source + "/healthNumber/value")
            writer.put("hnProv", health.province, from: source + "/healthNumber/province")
            writer.put("hnVC", health.versionCode, from: source + "/healthNumber/versionCode")
            writer.put("hnExpiryDate", health.expiry, from: source + "/healthNumber/expiry")
        }
        putIdentifiers(patient, from: source, into: &writer)
        writer.put("birthDate", patient.birthDate, from: source + "/birthDate")
        writer.put("sex", patient.gender.flatMap(OceanWord.word(forGender:)), from: source + "/gender")
        let members = ["address", "address2"]
        let addresses = PersonWriting.addresses(
            patient.addresses, patient.telecom, from: source, at: members.map { JSONLeaves.child(path, $0) }, log: log)
        for (member, address) in zip(members, addresses) { writer.put(member, address) }
        writer.put("language", patient.language, from: source + "/language")
        for (member, doctor, place) in [
            ("familyDoc", patient.familyDoctor, "/familyDoctor"), ("clinicDoc", patient.clinicDoctor, "/clinicDoctor"),
        ] {
            guard let doctor else { continue }
            writer.put(
                member,
                PersonWriting.doctor(doctor, from: source + place, at: JSONLeaves.child(path, member), log: log))
        }
        writer.put("emergencyContact", patient.emergencyContactName, from: source + "/emergencyContactName")
        writer.put("emergencyContactPhone", patient.emergencyContactPhone, from: source + "/emergencyContactPhone")
        return writer.json
    }

    private static func putNames(_ patient: Patient, from source: String, into writer: inout ObjectWriter) {
        let names = patient.names
        let others: Set<String> = ["nickname", "maiden", "old", "temp", "anonymous"]
        let main =
            names.firstIndex { $0.use == "official" } ?? names.firstIndex { $0.use == nil }
            ?? names.firstIndex { !others.contains($0.use ?? "") }
        if let main {
            let (name, place) = (names[main], "\(source)/names/\(main)")
            writer.put("firstName", name.given.first, from: place + "/given/0")
            writer.put("secondName", PersonWriting.joined(Array(name.given.dropFirst())), from: place + "/given")
            writer.put("surname", name.family, from: place + "/family")
            writer.put("title", PersonWriting.joined(name.prefix), from: place + "/prefix")
            writer.put("suffix", PersonWriting.joined(name.suffix), from: place + "/suffix")
            if name.given.isEmpty, name.family == nil {
                writer.put("surname", name.text, from: place + "/text", note: "a name in one piece")
            }
        }
        if let index = names.firstIndex(where: { $0.use == "nickname" }) {
            writer.put("preferredName", names[index].given.first, from: "\(source)/names/\(index)/given")
            writer.log.wrote("\(source)/names/\(index)/use", to: JSONLeaves.child(writer.path, "preferredName"))
        }
        if let index = names.firstIndex(where: { $0.use == "maiden" }) {
            writer.put("maidenName", names[index].family, from: "\(source)/names/\(index)/family")
            writer.log.wrote("\(source)/names/\(index)/use", to: JSONLeaves.child(writer.path, "maidenName"))
        }
    }

    private static func putIdentifiers(_ patient: Patient, from source: String, into writer: inout ObjectWriter) {
        let derived = PatientIdentifiers.derived(patient)
        for (index, identifier) in patient.identifiers.enumerated() {
            let place = "\(source)/identifiers/\(index)"
            if derived.contains(identifier) {
                writer.log.wrote(place, to: writer.path, note: "stands in a member of its own")
            } else if !writer.has("alternateId"),
                identifier == PatientIdentifiers.alternate(identifier.value ?? "")
            {
                writer.put("alternateId", identifier.value, from: place)
            } else if let value = identifier.value, derived.contains(where: { $0.value == value }) {
                writer.log.wrote(place + "/value", to: writer.path, note: "stands in a member of its own")
            }
        }
    }
}
