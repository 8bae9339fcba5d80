// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension MessageBundle {
    private var typeSystem: String {
        isCurrent ? NamingSystem.identifierType : "http://hl7.org/fhir/v2/0203/"
    }

    private func typed(
        _ code: String, _ display: String, _ typeText: String?, system: String, value: String?,
        extensions: JSONValue? = nil
    ) -> JSONValue {
        object(
            ("extension", extensions), ("use", "official"),
            (
                "type",
                object(
                    ("coding", [coding(typeSystem, code, display)]), ("text", isCurrent ? text(typeText) : nil))
            ),
            ("system", .string(system)), ("value", text(value)))
    }

    var patientResource: JSONValue {
        if let corrected = file.correctedPatient { return Self.withoutEnvelope(corrected) }
        let person = file.content.patient
        let version = person.versionCode.map { code -> JSONValue in
            [object(("url", .string(ExtensionURL.healthCardVersion)), ("valueString", .string(code)))]
        }
        let health = typed(
            "JHN", "Jurisdictional health number (Canada)", "Personal Health Number",
            system: NamingSystem.ontarioHealthNumber, value: person.healthNumber, extensions: version)
        let chart = typed(
            "MR", "Medical record number", "EMR/EHR Medical Record Number",
            system: NamingSystem.chartNumber.url(host: context.host), value: person.chartNumber)
        let name = object(
            ("use", "official"), ("text", .string(person.fullName)), ("family", .string(person.family)),
            ("given", list(person.given.map { .string($0) })))
        let telecom = list([
            contact("phone", person.phone, "home"), contact("phone", person.mobile, "mobile"),
            contact("email", person.email, "home"),
        ])
        return object(
            ("identifier", [health, chart]), ("active", true), ("name", [name]), ("telecom", telecom),
            ("gender", .string(person.gender)), ("birthDate", text(person.birthDate)), ("deceasedBoolean", false),
            // Ocean always writes a second address, empty but for use and type.
            (
                "address",
                [address(person.address, use: "home", type: "postal"), address(nil, use: "temp", type: "both")]
            ))
    }

    private static func withoutEnvelope(_ resource: JSONValue) -> JSONValue {
        var output = resource
        for name in ["resourceType", "id", "meta"] { output[name] = nil }
        return output
    }

    private func contact(_ system: String, _ value: String?, _ use: String) -> JSONValue? {
        guard let value else { return nil }
        return object(("system", .string(system)), ("value", .string(value)), ("use", .string(use)))
    }

    private func address(_ address: SyntheticAddress?, use: String, type: String) -> JSONValue {
        object(
            ("use", .string(use)), ("type", .string(type)), ("line", address.map { [.string($0.line)] }),
            ("city", text(address?.city)), ("state", text(address?.province)), ("postalCode", text(address?.postalCode))
        )
    }

    private func licence(_ clinician: SyntheticClinician) -> JSONValue? {
        guard let value = clinician.licence else { return nil }
        return typed(
            isCurrent ? "MD" : "LN", isCurrent ? "Medical License number" : "License Number", nil,
            system: NamingSystem.ontarioLicence, value: value)
    }

    func role(of person: Person) -> JSONValue {
        let clinician = person.clinician
        let codes =
            isCurrent
            ? [
                concept(
                    coding(NamingSystem.snomed, "59058001", "Family Physician"),
                    coding(NamingSystem.snomedCanada, "59058001", "Family Physician"))
            ] : [concept(coding(NamingSystem.snomed, nil, "Other"))]
        return object(
            ("identifier", list([licence(clinician)])), ("active", true),
            ("practitioner", reference("Practitioner", person.id)),
            ("code", clinician.licence == nil ? nil : .array(codes)),
            ("location", [reference("Location", person.locationID)]),
            (
                "telecom",
                list([contact("phone", clinician.phone, "work"), contact("fax", clinician.fax, "work")])
            ))
    }

    func practitioner(_ person: Person) -> JSONValue {
        let clinician = person.clinician
        let billing = clinician.billing.map {
            object(("system", .string(NamingSystem.ontarioBilling)), ("value", .string($0)))
        }
        let username = clinician.username.map { identifier(.username, $0) }
        return object(
            ("identifier", list([licence(clinician), isCurrent ? billing : nil, username])), ("active", true),
            ("name", [object(("family", .string(clinician.family)), ("given", [.string(clinician.given)]))]),
            (
                "telecom",
                list([contact("phone", clinician.phone, "work"), contact("fax", clinician.fax, "work")])
            ),
            ("address", [address(clinician.address, use: "work", type: "both")]))
    }

    func clinicLocation(_ person: Person) -> JSONValue {
        object(
            ("status", "active"), ("mode", "instance"),
            ("telecom", list([contact("phone", person.clinician.phone, "work")])),
            ("address", address(person.clinician.address, use: "work", type: "physical")))
    }

    var listingRole: JSONValue {
        let category = file.content.category
        let specialty: [JSONValue] =
            isCurrent
            ? [concept(coding(NamingSystem.snomedCanada, category.snomed, category.offering))]
            : [
                concept(coding(NamingSystem.loinc, category.loinc, category.word)),
                concept(coding(NamingSystem.snomed, category.snomed, category.offering ?? category.word)),
            ]
        return object(
            (
                "identifier",
                list([
                    identifier(.listing, context.listing.reference), identifier(.site, context.site.number),
                    context.listing.externalServiceID.map { identifier(.externalService, $0) },
                ])
            ), ("active", true), ("specialty", .array(specialty)),
            ("location", [reference("Location", file.ids.listingLocation)]))
    }

    var listingLocation: JSONValue {
        let place = SyntheticAddress(line: "1 Make-Believe Way", city: "Toronto", postalCode: "M5G 0X0")
        let position = JSONNumber(text: "-79.3871").flatMap { longitude in
            JSONNumber(text: "43.6590").map { latitude in
                object(("longitude", .number(longitude)), ("latitude", .number(latitude)))
            }
        }
        return object(
            ("status", "active"), ("mode", "instance"), ("address", address(place, use: "work", type: "physical")),
            ("position", position))
    }
}
