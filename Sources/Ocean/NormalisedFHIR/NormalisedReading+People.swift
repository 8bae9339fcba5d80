// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension NormalisedReading {
    /// - Returns: the patient, and the identifiers that are fields of other records.
    func patient(_ entry: FHIREntry, at place: String) -> (Patient, marked: [String: SourceCursor]) {
        let resource = open(entry)
        var reading = RecordReading<Patient>(resource, at: place)
        let (identifiers, marked) = Self.identifiers(resource.objects("identifier"), at: "\(place)/identifiers")
        reading.record.identifiers = identifiers
        if reading.isNative("healthNumber"), let index = IdentifierRole.healthNumber(identifiers) {
            reading.record.healthNumber = IdentifierRole.healthNumber(of: identifiers[index])
        }
        marked["healthNumber"]?.fold(into: "\(place)/healthNumber", "the card again")
        for element in resource.objects("extension") where element.peek("url") == ExtensionURL.healthCardVersion {
            element.fold(into: "\(place)/healthNumber/versionCode", "the card's version again")
        }
        reading.record.chartNumber = Self.value(
            "chartNumber", reading, identifiers, IdentifierRole.chartNumber(identifiers), marked)
        reading.record.active = reading.flag("active", "active")
        reading.record.names = resource.objects("name").enumerated().map {
            Self.name($1, at: "\(place)/names/\($0)")
        }
        reading.record.telecom = Self.telecom(resource.objects("telecom"), at: "\(place)/telecom")
        reading.record.gender = reading.text("gender", "gender")
        reading.record.birthDate = reading.text("birthDate", "birthDate")
        reading.record.deceased = reading.flag("deceasedBoolean", "deceased")
        reading.record.deceasedDateTime = reading.text("deceasedDateTime", "deceasedDateTime")
        reading.record.addresses = Self.addresses(resource.objects("address"), at: "\(place)/addresses")
        readContact(resource, &reading)
        let language = resource.objects("communication").first?.object("language")
        if let coding = language?.objects("coding").first {
            coding["system"]?.structural(.impliedSystem)
            reading.record.language = reading.text(coding["code"], "language")
        } else {
            reading.record.language = reading.text(language?["text"], "language")
        }
        if let doctor = follow(resource.objects("generalPractitioner").first) {
            reading.record.familyDoctor = participant(doctor, at: "\(place)/familyDoctor")
        }
        return (reading.finished(), marked)
    }

    private func readContact(_ resource: SourceCursor, _ reading: inout RecordReading<Patient>) {
        guard let contact = resource.objects("contact").first else { return }
        for concept in contact.objects("relationship") { concept.structural(.constant) }
        reading.record.emergencyContactName = reading.text(contact.object("name")?["text"], "emergencyContactName")
        if let point = contact.objects("telecom").first {
            point["system"]?.structural(.constant)
            reading.record.emergencyContactPhone = reading.text(point["value"], "emergencyContactPhone")
        }
    }

    func participant(_ entry: FHIREntry, at place: String) -> Participant {
        let resource = open(entry)
        var reading = RecordReading<Participant>(resource, at: place)
        reading.record.active = reading.flag("active", "active")
        if let practitioner = follow(resource.object("practitioner")) {
            let person = open(practitioner)
            let (identifiers, marked) = Self.identifiers(person.objects("identifier"), at: "\(place)/identifiers")
            reading.record.identifiers = identifiers
            reading.record.licence = Self.value(
                "licence", reading, identifiers, IdentifierRole.licence(identifiers), marked)
            reading.record.billingNumber = Self.value(
                "billingNumber", reading, identifiers, IdentifierRole.billingNumber(identifiers), marked)
            reading.record.username = Self.value(
                "username", reading, identifiers, IdentifierRole.username(identifiers), marked)
            reading.record.name = person.objects("name").first.map { Self.name($0, at: "\(place)/name") }
            reading.record.telecom = Self.telecom(person.objects("telecom"), at: "\(place)/telecom")
            reading.record.addresses = Self.addresses(person.objects("address"), at: "\(place)/addresses")
        }
        if let organization = follow(resource.object("organization")) {
            reading.record.organization = reading.text(open(organization)["name"], "organization")
        }
        let concepts = resource.objects("code")
        reading.record.role = Self.codings(concepts, at: "\(place)/role")
        for concept in concepts where concept["coding"] == nil {
            reading.record.roleText = reading.text(concept["text"], "roleText")
        }
        if let location = follow(resource.objects("location").first) {
            reading.record.location = self.place(location, at: "\(place)/location")
        }
        return reading.finished()
    }

    func place(_ entry: FHIREntry, at place: String) -> Place {
        let resource = open(entry)
        var reading = RecordReading<Place>(resource, at: place)
        reading.record.status = reading.text("status", "status")
        reading.record.name = reading.text("name", "name")
        resource["mode"]?.structural(.constant)
        reading.record.telecom = Self.telecom(resource.objects("telecom"), at: "\(place)/telecom")
        reading.record.address = resource.object("address").map { Self.address($0, at: "\(place)/address") }
        if let position = resource.object("position") {
            reading.record.longitude = position.number("longitude", to: "\(place)/longitude")
            reading.record.latitude = position.number("latitude", to: "\(place)/latitude")
        }
        return reading.finished()
    }

    func listing(_ entry: FHIREntry, title: SourceCursor?, at place: String) -> Listing {
        let resource = open(entry)
        var reading = RecordReading<Listing>(resource, at: place)
        let (identifiers, marked) = Self.identifiers(resource.objects("identifier"), at: "\(place)/identifiers")
        reading.record.identifiers = identifiers
        func value(_ field: String, _ system: NamingSystem) -> String? {
            Self.value(field, reading, identifiers, IdentifierRole.first(system, identifiers), marked)
        }
        reading.record.ref = value("ref", .listing)
        reading.record.site = value("site", .site)
        reading.record.externalServiceID = value("externalServiceId", .externalService)
        reading.record.title = reading.text(title, "title")
        reading.record.active = reading.flag("active", "active")
        reading.record.specialties = Self.codings(resource.objects("specialty"), at: "\(place)/specialties")
        if let organization = follow(resource.object("organization")) {
            reading.record.organization = reading.text(open(organization)["name"], "organization")
        }
        reading.record.telecom = Self.telecom(resource.objects("telecom"), at: "\(place)/telecom")
        if let location = follow(resource.objects("location").first) {
            reading.record.location = self.place(location, at: "\(place)/location")
        }
        return reading.finished()
    }

    func source(_ entry: FHIREntry, at place: String) -> SourceSite {
        let resource = open(entry)
        var reading = RecordReading<SourceSite>(resource, at: place)
        if let identifier = resource.objects("identifier").first {
            identifier["system"]?.structural(.impliedSystem)
            reading.record.number = reading.text(identifier["value"], "number")
        }
        reading.record.name = reading.text("name", "name")
        return reading.finished()
    }
}
