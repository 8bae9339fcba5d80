// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    /// PractitionerRole with Practitioner, Location and Organization as far as they are known.
    mutating func participant(_ person: Participant, role: String, at place: WritingPlace) -> Handle {
        let handle = handle(role)
        var top = RecordElement(
            person, at: place, in: ElementBuilder(resourceType: "PractitionerRole", id: handle.id))
        top.put("active", person.active.map { .bool($0) }, as: "active")
        if let practitioner = practitioner(person, role: role, at: place, top: &top) {
            top.element.put("practitioner", practitioner.reference)
        }
        if let name = person.organization, Primitive.isString(name) {
            let organization = self.handle("\(role)-organization")
            var resource = ElementBuilder(resourceType: "Organization", id: organization.id)
            resource.put("name", name, from: place("organization").pointer)
            add(organization, resource)
            top.element.put("organization", organization.reference)
            top.hold("organization")
        }
        var codes = Self.concepts(person.role, at: place("role"))
        if let text = person.roleText, Primitive.isString(text) {
            var concept = ElementBuilder()
            concept.put("text", text, from: place("roleText").pointer)
            codes.append(concept)
            top.hold("roleText")
        }
        top.append("code", codes, as: "role")
        if let location = person.location {
            let location = self.place(location, role: "\(role)-location", at: place("location"))
            top.element.put("location", .array([location.reference]))
            top.hold("location")
        }
        add(handle, top.finished())
        return handle
    }

    private mutating func practitioner(
        _ person: Participant, role: String, at place: WritingPlace, top: inout RecordElement<Participant>
    ) -> Handle? {
        top.hold("identifiers", "name", "telecom", "addresses")
        var identifiers = Self.identifiers(person.identifiers, at: place("identifiers"))
        let roles: [(field: String, value: String?, index: Int?, system: String)] = [
            ("licence", person.licence, IdentifierRole.licence(person.identifiers), NamingSystem.ontarioLicence),
            (
                "billingNumber", person.billingNumber, IdentifierRole.billingNumber(person.identifiers),
                NamingSystem.ontarioBilling
            ),
            (
                "username", person.username, IdentifierRole.username(person.identifiers),
                NamingSystem.username.url(host: Self.host)
            ),
        ]
        for (field, value, index, system) in roles {
            Self.repeatIdentifier(
                field, value, of: person.identifiers, index, system: system, in: &identifiers, record: &top)
        }
        guard !identifiers.isEmpty || person.name != nil || !person.telecom.isEmpty || !person.addresses.isEmpty
        else { return nil }
        let handle = handle("\(role)-practitioner")
        var resource = ElementBuilder(resourceType: "Practitioner", id: handle.id)
        resource.append("identifier", identifiers)
        if let name = person.name { resource.append("name", [Self.name(name, at: place("name"))]) }
        resource.append("telecom", Self.telecom(person.telecom, at: place("telecom")))
        resource.append("address", Self.addresses(person.addresses, at: place("addresses")))
        add(handle, resource)
        return handle
    }

    /// A field that mostly repeats one of the identifiers: it is held by that one, or gets one of its own.
    static func repeatIdentifier<Record: JSONRecord>(
        _ field: String, _ value: String?, of known: [Identifier], _ index: Int?, system: String,
        type: ElementBuilder = ElementBuilder(), in elements: inout [ElementBuilder],
        record: inout RecordElement<Record>
    ) {
        let stated = index.flatMap { known[$0].value }
        guard let value else {
            if stated != nil { record.miss(field) }
            return
        }
        if let index, let stated, stated.utf8.elementsEqual(value.utf8) {
            record.hold(field)
            if Primitive.isString(value) { elements[index].note("value", from: record.place(field).pointer) }
        } else if let element = identifier(
            system: system, value: value, type: type, as: field, at: record.place(field))
        {
            record.hold(field)
            elements.append(element)
        }
    }

    mutating func place(_ value: Place, role: String, at place: WritingPlace) -> Handle {
        let handle = handle(role)
        var resource = RecordElement(
            value, at: place, in: ElementBuilder(resourceType: "Location", id: handle.id))
        resource.put("status", value.status, as: "status", if: Self.isCode(in: RequiredCodes.locationStatus))
        resource.put("name", value.name, as: "name")
        resource.element.put("mode", "instance")
        resource.append("telecom", Self.telecom(value.telecom, at: place("telecom")), as: "telecom")
        if let address = value.address {
            resource.put("address", Self.address(address, at: place("address")), as: "address")
        }
        if let longitude = value.longitude, let latitude = value.latitude {
            var position = ElementBuilder()
            position.put("longitude", .number(longitude), from: place("longitude").pointer)
            position.put("latitude", .number(latitude), from: place("latitude").pointer)
            resource.put("position", position, as: "longitude")
            resource.hold("latitude")
        }
        add(handle, resource.finished())
        return handle
    }

    /// The receiving listing as PractitionerRole, with its references as identifiers. Its title stands in the header.
    mutating func listing(_ listing: Listing, at place: WritingPlace) -> Handle {
        let handle = handle("listing")
        var resource = RecordElement(
            listing, at: place, in: ElementBuilder(resourceType: "PractitionerRole", id: handle.id))
        var identifiers = Self.identifiers(listing.identifiers, at: place("identifiers"))
        let roles: [(String, String?, NamingSystem)] = [
            ("ref", listing.ref, .listing), ("site", listing.site, .site),
            ("externalServiceId", listing.externalServiceID, .externalService),
        ]
        for (field, value, system) in roles {
            Self.repeatIdentifier(
                field, value, of: listing.identifiers, IdentifierRole.first(system, listing.identifiers),
                system: system.url(host: Self.host), in: &identifiers, record: &resource)
        }
        resource.append("identifier", identifiers, as: "identifiers")
        resource.put("active", listing.active.map { .bool($0) }, as: "active")
        resource.append("specialty", Self.concepts(listing.specialties, at: place("specialties")), as: "specialties")
        if let location = listing.location {
            let location = self.place(location, role: "listing-location", at: place("location"))
            resource.element.put("location", .array([location.reference]))
            resource.hold("location")
        }
        if let name = listing.organization, Primitive.isString(name) {
            let organization = self.handle("listing-organization")
            var element = ElementBuilder(resourceType: "Organization", id: organization.id)
            element.put("name", name, from: place("organization").pointer)
            add(organization, element)
            resource.element.put("organization", organization.reference)
            resource.hold("organization")
        }
        resource.append("telecom", Self.telecom(listing.telecom, at: place("telecom")), as: "telecom")
        if let title = listing.title, Primitive.isString(title) { resource.hold("title") }
        self.add(handle, resource.finished())
        return handle
    }
}
