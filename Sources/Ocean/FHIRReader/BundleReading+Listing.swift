// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    private static let place = "/referral/receiver"

    /// The listing that receives: the performer that is the message's destination, else the first performer, else the
    /// destination alone.
    func readListing() {
        let performers = request.flatMap { entryCursors[$0.position]["resource"] }?.objects("performer") ?? []
        let destinations = entryCursors[header.entry.position]["resource"]?.objects("destination") ?? []
        let receivers = destinations.compactMap { $0.object("receiver") }
        let known = Receivers(receivers.map(\.value), in: bundle)
        let performer =
            performers.first { known.contain($0.value) }
            ?? performers.first
        let reference = performer ?? receivers.first
        var listing = Listing()
        let types = ["PractitionerRole", "HealthcareService"]
        let entry = follow(reference, types: types) ?? lonelyListing(reference == nil)
        if let entry { readListing(entry, &listing) }
        let logical = [performer].compactMap { $0 } + receivers
        for element in logical.compactMap({ $0.object("identifier") }) { readLogical(element, &listing) }
        for (index, destination) in destinations.enumerated() {
            let receiver = destination.object("receiver")
            let isOurs = receiver.map { $0.value }.flatMap { bundle.resolve($0) } == entry
            if isOurs { _ = follow(receiver, types: types) }
            if listing.title == nil, isOurs || receiver == nil || destinations.count == 1 {
                listing.title = destination.text("name", to: "\(Self.place)/title")
            }
            if isOurs || index == 0 { destination["endpoint"]?.structural(.endpoint) }
        }
        if let entry { readTitle(entry, &listing) }
        if listing != Listing() { referral.receiver = listing }
    }

    /// Where no reference leads to a listing: the only one in the bundle.
    private func lonelyListing(_ isUnreferenced: Bool) -> FHIREntry? {
        guard isUnreferenced else { return nil }
        let listings = bundle.entries(of: "PractitionerRole").filter { isListing($0) }
        return listings.count == 1 ? listings.first : nil
    }

    private func readListing(_ entry: FHIREntry, _ listing: inout Listing) {
        guard !isOpened(entry) else { return }
        let resource = open(entry, at: Self.place)
        readIdentity(resource, &listing)
        listing.active = resource.flag("active", to: "\(Self.place)/active")
        listing.specialties = codings(
            resource.objects("specialty"), at: "\(Self.place)/specialties", withWords: true)
        if let location = follow(resource.objects("location").first, types: ["Location"]), !isOpened(location) {
            listing.location = place(location, at: "\(Self.place)/location")
        }
        readOffering(resource, &listing)
        readProvider(resource.object("organization") ?? resource.object("providedBy"), &listing)
        func value(_ system: NamingSystem) -> String? {
            listing.identifiers.first { system.matches($0.system) && $0.value != nil }?.value
        }
        listing.ref = value(.listing)
        listing.site = value(.site)
        listing.externalServiceID = value(.externalService)
    }

    private func readIdentity(_ resource: SourceCursor, _ listing: inout Listing) {
        append(
            resource.objects("identifier"), to: &listing.identifiers, at: "\(Self.place)/identifiers",
            empty: Identifier()
        ) { identifier($0, at: $1) }
        append(
            resource.objects("telecom"), to: &listing.telecom, at: "\(Self.place)/telecom", empty: ContactPoint()
        ) { telecom($0, at: $1) }
    }

    /// The HealthcareService behind a role: the same listing in other words.
    private func readOffering(_ role: SourceCursor, _ listing: inout Listing) {
        guard let service = follow(role.objects("healthcareService").first, types: ["HealthcareService"]),
            !isOpened(service)
        else { return }
        let resource = open(service, at: Self.place)
        readIdentity(resource, &listing)
        if listing.active == nil || listing.active == resource["active"]?.value.boolValue {
            listing.active = resource.flag("active", to: "\(Self.place)/active") ?? listing.active
        }
        if listing.specialties.isEmpty {
            listing.specialties = codings(
                resource.objects("specialty"), at: "\(Self.place)/specialties", withWords: true)
        }
        readProvider(resource.object("providedBy"), &listing)
    }

    private func readProvider(_ reference: SourceCursor?, _ listing: inout Listing) {
        guard let reference else { return }
        if let entry = follow(reference, types: ["Organization"]) {
            guard listing.organization == nil, !isOpened(entry) else { return }
            let resource = open(entry, at: Self.place)
            listing.organization = resource.text("name", to: "\(Self.place)/organization")
            if resource["active"]?.value == true { resource["active"]?.structural(.constant) }
        } else if listing.organization == nil {
            listing.organization = reference.text("display", to: "\(Self.place)/organization")
        }
    }

    /// A HealthcareService's name is the listing's title, unless the destination says another one.
    private func readTitle(_ entry: FHIREntry, _ listing: inout Listing) {
        let resource = entryCursors[entry.position]["resource"]
        let service = follow(resource?.objects("healthcareService").first, types: ["HealthcareService"])
        let named =
            entry.type == "HealthcareService" ? resource : service.flatMap { entryCursors[$0.position]["resource"] }
        guard let named, let name = named.peek("name"), listing.title == nil || listing.title == name else { return }
        listing.title = named.text("name", to: "\(Self.place)/title") ?? listing.title
    }

    /// External Service ID or listing reference as the identifier of a reference.
    private func readLogical(_ element: SourceCursor, _ listing: inout Listing) {
        let system = element.peek("system")
        guard let value = element["value"]?.value.nonEmptyText else { return }
        func take(_ field: WritableKeyPath<Listing, String?>, _ name: String) {
            guard listing[keyPath: field] == nil || listing[keyPath: field] == value else { return }
            listing[keyPath: field] = element.text("value", to: "\(Self.place)/\(name)")
            element["system"]?.structural(.impliedSystem)
        }
        if NamingSystem.externalService.matches(system) { take(\.externalServiceID, "externalServiceId") }
        if NamingSystem.listing.matches(system) { take(\.ref, "ref") }
        if NamingSystem.site.matches(system) { take(\.site, "site") }
    }
}
