// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// A received bundle and who in it refers to whom.
struct ReceivedBundle {
    private let resources: [JSONValue]
    private var places: [String: Int] = [:]

    init(_ json: JSONValue) {
        var resources: [JSONValue] = []
        for entry in json["entry"]?.arrayValue ?? [] {
            guard let resource = entry["resource"], resource["resourceType"]?.stringValue != nil else { continue }
            for key in Self.keys(resource, address: entry["fullUrl"]?.stringValue) where places[key] == nil {
                places[key] = resources.count
            }
            resources.append(resource)
        }
        self.resources = resources
    }

    private static func keys(_ resource: JSONValue, address: String?) -> [String] {
        let type = resource["resourceType"]?.stringValue ?? ""
        var output: [String] = []
        if let id = resource["id"]?.stringValue { output += ["\(type)/\(id)", id] }
        if let address {
            let bare = Self.bare(address)
            output += [address, bare, "\(type)/\(bare)"]
        }
        return output
    }

    /// Ocean writes addresses of UUIDs with and without the prefix.
    private static func bare(_ address: String) -> String {
        address.hasPrefix("urn:uuid:") ? String(address.dropFirst(9)) : address
    }

    func first(_ type: String) -> JSONValue? { all(type).first }

    func all(_ type: String) -> [JSONValue] { resources.filter { $0["resourceType"]?.stringValue == type } }

    /// The resource that a Reference names; nil when it is not in the bundle.
    func resource(_ reference: JSONValue) -> JSONValue? {
        guard let text = reference["reference"]?.stringValue, !text.isEmpty else { return nil }
        let relative = ReceivedResource.typeAndID(text)
        let place = places[text] ?? places[Self.bare(text)] ?? relative.flatMap { places["\($0.type)/\($0.id)"] }
        return place.map { resources[$0] }
    }

    func type(of reference: JSONValue) -> String? {
        resource(reference)?["resourceType"]?.stringValue ?? reference["type"]?.stringValue
            ?? reference["reference"]?.stringValue.flatMap { ReceivedResource.typeAndID($0)?.type }
    }

    /// The name of the person behind a reference to a role or practitioner.
    func personName(_ reference: JSONValue?) -> String? {
        guard let reference else { return nil }
        guard let found = resource(reference) else {
            return reference["display"]?.stringValue.nonEmptyText
                ?? reference["identifier"]?["value"]?.stringValue.nonEmptyText
        }
        if let practitioner = found["practitioner"] {
            let name = resource(practitioner).flatMap { Self.name($0) }
            if let name = name ?? practitioner["display"]?.stringValue.nonEmptyText { return name }
        }
        return Self.name(found) ?? reference["display"]?.stringValue.nonEmptyText
            ?? found["identifier"]?[0]?["value"]?.stringValue.nonEmptyText
    }

    private static func name(_ resource: JSONValue) -> String? {
        if let text = resource["name"]?.stringValue { return text }
        return resource["name"]?[0].flatMap { UpdateDraft.display(ReceivedPatient.name($0)) }
    }

    /// The site number that stands in the bundle, when it is only one.
    var onlySite: String? {
        let found = Set(resources.compactMap { ReceivedResource.identifier(.site, of: $0) })
        return found.count == 1 ? found.first : nil
    }

    /// The referral that the message is about: the header's word, else the resources in focus.
    func referralReference(header: JSONValue, focus: [JSONValue]) -> String? {
        for element in header["extension"]?.listElements ?? [] {
            let url = element["url"]?.stringValue
            guard url == ExtensionURL.referralIdentifier || url == ExtensionURL.headerReference else { continue }
            let value = element["valueIdentifier"]?["value"]?.stringValue ?? element["valueString"]?.stringValue
            if let value = value.nonEmptyText { return value }
        }
        for resource in focus { if let found = referralReference(of: resource) { return found } }
        return nil
    }

    /// The referral that a resource names: itself, or what it is based on.
    func referralReference(of resource: JSONValue) -> String? {
        if let own = ReceivedResource.identifier(.referral, of: resource) { return own }
        for reference in resource["basedOn"]?.listElements ?? [] {
            if let found = self.resource(reference) {
                if let own = ReceivedResource.identifier(.referral, of: found) { return own }
            }
            if let named = ReceivedResource.referral(reference) { return named }
        }
        return nil
    }
}

extension JSONValue {
    /// The elements of a list; a single object counts as a list of one, which careless senders write.
    var listElements: [JSONValue] {
        switch self {
        case .array(let elements): elements
        case .object: [self]
        default: []
        }
    }
}
