// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    /// The Patient; without content when the source says nothing of it, since other resources need their subject.
    ///
    /// - Parameter extra: identifiers that stand elsewhere in the canonical message, each marked with its field.
    mutating func patient(_ patient: Patient?, at place: WritingPlace, extra: [ElementBuilder] = []) -> Handle {
        let handle = handle("patient")
        guard let patient else {
            var resource = ElementBuilder()
            resource.fill("resourceType", "Patient", note: place.note("a ServiceRequest needs a subject"))
            resource.put("id", .string(handle.id))
            resource.append("identifier", extra)
            add(handle, resource)
            return handle
        }
        var resource = RecordElement(patient, at: place, in: ElementBuilder(resourceType: "Patient", id: handle.id))
        putIdentifiers(patient, extra, into: &resource)
        resource.put("active", patient.active.map { .bool($0) }, as: "active")
        resource.append("name", patient.names.enumerated().map { Self.name($1, at: place("names")($0)) }, as: "names")
        resource.append("telecom", Self.telecom(patient.telecom, at: place("telecom")), as: "telecom")
        resource.put("gender", patient.gender, as: "gender", if: Self.isCode(in: RequiredCodes.gender))
        resource.put("birthDate", patient.birthDate, as: "birthDate", if: Primitive.isDate)
        if !resource.put(
            "deceasedDateTime", patient.deceasedDateTime, as: "deceasedDateTime", if: Primitive.isDateTime)
        {
            resource.put("deceasedBoolean", patient.deceased.map { .bool($0) }, as: "deceased")
        }
        resource.append("address", Self.addresses(patient.addresses, at: place("addresses")), as: "addresses")
        putContact(patient, into: &resource)
        putLanguage(patient.language, into: &resource)
        if let doctor = patient.familyDoctor {
            let doctor = participant(doctor, role: "family-doctor", at: place("familyDoctor"))
            resource.element.put("generalPractitioner", .array([doctor.reference]))
            resource.hold("familyDoctor")
        }
        add(handle, resource.finished())
        return handle
    }

    private func putIdentifiers(
        _ patient: Patient, _ extra: [ElementBuilder], into resource: inout RecordElement<Patient>
    ) {
        let place = resource.place
        let card = patient.healthNumber
        var elements = Self.identifiers(patient.identifiers, at: place("identifiers"))
        if let index = IdentifierRole.healthNumber(patient.identifiers) {
            let identifier = patient.identifiers[index]
            if card == nil {
                resource.miss("healthNumber")
            } else if card?.json == IdentifierRole.healthNumber(of: identifier).json {
                resource.hold("healthNumber")
                let place = place("healthNumber")
                elements[index].note("value", from: place("value").pointer)
                elements[index].note("system", from: place("province").pointer)
                elements[index].note("extension", from: place("versionCode").pointer)
            } else if let version = card?.versionCode, Primitive.isString(version), identifier.versionCode == nil {
                resource.element.append(
                    "extension", [Self.versionCode(version, at: WritingPlace(pointer: nil))])
            }
        } else if let card, let element = healthNumber(card) {
            elements.append(element)
        }
        let type = Self.concept(
            system: NamingSystem.identifierType, code: "MR", display: "Medical record number")
        Self.repeatIdentifier(
            "chartNumber", patient.chartNumber, of: patient.identifiers,
            IdentifierRole.chartNumber(patient.identifiers), system: NamingSystem.chartNumber.url(host: Self.host),
            type: type, in: &elements, record: &resource)
        resource.append("identifier", elements + extra, as: "identifiers")
    }

    /// The card as systems expect it, beside the extension from which it is read back.
    private func healthNumber(_ card: HealthNumber) -> ElementBuilder? {
        var element = ElementBuilder()
        if let version = card.versionCode, Primitive.isString(version) {
            element.append("extension", [Self.versionCode(version, at: WritingPlace(pointer: nil))])
        }
        element.markAsField("healthNumber")
        element.put(
            "type",
            Self.concept(
                system: NamingSystem.identifierType, code: "JHN", display: "Jurisdictional health number"))
        if let province = card.province, Self.isProvince(province) {
            element.put("system", .string(HealthNumberSystem.system(province: province)))
        }
        guard let value = card.value, Primitive.isString(value) else { return nil }
        element.put("value", .string(value))
        if let expiry = card.expiry, Primitive.isDateTime(expiry) {
            var period = ElementBuilder()
            period.put("end", .string(expiry))
            element.put("period", period)
        }
        return element
    }

    private static func isProvince(_ text: String) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy { (0x41...0x5A).contains($0 & 0xDF) }
    }

    private func putLanguage(_ language: String?, into resource: inout RecordElement<Patient>) {
        guard let language, Primitive.isString(language) else { return }
        let place = resource.place("language")
        var concept = ElementBuilder()
        // Tags of BCP 47 begin with two or three letters; Ocean's demographics hold words.
        let first = language.split(separator: "-").first ?? ""
        if (2...3).contains(first.utf8.count), Primitive.isID(language) {
            var coding = ElementBuilder()
            coding.put("system", "urn:ietf:bcp:47")
            coding.put("code", language, from: place.pointer)
            concept.append("coding", [coding])
        } else {
            concept.put("text", language, from: place.pointer)
        }
        var element = ElementBuilder()
        element.put("language", concept)
        resource.append("communication", [element], as: "language")
    }

    private func putContact(_ patient: Patient, into resource: inout RecordElement<Patient>) {
        let place = resource.place
        var element = ElementBuilder()
        if let text = patient.emergencyContactName, Primitive.isString(text) {
            var name = ElementBuilder()
            name.put("text", text, from: place("emergencyContactName").pointer)
            element.put("name", name)
            resource.hold("emergencyContactName")
        }
        if let phone = patient.emergencyContactPhone, Primitive.isString(phone) {
            var point = ElementBuilder()
            point.put("system", "phone")
            point.put("value", phone, from: place("emergencyContactPhone").pointer)
            element.append("telecom", [point])
            resource.hold("emergencyContactPhone")
        }
        guard !element.isEmpty else { return }
        element.append(
            "relationship", [Self.concept(system: "http://terminology.hl7.org/CodeSystem/v2-0131", code: "C")])
        resource.element.append("contact", [element])
    }
}
