// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension NormalisedReading {
    /// The resources that were passed on whole: what nothing else of the bundle is.
    func others(_ reading: RecordReading<Referral>) -> [OtherResource] {
        let entries = bundle.entries.filter { !isOpened($0) && !BundleWriting.modelled.contains($0.type) }
        for (index, entry) in entries.enumerated() { note(entry, at: "/referral/resources/\(index)") }
        var output: [OtherResource] = []
        for entry in entries {
            let resource = open(entry)
            guard reading.isNative("resources") else {
                resource.fold(into: reading.at("resources"), "stands in the extension too")
                continue
            }
            let place = "/referral/resources/\(output.count)"
            resource["resourceType"]?.keep(to: "\(place)/type")
            var members: [JSONMember] = []
            for (name, cursor) in resource.members where name != "resourceType" && name != "id" {
                let value = pointed(cursor, at: JSONLeaves.child("\(place)/value", name), name: name)
                members.append(JSONMember(name: name, value: value))
            }
            output.append(OtherResource(type: entry.type, value: .object(JSONObject(members))))
        }
        return output
    }

    /// The value with references into the bundle as pointers into the canonical message.
    private func pointed(_ cursor: SourceCursor, at place: String, name: String) -> JSONValue {
        switch cursor.value {
        case .object(let object) where !object.isEmpty:
            return .object(
                JSONObject(
                    cursor.members.map { member in
                        JSONMember(
                            name: member.name,
                            value: pointed(
                                member.cursor, at: JSONLeaves.child(place, member.name), name: member.name))
                    }))
        case .array(let elements) where !elements.isEmpty:
            return .array(cursor.allElements.enumerated().map { pointed($1, at: "\(place)/\($0)", name: "") })
        case .string(let text):
            if name == "reference", let entry = bundle.resolve(["reference": .string(text)]),
                let pointer = resourcePlaces[entry.position]
            {
                cursor.fold(into: place, "reference within the message")
                return .string("#" + pointer)
            }
            cursor.keep(to: place)
            return cursor.value
        default:
            cursor.keep(to: place)
            return cursor.value
        }
    }
}

extension SourceCursor {
    /// The elements of this value, which is a list; of any kind.
    fileprivate var allElements: [SourceCursor] {
        guard case .array(let elements) = value else { return [] }
        var next = index + 1
        return elements.map { element in
            defer { next += Int(tree.sizes[next]) }
            return SourceCursor(tree: tree, value: element, index: next)
        }
    }
}
