// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    /// The Patient; without content when the source says nothing of it, since a ServiceRequest needs its subject.
    mutating func patient(_ patient: Patient?, at place: String) -> Handle {
        let handle = handle("patient")
        var resource = ElementBuilder(resourceType: "Patient", id: handle.id)
        guard let patient else {
            fillIn(handle, "id", "a ServiceRequest needs a subject")
            add(handle, resource)
            return handle
        }
        let card = patient.healthNumber
        let hasCard = patient.identifiers.contains { HealthNumberSystem.isHealthNumber($0) }
        if let version = card?.versionCode, hasCard, !patient.identifiers.contains(where: { $0.versionCode != nil }) {
            resource.append("extension", [Self.versionCode(version, from: "\(place)/healthNumber/versionCode")])
        }
        resource.append("identifier", identifiers(patient.identifiers, at: "\(place)/identifiers"))
        if let card, !hasCard { resource.append("identifier", [healthNumber(card, at: "\(place)/healthNumber")]) }
        if let chart = patient.chartNumber,
            !patient.identifiers.contains(where: { NamingSystem.chartNumber.matches($0.system) })
        {
            let type = Coding(system: NamingSystem.identifierType, code: "MR", display: "Medical record number")
            resource.append(
                "identifier",
                [
                    identifier(
                        system: NamingSystem.chartNumber.url(host: Self.host), value: chart, type: type,
                        from: "\(place)/chartNumber")
                ])
        }
        resource.put("active", patient.active.map { .bool($0) }, from: "\(place)/active")
        resource.append("name", patient.names.enumerated().map { name($1, at: "\(place)/names/\($0)") })
        resource.append("telecom", telecom(patient.telecom, at: "\(place)/telecom"))
        resource.put("gender", Self.code(patient.gender, in: RequiredCodes.gender), from: "\(place)/gender")
        let birth = patient.birthDate.flatMap { Primitive.isDate($0) ? $0 : nil }
        resource.put("birthDate", birth, from: "\(place)/birthDate")
        if let moment = Self.dateTime(patient.deceasedDateTime) {
            resource.put("deceasedDateTime", moment, from: "\(place)/deceasedDateTime")
        } else {
            resource.put("deceasedBoolean", patient.deceased.map { .bool($0) }, from: "\(place)/deceased")
        }
        resource.append("address", patient.addresses.enumerated().map { address($1, at: "\(place)/addresses/\($0)") })
        resource.append("contact", [emergencyContact(patient, at: place)])
        resource.append("communication", [language(patient.language, at: "\(place)/language")])
        if let doctor = patient.familyDoctor {
            let reference = participant(doctor, role: "family-doctor", at: "\(place)/familyDoctor").reference
            resource.put("generalPractitioner", .array([reference]))
        }
        add(handle, resource)
        return handle
    }

    private func healthNumber(_ card: HealthNumber, at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        if let version = card.versionCode {
            element.append("extension", [Self.versionCode(version, from: "\(place)/versionCode")])
        }
        let type = Coding(
            system: NamingSystem.identifierType, code: "JHN", display: "Jurisdictional health number")
        element.put("type", concept([type], at: ""))
        if let province = card.province, province.utf8.count == 2 {
            element.put("system", .string(HealthNumberSystem.system(province: province)), from: "\(place)/province")
        }
        element.put("value", card.value, from: "\(place)/value")
        if let expiry = Self.dateTime(card.expiry) {
            var period = ElementBuilder()
            period.put("end", expiry, from: "\(place)/expiry")
            element.put("period", period)
        }
        return element
    }

    private func language(_ language: String?, at place: String) -> ElementBuilder {
        guard let language else { return ElementBuilder() }
        var concept = ElementBuilder()
        // Tags of BCP 47 begin with two or three letters; Ocean's demographics hold words.
        let first = language.split(separator: "-").first ?? ""
        if (2...3).contains(first.utf8.count), Primitive.isID(language) {
            var coding = ElementBuilder()
            coding.put("system", "urn:ietf:bcp:47")
            coding.put("code", language, from: place)
            concept.append("coding", [coding])
        } else {
            concept.put("text", language, from: place)
        }
        var element = ElementBuilder()
        element.put("language", concept)
        return element
    }

    private func emergencyContact(_ patient: Patient, at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        guard patient.emergencyContactName != nil || patient.emergencyContactPhone != nil else { return element }
        let relation = Coding(system: "http://terminology.hl7.org/CodeSystem/v2-0131", code: "C")
        element.append("relationship", concepts([relation], at: ""))
        var name = ElementBuilder()
        name.put("text", patient.emergencyContactName, from: "\(place)/emergencyContactName")
        element.put("name", name)
        if let phone = patient.emergencyContactPhone {
            var point = ElementBuilder()
            point.put("system", "phone")
            point.put("value", phone, from: "\(place)/emergencyContactPhone")
            element.append("telecom", [point])
        }
        return element
    }

    /// PractitionerRole with Practitioner, Location and Organization as far as they are known.
    mutating func participant(_ person: Participant, role: String, at place: String) -> Handle {
        let handle = handle(role)
        var top = ElementBuilder(resourceType: "PractitionerRole", id: handle.id)
        top.put("active", person.active.map { .bool($0) }, from: "\(place)/active")
        if let practitioner = practitioner(person, role: role, at: place) {
            top.put("practitioner", practitioner.reference)
        }
        if let name = person.organization {
            let organization = self.handle("\(role)-organization")
            var resource = ElementBuilder(resourceType: "Organization", id: organization.id)
            resource.put("name", name, from: "\(place)/organization")
            add(organization, resource)
            top.put("organization", organization.reference)
        }
        var codes = concepts(person.role, at: "\(place)/role")
        if let text = person.roleText {
            var concept = ElementBuilder()
            concept.put("text", text, from: "\(place)/roleText")
            codes.append(concept)
        }
        top.append("code", codes)
        if let place = person.location.map({ self.place($0, role: "\(role)-location", at: "\(place)/location") }) {
            top.put("location", .array([place.reference]))
        }
        add(handle, top)
        return handle
    }

    private mutating func practitioner(_ person: Participant, role: String, at place: String) -> Handle? {
        let handle = handle("\(role)-practitioner")
        var resource = ElementBuilder(resourceType: "Practitioner", id: handle.id)
        let bare = resource.object.count
        resource.append("identifier", identifiers(person.identifiers, at: "\(place)/identifiers"))
        let known = person.identifiers.compactMap(\.value)
        func add(_ value: String?, _ system: String, _ name: String) {
            guard let value, !known.contains(value) else { return }
            resource.append("identifier", [identifier(system: system, value: value, from: "\(place)/\(name)")])
        }
        add(person.licence, NamingSystem.ontarioLicence, "licence")
        add(person.billingNumber, NamingSystem.ontarioBilling, "billingNumber")
        add(person.username, NamingSystem.username.url(host: Self.host), "username")
        if let name = person.name { resource.append("name", [self.name(name, at: "\(place)/name")]) }
        resource.append("telecom", telecom(person.telecom, at: "\(place)/telecom"))
        resource.append("address", person.addresses.enumerated().map { address($1, at: "\(place)/addresses/\($0)") })
        guard resource.object.count > bare else { return nil }
        self.add(handle, resource)
        return handle
    }

    mutating func place(_ value: Place, role: String, at place: String) -> Handle {
        let handle = handle(role)
        var resource = ElementBuilder(resourceType: "Location", id: handle.id)
        resource.put("status", Self.code(value.status, in: RequiredCodes.locationStatus), from: "\(place)/status")
        resource.put("name", value.name, from: "\(place)/name")
        resource.put("mode", "instance")
        resource.append("telecom", telecom(value.telecom, at: "\(place)/telecom"))
        if let address = value.address { resource.put("address", self.address(address, at: "\(place)/address")) }
        if let longitude = value.longitude, let latitude = value.latitude {
            var position = ElementBuilder()
            position.put("longitude", .number(longitude), from: "\(place)/longitude")
            position.put("latitude", .number(latitude), from: "\(place)/latitude")
            resource.put("position", position)
        }
        add(handle, resource)
        return handle
    }

    /// The receiving listing as PractitionerRole, with its references as identifiers.
    mutating func listing(_ listing: Listing, at place: String) -> Handle {
        let handle = handle("listing")
        var resource = ElementBuilder(resourceType: "PractitionerRole", id: handle.id)
        resource.append("identifier", identifiers(listing.identifiers, at: "\(place)/identifiers"))
        func add(_ value: String?, _ system: NamingSystem, _ name: String) {
            guard let value, !listing.identifiers.contains(where: { system.matches($0.system) && $0.value == value })
            else { return }
            resource.append(
                "identifier",
                [identifier(system: system.url(host: Self.host), value: value, from: "\(place)/\(name)")])
        }
        add(listing.ref, .listing, "ref")
        add(listing.site, .site, "site")
        add(listing.externalServiceID, .externalService, "externalServiceId")
        resource.put("active", listing.active.map { .bool($0) }, from: "\(place)/active")
        resource.append("specialty", concepts(listing.specialties, at: "\(place)/specialties"))
        if let location = listing.location.map({ self.place($0, role: "listing-location", at: "\(place)/location") }) {
            resource.put("location", .array([location.reference]))
        }
        self.add(handle, resource)
        return handle
    }
}
