// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    /// Resources that are passed on whole. What R4 does not allow stays out: it stands in the canonical message.
    mutating func others(_ resources: [OtherResource], at place: String) {
        guard !resources.isEmpty else { return }
        var handles: [Int: Handle] = [:]
        for (index, resource) in resources.enumerated() {
            handles[index] = handle("resource-\(index)-\(resource.type)")
        }
        let validator = StructureValidator()
        var written = handles
        for (index, resource) in resources.enumerated() {
            guard let handle = handles[index] else { continue }
            let element = other(resource, handle, handles, at: "\(place)/\(index)")
            if !validator.validate(element.json).isValid { written[index] = nil }
        }
        for (index, resource) in resources.enumerated() {
            guard let handle = written[index] else { continue }
            // Once more, since references to those left out lead nowhere now.
            let element = other(resource, handle, written, at: "\(place)/\(index)")
            if validator.validate(element.json).isValid { add(handle, element) }
        }
    }

    private func other(
        _ resource: OtherResource, _ handle: Handle, _ others: [Int: Handle], at place: String
    ) -> ElementBuilder {
        var element = ElementBuilder(resourceType: resource.type, id: handle.id)
        element.note("resourceType", from: "\(place)/type")
        for member in resource.value.objectValue?.members ?? []
        where member.name != "resourceType" && member.name != "id" {
            var copy = OtherCopy(writing: self, others: others)
            let path = JSONPointer(tokens: [member.name]).description
            element.put(member.name, copy.value(member.value, from: path, to: path))
            for step in copy.kept {
                element.note(String(step.target.dropFirst()), from: "\(place)/value\(step.source)")
            }
        }
        return element
    }

    /// The resource written for a place of the canonical message.
    func handle(at place: String, _ others: [Int: Handle]) -> Handle? {
        let parts = place.split(separator: "/").map { String($0) }
        guard parts.first == "referral" else { return nil }
        if parts.count == 3, parts[1] == "resources" { return Int(parts[2]).flatMap { others[$0] } }
        return Self.role(of: Array(parts.dropFirst())).flatMap { roles[$0] }
    }

    private static func role(of parts: [String]) -> String? {
        let lists = [
            "documents": "document", "forms": "form", "tasks": "task", "appointments": "appointment",
            "communications": "communication",
        ]
        switch parts.count {
        case 0: return "service-request"
        case 1: return ["receiver": "listing", "source": "source-site"][parts[0]] ?? parts[0]
        case 2 where parts[0] == "receiver": return "listing-\(parts[1])"
        case 2 where parts[1] == "familyDoctor": return "family-doctor"
        case 2: return lists[parts[0]].map { "\($0)-\(parts[1])" } ?? "\(parts[0])-\(parts[1])"
        case 3: return lists[parts[0]].map { "\($0)-\(parts[1])-\(parts[2])" } ?? "family-doctor-\(parts[2])"
        default: return nil
        }
    }

    /// The extension that names what took this referral's place: R4 has an element for the other way only.
    func replacedBy(_ references: [String], at place: String) -> [ElementBuilder] {
        links(references, at: place).map { reference in
            var element = ElementBuilder()
            element.put("url", .string(NormalisedCode.replacedBy))
            element.put("valueReference", reference)
            return element
        }
    }
}

/// Copies a value, pointers into the canonical message turned into references of this bundle.
private struct OtherCopy {
    let writing: BundleWriting
    let others: [Int: BundleWriting.Handle]
    /// The single values that were taken over, by pointers from the resource.
    private(set) var kept: [(source: String, target: String)] = []

    init(writing: BundleWriting, others: [Int: BundleWriting.Handle]) {
        self.writing = writing
        self.others = others
    }

    mutating func value(_ value: JSONValue, from source: String, to target: String) -> JSONValue? {
        switch value {
        case .object(let object):
            var output = JSONObject()
            for member in object.members {
                let spot = JSONPointer(tokens: [member.name]).description
                if member.name == "reference", let text = member.value.stringValue {
                    guard let reference = reference(text) else { continue }
                    output["reference"] = .string(reference)
                    kept.append((source + spot, target + spot))
                } else if let copy = self.value(member.value, from: source + spot, to: target + spot) {
                    output[member.name] = copy
                }
            }
            // A reference that leads nowhere in this bundle is said to be absent.
            if output.isEmpty, object["reference"]?.stringValue != nil { return BundleWriting.dataAbsent }
            return output.isEmpty ? nil : .object(output)
        case .array(let elements):
            var output: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                let copy = self.value(element, from: "\(source)/\(index)", to: "\(target)/\(output.count)")
                if let copy { output.append(copy) }
            }
            return output.isEmpty ? nil : .array(output)
        case .null: return nil
        case .string(""): return nil
        default:
            kept.append((source, target))
            return value
        }
    }

    /// Addresses within the message are made anew; those of other servers stay, and so do contained resources.
    private func reference(_ text: String) -> String? {
        if text.hasPrefix("#/") { return writing.handle(at: String(text.dropFirst()), others)?.urn }
        if text.hasPrefix("#") || text.hasPrefix("http://") || text.hasPrefix("https://") { return text }
        return nil
    }
}
