// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The Patient of a received update.
enum ReceivedPatient {
    static func patient(_ json: JSONValue) -> Patient {
        var patient = Patient()
        patient.identifiers = (json["identifier"]?.listElements ?? []).map { identifier($0) }
        patient.healthNumber = healthNumber(patient.identifiers)
        patient.chartNumber = patient.identifiers.first { NamingSystem.chartNumber.matches($0.system) }?.value
        patient.names = (json["name"]?.listElements ?? []).map { name($0) }
        patient.gender = json["gender"]?.stringValue
        patient.birthDate = json["birthDate"]?.stringValue
        patient.active = json["active"]?.boolValue
        patient.deceased = json["deceasedBoolean"]?.boolValue
        patient.deceasedDateTime = json["deceasedDateTime"]?.stringValue
        patient.telecom = (json["telecom"]?.listElements ?? []).map { telecom($0) }
        patient.addresses = (json["address"]?.listElements ?? []).map { address($0) }.filter { !$0.isEmpty }
        let language = json["communication"]?[0]?["language"]
        patient.language = language?["coding"]?[0]?["code"]?.stringValue ?? language?["text"]?.stringValue
        let contact = json["contact"]?[0]
        patient.emergencyContactName = contact?["name"]?["text"]?.stringValue
        patient.emergencyContactPhone = contact?["telecom"]?[0]?["value"]?.stringValue
        if let doctor = json["generalPractitioner"]?[0]?["display"]?.stringValue {
            var participant = Participant()
            participant.name = PersonName()
            participant.name?.text = doctor
            patient.familyDoctor = participant
        }
        return patient
    }

    private static func identifier(_ json: JSONValue) -> Identifier {
        var identifier = Identifier(system: json["system"]?.stringValue, value: json["value"]?.stringValue)
        identifier.use = json["use"]?.stringValue
        identifier.type = json["type"].map { ReceivedResource.codings($0) } ?? []
        identifier.typeText = json["type"]?["text"]?.stringValue
        identifier.versionCode =
            (json["extension"]?.listElements ?? [])
            .first { $0["url"]?.stringValue == ExtensionURL.healthCardVersion }?["valueString"]?.stringValue
        return identifier
    }

    private static func healthNumber(_ identifiers: [Identifier]) -> HealthNumber? {
        let found = identifiers.first {
            $0.system == NamingSystem.ontarioHealthNumber || $0.type.contains { $0.code == "JHN" }
        }
        guard let found, let value = found.value else { return nil }
        var number = HealthNumber()
        number.value = value
        number.versionCode = found.versionCode
        if found.system == NamingSystem.ontarioHealthNumber {
            number.province = "ON"
        } else if let name = found.system?.split(separator: "/").last, name.hasPrefix("ca-") {
            number.province = name.dropFirst(3).split(separator: "-").first.map { $0.uppercased() }
        }
        return number
    }

    static func name(_ json: JSONValue) -> PersonName {
        var name = PersonName()
        name.use = json["use"]?.stringValue
        name.text = json["text"]?.stringValue
        name.family = json["family"]?.stringValue
        name.given = texts(json["given"])
        name.prefix = texts(json["prefix"])
        name.suffix = texts(json["suffix"])
        return name
    }

    private static func telecom(_ json: JSONValue) -> ContactPoint {
        ContactPoint(
            system: json["system"]?.stringValue, value: json["value"]?.stringValue, use: json["use"]?.stringValue)
    }

    private static func address(_ json: JSONValue) -> Address {
        var address = Address()
        address.use = json["use"]?.stringValue
        address.type = json["type"]?.stringValue
        address.text = json["text"]?.stringValue
        address.line = texts(json["line"])
        address.city = json["city"]?.stringValue
        address.province = json["state"]?.stringValue
        address.postalCode = json["postalCode"]?.stringValue
        address.country = json["country"]?.stringValue
        return address
    }

    private static func texts(_ json: JSONValue?) -> [String] { (json?.arrayValue ?? []).compactMap(\.stringValue) }
}
