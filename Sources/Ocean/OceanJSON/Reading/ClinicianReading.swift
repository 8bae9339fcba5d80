// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Ocean's `ClinicianData` and the smaller clinician of the demographics.
enum ClinicianReading {
    static func read(_ reader: ObjectReader, to target: String) -> Participant? {
        var person = Participant()
        var name = PersonName()
        name.given = reader.text("firstName", to: target + "/name/given/0").map { [$0] } ?? []
        name.family = reader.text("surname", to: target + "/name/family")
        name.text = reader.text("name", to: target + "/name/text")
        if name != PersonName() { person.name = name }
        person.licence = reader.text("professionalId", to: target + "/licence")
        person.billingNumber = reader.text("billingNum", to: target + "/billingNumber")
        person.signature = reader.text("signature", to: target + "/signature")
        person.roleText = reader.text("clinicianType", to: target + "/roleText")
        if let address = reader.object("address") {
            AddressReading.read(address, to: target, addresses: &person.addresses, telecom: &person.telecom)
        }
        reader.finish()
        return person == Participant() ? nil : person
    }
}

/// Ocean's `AddressData`: a postal address with the ways to reach its owner.
enum AddressReading {
    /// Members that are contact points, in the order in which they are listed, with FHIR's word for each.
    static let contacts: [(member: String, system: String)] = [
        ("phone", "phone"), ("fax", "fax"), ("email", "email"), ("website", "url"),
    ]

    static func read(
        _ reader: ObjectReader, to target: String, addresses: inout [Address], telecom: inout [ContactPoint]
    ) {
        var address = Address()
        let place = "\(target)/addresses/\(addresses.count)"
        for member in ["line1", "line2"] {
            if let line = reader.text(member, to: "\(place)/line/\(address.line.count)") { address.line.append(line) }
        }
        address.city = reader.text("city", to: place + "/city")
        address.province = reader.text("province", to: place + "/province")
        address.postalCode = reader.text("postalCode", to: place + "/postalCode")
        address.country = reader.text("country", to: place + "/country")
        if !address.isEmpty { addresses.append(address) }
        for contact in contacts {
            if let value = reader.text(contact.member, to: "\(target)/telecom/\(telecom.count)") {
                telecom.append(ContactPoint(system: contact.system, value: value))
            }
        }
        reader.finish()
    }
}
