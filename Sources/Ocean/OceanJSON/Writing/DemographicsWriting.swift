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
            putDay("hnExpiryDate", health.expiry, from: source + "/healthNumber/expiry", into: &writer)
        }
        putIdentifiers(patient, from: source, into: &writer)
        putDay("birthDate", patient.birthDate, from: source + "/birthDate", into: &writer)
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

    /// A date without time.
    private static func putDay(_ name: String, _ date: String?, from source: String, into writer: inout ObjectWriter) {
        let day = date.map { date in OceanDate.text(date).map(OceanDate.day) ?? date }
        writer.putDate(name, day, from: source, note: day == date ? nil : "the day only")
    }

    private static func putNames(_ patient: Patient, from source: String, into writer: inout ObjectWriter) {
        let names = patient.names
        let others: Set<String> = ["nickname", "maiden", "old", "temp", "anonymous"]
        let main =
            names.firstIndex { $0.use == "official" } ?? names.firstIndex { $0.use == nil }
            ?? names.firstIndex { !others.contains($0.use ?? "") }
        if let main {
            let (name, place) = (names[main], "\(source)/names/\(main)")
            let first = name.given.firstIndex { !$0.isEmpty }
            PersonWriting.putJoined("secondName", name.given, skipping: first, from: place + "/given", into: &writer)
            if let first { writer.put("firstName", name.given[first], from: "\(place)/given/\(first)") }
            writer.put("surname", name.family, from: place + "/family")
            PersonWriting.putJoined("title", name.prefix, from: place + "/prefix", into: &writer)
            PersonWriting.putJoined("suffix", name.suffix, from: place + "/suffix", into: &writer)
            if !writer.has("firstName"), !writer.has("surname") {
                writer.put("surname", name.text, from: place + "/text", note: "a name in one piece")
            }
        }
        put("preferredName", use: "nickname", of: names, from: source, into: &writer) { name in
            name.given.firstIndex { !$0.isEmpty }.map { ("/given/\($0)", name.given[$0]) }
        }
        put("maidenName", use: "maiden", of: names, from: source, into: &writer) { name in
            name.family.flatMap { $0.isEmpty ? nil : ("/family", $0) }
        }
    }

    /// A name that Ocean gives as one text.
    private static func put(
        _ member: String, use: String, of names: [PersonName], from source: String, into writer: inout ObjectWriter,
        _ part: (PersonName) -> (place: String, text: String)?
    ) {
        guard let index = names.firstIndex(where: { $0.use == use && part($0) != nil }),
            let (place, text) = part(names[index])
        else { return }
        writer.put(member, text, from: "\(source)/names/\(index)\(place)")
        writer.log.wrote("\(source)/names/\(index)/use", to: JSONLeaves.child(writer.path, member))
    }

    private static func putIdentifiers(_ patient: Patient, from source: String, into writer: inout ObjectWriter) {
        let derived = PatientIdentifiers.derived(patient)
        for (index, identifier) in patient.identifiers.enumerated() {
            let place = "\(source)/identifiers/\(index)"
            if derived.contains(identifier) {
                writer.log.wrote(place, to: writer.path, note: "stands in a member of its own")
            } else if !writer.has("alternateId"), identifier.value.map({ !$0.isEmpty }) ?? false,
                identifier == PatientIdentifiers.alternate(identifier.value ?? "")
            {
                writer.put("alternateId", identifier.value, from: place)
            } else if let value = identifier.value, !value.isEmpty, derived.contains(where: { $0.value == value }) {
                writer.log.wrote(place + "/value", to: writer.path, note: "stands in a member of its own")
            }
        }
    }
}
