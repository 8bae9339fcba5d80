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
            putJoined("firstName", name.given, from: source + "/name/given", into: &writer)
            writer.put("surname", name.family, from: source + "/name/family")
            if writer.object.isEmpty { writer.put("name", name.text, from: source + "/name/text") }
        }
        credentials(person, from: source, into: &writer)
        if let text = person.roleText, !text.isEmpty {
            writer.put("clinicianType", text, from: source + "/roleText")
        } else if let index = person.role.firstIndex(where: { $0.display.map { !$0.isEmpty } ?? false }) {
            writer.put("clinicianType", person.role[index].display, from: "\(source)/role/\(index)/display")
        }
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
            if let text = name.text, !text.isEmpty {
                writer.put("name", text, from: source + "/name/text")
            } else {
                let parts = name.prefix + name.given + (name.family.map { [$0] } ?? []) + name.suffix
                putJoined("name", parts, from: source + "/name", into: &writer)
                log.omit(source + "/name/use", note: "Ocean JSON has no member for it")
            }
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
            guard let value = identifier.value, !value.isEmpty, single.contains(value) else { continue }
            writer.log.wrote(
                "\(source)/identifiers/\(index)/value", to: writer.path, note: "stands in a member of its own")
        }
    }

    /// As many of Ocean's `AddressData` as there are places, each with the next contact point of every kind.
    static func addresses(
        _ addresses: [Address], _ telecom: [ContactPoint], from source: String, at paths: [String], log: WritingLog
    ) -> [JSONValue?] {
        var used: Set<Int> = []
        // Ocean's FHIR has empty shells among its addresses; they must not take a place.
        let telling = addresses.indices.filter { says(addresses[$0]) }
        return paths.enumerated().map { number, path in
            var writer = ObjectWriter(at: path, log: log)
            if number < telling.count {
                put(addresses[telling[number]], from: "\(source)/addresses/\(telling[number])", into: &writer)
            }
            for contact in AddressReading.contacts {
                let next = telecom.indices.first { index in
                    !used.contains(index) && telecom[index].system == contact.system
                        && telecom[index].value.map { !$0.isEmpty } ?? false
                }
                guard let next else { continue }
                used.insert(next)
                writer.put(contact.member, telecom[next].value, from: "\(source)/telecom/\(next)/value")
                log.wrote("\(source)/telecom/\(next)/system", to: JSONLeaves.child(path, contact.member))
            }
            return writer.json
        }
    }

    private static func says(_ address: Address) -> Bool {
        let parts = [address.city, address.province, address.postalCode, address.country, address.text]
        return address.line.contains { !$0.isEmpty } || parts.contains { $0.map { !$0.isEmpty } ?? false }
    }

    private static func put(_ address: Address, from source: String, into writer: inout ObjectWriter) {
        if let first = address.line.firstIndex(where: { !$0.isEmpty }) {
            putJoined(
                "line2", address.line, skipping: first, separator: ", ", from: source + "/line", into: &writer)
            writer.put("line1", address.line[first], from: "\(source)/line/\(first)")
        } else {
            writer.put("line1", address.text, from: source + "/text", note: "an address without lines")
        }
        writer.put("city", address.city, from: source + "/city")
        writer.put("province", address.province, from: source + "/province")
        writer.put("postalCode", address.postalCode, from: source + "/postalCode")
        writer.put("country", address.country, from: source + "/country")
    }

    /// The texts of a list in one member, empty ones left out.
    static func putJoined(
        _ name: String, _ parts: [String], skipping first: Int? = nil, separator: String = " ", from source: String,
        into writer: inout ObjectWriter
    ) {
        let rest = parts.indices.filter { $0 != first && !parts[$0].isEmpty }
        for index in parts.indices where parts[index].isEmpty {
            writer.log.omit("\(source)/\(index)", note: "an empty text says nothing")
        }
        guard !rest.isEmpty else { return }
        writer.put(
            name, rest.map { parts[$0] }.joined(separator: separator), from: source,
            note: rest.count > 1 ? "joined into one text" : nil)
    }
}
