// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    func readPatient(_ entry: FHIREntry) {
        guard !isOpened(entry) else { return }
        let place = "/referral/patient"
        let resource = open(entry, at: place)
        var patient = Patient()
        patient.identifiers = list(resource.objects("identifier"), at: "\(place)/identifiers", empty: Identifier()) {
            identifier($0, at: $1)
        }
        patient.healthNumber = patient.identifiers.first { HealthNumberSystem.isHealthNumber($0) }.map { identifier in
            var number = HealthNumber()
            number.value = identifier.value
            number.province = HealthNumberSystem.province(of: identifier.system)
            number.versionCode = identifier.versionCode
            return number
        }
        readHealthCard(resource, &patient)
        patient.chartNumber = patient.identifiers.first { NamingSystem.chartNumber.matches($0.system) }?.value
        patient.names = list(resource.objects("name"), at: "\(place)/names", empty: PersonName()) { name($0, at: $1) }
        patient.gender = resource.text("gender", to: "\(place)/gender")
        patient.birthDate = resource.text("birthDate", to: "\(place)/birthDate")
        patient.active = resource.flag("active", to: "\(place)/active")
        patient.deceased = resource.flag("deceasedBoolean", to: "\(place)/deceased")
        patient.deceasedDateTime = resource.text("deceasedDateTime", to: "\(place)/deceasedDateTime")
        patient.telecom = list(resource.objects("telecom"), at: "\(place)/telecom", empty: ContactPoint()) {
            telecom($0, at: $1)
        }
        patient.addresses = list(resource.objects("address"), at: "\(place)/addresses", empty: Address()) {
            address($0, at: $1)
        }
        patient.language = readLanguage(resource, "\(place)/language")
        readEmergencyContact(resource, &patient)
        for reference in resource.objects("generalPractitioner") where patient.familyDoctor == nil {
            guard let doctor = follow(reference, types: ["PractitionerRole", "Practitioner"]), !isOpened(doctor) else {
                continue
            }
            patient.familyDoctor = participant(doctor, at: "\(place)/familyDoctor")
        }
        if patient != Patient() { referral.patient = patient }
    }

    /// What the older form says of the health card: version code beside the identifiers, expiry as their period.
    private func readHealthCard(_ resource: SourceCursor, _ patient: inout Patient) {
        let place = "/referral/patient/healthNumber"
        for element in resource.objects("extension") where element.peek("url") == ExtensionURL.healthCardVersion {
            let stated = patient.healthNumber?.versionCode
            guard stated == nil || stated == element.peek("valueString"),
                let code = element.text("valueString", to: "\(place)/versionCode")
            else { continue }
            element["url"]?.structural(.extensionURL)
            var number = patient.healthNumber ?? HealthNumber()
            number.versionCode = code
            patient.healthNumber = number
        }
        for element in resource.objects("identifier")
        where patient.healthNumber?.expiry == nil
            && HealthNumberSystem.isHealthNumber(tree.quietly { identifier(element, at: "") })
        {
            guard let end = element.object("period")?.text("end", to: "\(place)/expiry") else { continue }
            patient.healthNumber?.expiry = end
        }
    }

    private func readLanguage(_ resource: SourceCursor, _ place: String) -> String? {
        guard let language = resource.objects("communication").first?.object("language") else { return nil }
        if let coding = language.objects("coding").first, let code = coding.text("code", to: place) {
            if coding.peek("system") == "urn:ietf:bcp:47" { coding["system"]?.structural(.impliedSystem) }
            return code
        }
        return language.text("text", to: place)
    }

    private func readEmergencyContact(_ resource: SourceCursor, _ patient: inout Patient) {
        let place = "/referral/patient"
        for contact in resource.objects("contact") {
            let coding = contact.objects("relationship").first?.objects("coding").first
            guard coding?.peek("code") == "C" else { continue }
            patient.emergencyContactName = contact.object("name")?.text("text", to: "\(place)/emergencyContactName")
            for telecom in contact.objects("telecom")
            where telecom.peek("system") == "phone" && patient.emergencyContactPhone == nil {
                patient.emergencyContactPhone = telecom.text("value", to: "\(place)/emergencyContactPhone")
                telecom["system"]?.structural(.impliedSystem)
            }
            coding?["code"]?.structural(.impliedSystem)
            coding?["system"]?.structural(.impliedSystem)
            return
        }
    }
}

/// Canada's health number systems: `https://fhir.infoway-inforoute.ca/NamingSystem/ca-{province}-patient-…`.
enum HealthNumberSystem {
    static func isHealthNumber(_ identifier: Identifier) -> Bool {
        province(of: identifier.system) != nil || identifier.type.contains { $0.code == "JHN" }
    }

    /// Two capital letters; nil for other systems.
    static func province(of system: String?) -> String? {
        guard let last = system?.split(separator: "/").last else { return nil }
        let parts = last.split(separator: "-")
        guard parts.count >= 4, parts[0] == "ca", parts[1].utf8.count == 2, parts[2] == "patient" else { return nil }
        return parts[1].uppercased()
    }

    /// The system of a province given by its two letters.
    static func system(province: String) -> String {
        let letters = province.lowercased()
        return letters == "on"
            ? NamingSystem.ontarioHealthNumber
            : "https://fhir.infoway-inforoute.ca/NamingSystem/ca-\(letters)-patient-healthcare-id"
    }
}
