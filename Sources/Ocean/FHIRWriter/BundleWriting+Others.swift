// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    /// Types that the bundle holds for the referral itself; others of them would be taken for its own.
    static let modelled: Set<String> = [
        "Bundle", "MessageHeader", "ServiceRequest", "Task", "Patient", "Appointment", "Communication",
        "DocumentReference", "QuestionnaireResponse", "PractitionerRole", "Practitioner", "Location",
    ]

    /// Resources that are passed on whole, as entries of their own. When one of them is no valid R4, or points to what
    /// has no resource here, an extension holds the list.
    mutating func others(_ resources: [OtherResource], record: inout RecordElement<Referral>) {
        guard !resources.isEmpty else { return }
        let known = resourcePlaces
        let handles = resources.enumerated().map { handle("resource-\($0)-\($1.type)") }
        for (index, handle) in handles.enumerated() {
            resourcePlaces["/referral/resources/\(index)"] = (handle, resources[index].type)
        }
        let place = record.place("resources")
        var elements = resources.enumerated().map { other($1, handles[$0], at: place($0)) }
        if elements.allSatisfy({ $0 != nil }) {
            record.hold("resources")
        } else {
            // The valid ones all the same, as far as they do not point to those that are left out.
            resourcePlaces = known
            elements = resources.enumerated().map { other($1, handles[$0], at: WritingPlace(pointer: nil)) }
        }
        for (handle, element) in zip(handles, elements) {
            if let element { add(handle, element) }
        }
    }

    private func other(_ resource: OtherResource, _ handle: Handle, at place: WritingPlace) -> ElementBuilder? {
        guard !Self.modelled.contains(resource.type), let object = resource.value.objectValue, !object.isEmpty,
            object["resourceType"] == nil, object["id"] == nil, let copy = addressed(resource.value)?.objectValue
        else { return nil }
        var element = ElementBuilder(resourceType: resource.type, id: handle.id)
        element.note("resourceType", from: place("type").pointer)
        for member in copy.members { element.put(member.name, member.value) }
        guard element.object.count == copy.count + 2, isValid(element, handle) else { return nil }
        if let pointer = place("value").pointer {
            JSONLeaves.each(of: resource.value, at: "") { leaf, _ in
                element.note(String(leaf.dropFirst()), from: pointer + leaf)
            }
        }
        return element
    }

    /// By itself, and in what its references point to: beside it stand the targets' types and ids only, whose own faults
    /// do not count.
    private func isValid(_ element: ElementBuilder, _ handle: Handle) -> Bool {
        var entries: [JSONValue] = [["fullUrl": .string(handle.urn), "resource": element.json]]
        for target in resourcePlaces.values where target.handle.uuid != handle.uuid {
            entries.append([
                "fullUrl": .string(target.handle.urn),
                "resource": ["resourceType": .string(target.type), "id": .string(target.handle.id)],
            ])
        }
        let bundle: JSONValue = ["resourceType": "Bundle", "type": "collection", "entry": .array(entries)]
        let limits = StructureValidator.Limits(issues: 10_000)
        return StructureValidator(limits: limits).validate(bundle).issues.allSatisfy { issue in
            issue.severity != .error && issue.severity != .fatal || !issue.expression.hasPrefix("Bundle.entry[0]")
        }
    }

    /// The value with pointers into the canonical message as references into this bundle; nil when one leads nowhere.
    private func addressed(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .object(let object):
            var members: [JSONMember] = []
            for member in object.members {
                var copy = member.value
                if member.name == "reference", let text = copy.stringValue {
                    if text.hasPrefix("#/") {
                        guard let handle = resourcePlaces[String(text.dropFirst())]?.handle else { return nil }
                        copy = .string(handle.urn)
                    } else if !text.hasPrefix("https://"), !text.hasPrefix("http://") {
                        return nil
                    }
                } else {
                    guard let inner = addressed(copy) else { return nil }
                    copy = inner
                }
                members.append(JSONMember(name: member.name, value: copy))
            }
            return .object(JSONObject(members))
        case .array(let elements):
            var output: [JSONValue] = []
            for element in elements {
                guard let copy = addressed(element) else { return nil }
                output.append(copy)
            }
            return .array(output)
        default: return value
        }
    }
}
