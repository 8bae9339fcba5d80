// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// A received bundle and who in it refers to whom.
struct ReceivedBundle {
    private let bundle: FHIRBundle

    /// Nil unless `json` is a Bundle.
    init?(_ json: JSONValue) {
        guard let bundle = FHIRBundle(json) else { return nil }
        self.bundle = bundle
    }

    func first(_ type: String) -> JSONValue? { bundle.entries(of: type).first?.resource }

    /// The resource that a Reference names; nil when it is not in the bundle.
    func resource(_ reference: JSONValue) -> JSONValue? { bundle.resolve(reference)?.resource }

    /// The same with its place.
    func located(_ reference: JSONValue) -> (resource: JSONValue, place: String)? {
        bundle.resolve(reference).map { ($0.resource, "/entry/\($0.position)/resource") }
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
        let found = Set(bundle.entries.compactMap { ReceivedResource.identifier(.site, of: $0.resource) })
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

    /// References by which a resource names the request that it is about. `about` and `focus` may name anything.
    static func links(_ resource: JSONValue) -> [JSONValue] {
        let others = ["about", "focus"].flatMap { resource[$0]?.listElements ?? [] }
        return (resource["basedOn"]?.listElements ?? [])
            + others.filter {
                $0["type"] == "ServiceRequest"
                    || NamingSystem.referral.matches($0["identifier"]?["system"]?.stringValue)
                    || $0["reference"]?.stringValue.flatMap { ReceivedResource.typeAndID($0)?.type } == "ServiceRequest"
            }
    }

    /// The referral that a resource names: itself, or what it is based on.
    func referralReference(of resource: JSONValue) -> String? {
        if let own = ReceivedResource.identifier(.referral, of: resource) { return own }
        for reference in Self.links(resource) {
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
