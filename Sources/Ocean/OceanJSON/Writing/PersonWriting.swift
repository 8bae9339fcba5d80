// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Clinicians and addresses in Ocean's members.
enum PersonWriting {
    /// Ocean's `ClinicianData`.
    static func clinician(_ person: Participant, from source: String, at path: String, log: WritingLog) -> JSONValue? {
        var writer = ObjectWriter(at: path, log: log)
        if let name = person.name {
            writer.put("firstName", joined(name.given), from: source + "/name/given")
            writer.put("surname", name.family, from: source + "/name/family")
            if writer.object.isEmpty { writer.put("name", name.text, from: source + "/name/text") }
        }
        credentials(person, from: source, into: &writer)
        writer.put(
            "clinicianType", person.roleText ?? person.role.lazy.compactMap(\.display).first,
            from: source + (person.roleText == nil ? "/role" : "/roleText"))
        writer.put(
            "address",
            addresses(
                person.addresses, person.telecom, from: source, at: [JSONLeaves.child(path, "address")], log: log)[0])
        return writer.json
    }

    /// The smaller clinician of the demographics: one name, no address.
    static func doctor(_ person: Participant, from source: String, at path: String, log: WritingLog) -> JSONValue? {
        var writer = ObjectWriter(at: path, log: log)
        if let name = person.name {
            let parts = joined(name.prefix + name.given + (name.family.map { [$0] } ?? []) + name.suffix)
            writer.put("name", name.text ?? parts, from: source + "/name")
        }
        credentials(person, from: source, into: &writer)
        return writer.json
    }

    private static func credentials(_ person: Participant, from source: String, into writer: inout ObjectWriter) {
        writer.put("professionalId", person.licence, from: source + "/licence")
        writer.put("billingNum", person.billingNumber, from: source + "/billingNumber")
        writer.put("signature", person.signature, from: source + "/signature")
        let single = [person.licence, person.billingNumber].compactMap(\.self)
        for (index, identifier) in person.identifiers.enumerated() {
            guard let value = identifier.value, single.contains(value) else { continue }
            writer.log.wrote("\(source)/identifiers/\(index)/value", to: writer.path)
        }
    }

    /// As many of Ocean's `AddressData` as there are places, each with the next contact point of every kind.
    static func addresses(
        _ addresses: [Address], _ telecom: [ContactPoint], from source: String, at paths: [String], log: WritingLog
    ) -> [JSONValue?] {
        var used: Set<Int> = []
        return paths.enumerated().map { number, path in
            var writer = ObjectWriter(at: path, log: log)
            if number < addresses.count {
                put(addresses[number], from: "\(source)/addresses/\(number)", into: &writer)
            }
            for contact in AddressReading.contacts {
                let next = telecom.indices.first { index in
                    !used.contains(index) && telecom[index].system == contact.system && telecom[index].value != nil
                }
                guard let next else { continue }
                used.insert(next)
                writer.put(contact.member, telecom[next].value, from: "\(source)/telecom/\(next)/value")
                log.wrote("\(source)/telecom/\(next)/system", to: JSONLeaves.child(path, contact.member))
            }
            return writer.json
        }
    }

    private static func put(_ address: Address, from source: String, into writer: inout ObjectWriter) {
        if let first = address.line.first {
            writer.put("line1", first, from: source + "/line/0")
            let rest = address.line.dropFirst()
            if !rest.isEmpty { writer.put("line2", rest.joined(separator: ", "), from: source + "/line") }
        } else {
            writer.put("line1", address.text, from: source + "/text", note: "an address without lines")
        }
        writer.put("city", address.city, from: source + "/city")
        writer.put("province", address.province, from: source + "/province")
        writer.put("postalCode", address.postalCode, from: source + "/postalCode")
        writer.put("country", address.country, from: source + "/country")
    }

    static func joined(_ parts: [String]) -> String? {
        parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
