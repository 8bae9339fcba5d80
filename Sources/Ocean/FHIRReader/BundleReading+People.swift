// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    private static let people = ["PractitionerRole", "Practitioner"]

    /// Requester and submitter. A sender that is not in the bundle is normal in 0.10.0.
    func readPeople() {
        let headerCursor = entryCursors[header.entry.position]["resource"]
        let requestCursor = request.flatMap { entryCursors[$0.position]["resource"] }
        let asked = follow(requestCursor?.object("requester"), types: Self.people)
        let author = tree.quietly { follow(headerCursor?.object("author"), types: Self.people) }
        let requester = asked ?? author
        if let requester {
            let participant = participant(requester, at: "/referral/requester")
            if participant != Participant() { referral.requester = participant }
        }
        if author == requester { _ = follow(headerCursor?.object("author"), types: Self.people) }
        guard let sender = follow(headerCursor?.object("sender"), types: Self.people), sender != requester else {
            return
        }
        // A listing as sender is a receiving side that reports; it stands in `receiver`.
        guard !isListing(sender) else { return }
        let participant = participant(sender, at: "/referral/submitter")
        if participant != Participant() { referral.submitter = participant }
    }

    func isListing(_ entry: FHIREntry) -> Bool {
        entry.resource.identifierElements.contains { NamingSystem.listing.matches($0["system"]?.stringValue) }
    }

    /// A PractitionerRole with the Practitioner, Location and Organization that it names, or a Practitioner alone.
    func participant(_ entry: FHIREntry, at place: String) -> Participant {
        var person = Participant()
        let top = open(entry, at: place)
        if entry.type == "Practitioner" {
            readPractitioner(top, &person, place)
        } else {
            readIdentity(top, &person, place)
            person.role = codings(
                top.objects("code").filter { $0["coding"] != nil }, at: "\(place)/role", withWords: true)
            for concept in top.objects("code") where concept["coding"] == nil && person.roleText == nil {
                person.roleText = concept.text("text", to: "\(place)/roleText")
            }
            if let practitioner = follow(top.object("practitioner"), types: ["Practitioner"]) {
                if !isOpened(practitioner) { readPractitioner(open(practitioner, at: place), &person, place) }
            } else if let display = top.object("practitioner")?.text("display", to: "\(place)/name/text") {
                var name = PersonName()
                name.text = display
                person.name = name
            }
            if let location = follow(top.objects("location").first, types: ["Location"]), !isOpened(location) {
                person.location = self.place(location, at: "\(place)/location")
            }
            readOrganization(top, &person, place)
        }
        person.licence = person.identifiers.first { PractitionerSystem.isLicence($0) && $0.value != nil }?.value
        person.billingNumber =
            person.identifiers.first { PractitionerSystem.isBilling($0.system) && $0.value != nil }?.value
        person.username = person.identifiers.first { NamingSystem.username.matches($0.system) }?.value
        return person
    }

    private func readPractitioner(_ resource: SourceCursor, _ person: inout Participant, _ place: String) {
        readIdentity(resource, &person, place)
        person.name = resource.objects("name").first.map { name($0, at: "\(place)/name") }
            .flatMap { $0 == PersonName() ? nil : $0 }
        append(resource.objects("address"), to: &person.addresses, at: "\(place)/addresses", empty: Address()) {
            address($0, at: $1)
        }
    }

    /// What role and practitioner both may carry.
    private func readIdentity(_ resource: SourceCursor, _ person: inout Participant, _ place: String) {
        append(
            resource.objects("identifier"), to: &person.identifiers, at: "\(place)/identifiers", empty: Identifier()
        ) { identifier($0, at: $1) }
        append(resource.objects("telecom"), to: &person.telecom, at: "\(place)/telecom", empty: ContactPoint()) {
            telecom($0, at: $1)
        }
        let active = resource["active"]?.value.boolValue
        if person.active == nil || person.active == active {
            person.active = resource.flag("active", to: "\(place)/active") ?? person.active
        }
    }

    private func readOrganization(_ role: SourceCursor, _ person: inout Participant, _ place: String) {
        guard let reference = role.object("organization") else { return }
        if let entry = follow(reference, types: ["Organization"]) {
            guard !isOpened(entry) else { return }
            person.organization = open(entry, at: place).text("name", to: "\(place)/organization")
        } else {
            person.organization = reference.text("display", to: "\(place)/organization")
        }
    }

    func place(_ entry: FHIREntry, at place: String) -> Place? {
        let resource = open(entry, at: place)
        var output = Place()
        output.name = resource.text("name", to: "\(place)/name")
        output.status = resource.text("status", to: "\(place)/status")
        resource.passConstant("mode", "Location.mode")
        if let element = resource.object("address") {
            let value = address(element, at: "\(place)/address")
            output.address = value == Address() ? nil : value
        }
        output.telecom = list(resource.objects("telecom"), at: "\(place)/telecom", empty: ContactPoint()) {
            telecom($0, at: $1)
        }
        if let position = resource.object("position") {
            output.longitude = position.number("longitude", to: "\(place)/longitude")
            output.latitude = position.number("latitude", to: "\(place)/latitude")
        }
        return output == Place() ? nil : output
    }
}

/// Identifier systems of clinicians, compared by their last part: Infoway's addresses are spelled in two ways.
enum PractitionerSystem {
    static func isLicence(_ identifier: Identifier) -> Bool {
        guard !isBilling(identifier.system) else { return false }
        if identifier.system?.split(separator: "/").last?.contains("license") == true { return true }
        return identifier.type.contains { $0.code == "MD" || $0.code == "LN" }
    }

    static func isBilling(_ system: String?) -> Bool {
        system?.split(separator: "/").last?.contains("billing") == true
    }
}
