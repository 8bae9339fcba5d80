// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension UpdateDraft {
    func patientResource(_ patient: Patient) -> JSONObject {
        let patient = PatientFitness(patient).patient
        var resource = resource("Patient", id: id("Patient"))
        resource.put("identifier", .array(patientIdentifiers(patient)))
        resource.put("active", patient.active.map { .bool($0) })
        resource.put("name", .array(patient.names.map { name($0) }.filter { $0 != .object([:]) }))
        resource.put("telecom", .array(patient.telecom.map { telecom($0) }.filter { $0 != .object([:]) }))
        resource.put("gender", text: patient.gender)
        resource.put("birthDate", text: patient.birthDate)
        if let died = patient.deceasedDateTime.nonEmptyText {
            resource.put("deceasedDateTime", text: died)
        } else {
            resource.put("deceasedBoolean", patient.deceased.map { .bool($0) })
        }
        resource.put("address", .array(patient.addresses.filter { !$0.isEmpty }.map { address($0) }))
        resource.put("contact", emergencyContact(patient))
        resource.put("communication", language(patient.language))
        if let doctor = patient.familyDoctor?.name.flatMap({ Self.display($0) }) {
            resource.put("generalPractitioner", [["display": .string(doctor)]])
        }
        return resource.object
    }

    /// The identifiers as received, and health and chart number where those are given apart.
    func patientIdentifiers(_ patient: Patient) -> [JSONValue] {
        var output: [JSONValue] = []
        let hasHealthNumber = patient.identifiers.contains { $0.type.contains { $0.code == "JHN" } }
        if !hasHealthNumber, let number = patient.healthNumber, let value = number.value.nonEmptyText {
            var identifier = Identifier(system: Self.healthNumberSystem(number.province), value: value)
            identifier.use = "official"
            identifier.type = [Coding(system: NamingSystem.identifierType, code: "JHN")]
            identifier.versionCode = number.versionCode
            output.append(self.identifier(identifier))
        }
        output += patient.identifiers.map { identifier($0) }.filter { $0 != .object([:]) }
        let hasChart = patient.identifiers.contains { NamingSystem.chartNumber.matches($0.system) }
        if !hasChart, let value = patient.chartNumber.nonEmptyText {
            var identifier = Identifier(system: NamingSystem.chartNumber.url(host: context.oceanHost), value: value)
            identifier.type = [Coding(system: NamingSystem.identifierType, code: "MR")]
            output.append(self.identifier(identifier))
        }
        return output
    }

    /// Canada Health Infoway's naming systems.
    private static func healthNumberSystem(_ province: String?) -> String {
        guard let province = province.nonEmptyText?.lowercased(), province != "on" else {
            return NamingSystem.ontarioHealthNumber
        }
        return "https://fhir.infoway-inforoute.ca/NamingSystem/ca-\(province)-patient-healthcare-id"
    }

    func identifier(_ identifier: Identifier) -> JSONValue {
        var draft = ElementBuilder()
        if let version = identifier.versionCode.nonEmptyText {
            draft.put(
                "extension", [["url": .string(ExtensionURL.healthCardVersion), "valueString": .string(version)]])
        }
        draft.put("use", text: identifier.use.flatMap { RequiredCodes.identifierUse.contains($0) ? $0 : nil })
        var type = ElementBuilder()
        type.put("coding", .array(identifier.type.compactMap(\.updateValue)))
        type.put("text", text: identifier.typeText)
        draft.put("type", type.json)
        draft.put("system", text: identifier.system)
        draft.put("value", text: identifier.value)
        return draft.json
    }

    private func name(_ name: PersonName) -> JSONValue {
        var draft = ElementBuilder()
        draft.put("use", text: name.use)
        draft.put("text", text: name.text)
        draft.put("family", text: name.family)
        draft.put("given", texts: name.given)
        draft.put("prefix", texts: name.prefix)
        draft.put("suffix", texts: name.suffix)
        return draft.json
    }

    static func display(_ name: PersonName) -> String? {
        let parts = name.prefix + name.given + [name.family ?? ""] + name.suffix
        return name.text.nonEmptyText ?? parts.filter { !$0.isEmpty }.joined(separator: " ").optionalText
    }

    private func telecom(_ point: ContactPoint) -> JSONValue {
        var draft = ElementBuilder()
        draft.put("system", text: point.system)
        draft.put("value", text: point.value)
        draft.put("use", text: point.use)
        return draft.json
    }

    private func address(_ address: Address) -> JSONValue {
        var draft = ElementBuilder()
        draft.put("use", text: address.use)
        draft.put("type", text: address.type)
        draft.put("text", text: address.text)
        draft.put("line", texts: address.line)
        draft.put("city", text: address.city)
        draft.put("state", text: address.province)
        draft.put("postalCode", text: address.postalCode)
        draft.put("country", text: address.country)
        return draft.json
    }

    private func emergencyContact(_ patient: Patient) -> JSONValue? {
        guard patient.emergencyContactName.nonEmptyText != nil || patient.emergencyContactPhone.nonEmptyText != nil
        else { return nil }
        var contact = ElementBuilder()
        contact.put(
            "relationship",
            [["coding": [["system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "C"]]]])
        if let name = patient.emergencyContactName.nonEmptyText { contact.put("name", ["text": .string(name)]) }
        if let phone = patient.emergencyContactPhone.nonEmptyText {
            contact.put("telecom", [["system": "phone", "value": .string(phone)]])
        }
        return [contact.json]
    }

    private func language(_ language: String?) -> JSONValue? {
        guard let language = language.nonEmptyText else { return nil }
        let isTag =
            (2...3).contains(language.prefix { $0 != "-" }.utf8.count)
            && language.utf8.allSatisfy {
                $0 == 0x2D || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
            }
        return isTag
            ? [["language": ["coding": [["system": "urn:ietf:bcp:47", "code": .string(language)]]]]]
            : [["language": ["text": .string(language)]]]
    }
}

extension String {
    var optionalText: String? { isEmpty ? nil : self }
}
