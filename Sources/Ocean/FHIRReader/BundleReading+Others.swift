// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    /// More resources than this, and larger ones, stay in `unmapped`: a referral has a handful of small ones.
    private static let mostResources = 100
    private static let largestResource = 4_096

    /// Types of which the canonical model holds what belongs to the referral; others of them belong to other referrals
    /// and must not be mistaken for this one's.
    private static let modelled: Set<String> = [
        "MessageHeader", "ServiceRequest", "Task", "Patient", "Appointment", "Communication", "DocumentReference",
        "QuestionnaireResponse", "PractitionerRole", "Practitioner", "Location", "Bundle",
    ]

    /// Resources of other types, whole.
    func readOtherResources() {
        let others = bundle.entries.filter { entry in
            !isOpened(entry) && !Self.modelled.contains(entry.type)
                && Int(entryCursors[entry.position]["resource"].map { tree.sizes[$0.index] } ?? .max)
                    <= Self.largestResource
        }.prefix(Self.mostResources)
        var places: [Int: String] = [:]
        for (index, entry) in others.enumerated() { places[entry.position] = "/referral/resources/\(index)" }
        for (index, entry) in others.enumerated() {
            let place = "/referral/resources/\(index)"
            let resource = entryCursors[entry.position]["resource"]
            resource?["resourceType"]?.keep(to: "\(place)/type")
            resource?["id"]?.structural(.resourceID)
            var object = JSONObject()
            for member in resource?.members ?? [] where member.name != "resourceType" && member.name != "id" {
                let spot = JSONPointer(tokens: [member.name]).description
                object[member.name] = copy(member.cursor, to: "\(place)/value\(spot)", places)
            }
            referral.resources.append(OtherResource(type: entry.type, value: .object(object)))
        }
    }

    /// A value with its references turned into pointers into the canonical message.
    private func copy(_ cursor: SourceCursor, to target: String, _ places: [Int: String]) -> JSONValue {
        switch cursor.value {
        case .object(let object) where !object.isEmpty:
            var output = JSONObject()
            for member in cursor.members {
                let spot = target + JSONPointer(tokens: [member.name]).description
                if member.name == "reference", let text = member.cursor.value.stringValue,
                    let pointer = pointer(for: text, places)
                {
                    member.cursor.fold(into: spot, "reference within the message")
                    output[member.name] = .string("#" + pointer)
                } else {
                    output[member.name] = copy(member.cursor, to: spot, places)
                }
            }
            return .object(output)
        case .array(let elements) where !elements.isEmpty:
            return .array(
                cursor.listElements.enumerated().map { index, element in copy(element, to: "\(target)/\(index)", places)
                })
        default:
            cursor.keep(to: target)
            return cursor.value
        }
    }

    private func pointer(for reference: String, _ places: [Int: String]) -> String? {
        guard let entry = bundle.resolve(["reference": .string(reference)]) else { return nil }
        return place(of: entry) ?? places[entry.position]
    }
}
