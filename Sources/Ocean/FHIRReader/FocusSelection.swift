// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON

extension BundleReading {
    /// The ServiceRequest that the message is about. Bundles hold several after forwarding and splitting, so that
    /// neither the first nor the only one may be taken for granted.
    func selectRequest() -> FHIREntry? {
        let inFocus = focus.filter { $0.type == "ServiceRequest" }
        if let request = preferred(inFocus) { return request }
        for entry in focus {
            for reference in entry.resource["basedOn"]?.referenceList ?? [] {
                if let request = bundle.resolve(reference, types: ["ServiceRequest"]),
                    request.type == "ServiceRequest"
                {
                    return request
                }
            }
        }
        let requests = bundle.entries(of: "ServiceRequest")
        if let stated = headerReference ?? basedOnReference {
            // A message that names its referral is never filed under another one that it merely carries.
            return requests.first { carries(stated, $0) } ?? (requests.count == 1 ? nameless(requests[0]) : nil)
        }
        return preferred(requests)
    }

    private func nameless(_ entry: FHIREntry) -> FHIREntry? {
        referralIdentifier(of: entry) == nil && entry.id == nil && entry.fullURLID == nil ? entry : nil
    }

    /// The one whose performer is the message's receiver, else the first.
    private func preferred(_ requests: [FHIREntry]) -> FHIREntry? {
        guard requests.count > 1 else { return requests.first }
        let receivers = Receivers(header.destinations.compactMap { $0["receiver"] }, in: bundle)
        return requests.first { request in
            (request.resource["performer"]?.referenceList ?? []).contains { receivers.contain($0) }
        } ?? requests.first
    }

    func carries(_ reference: String, _ entry: FHIREntry) -> Bool {
        if referralIdentifier(of: entry) == reference { return true }
        let key = ReferenceIndex.key(reference)
        return entry.id.map { ReferenceIndex.key($0) } == key || entry.fullURLID == key
    }

    /// The referral reference among a resource's identifiers.
    func referralIdentifier(of entry: FHIREntry) -> String? {
        entry.resource.identifierElements.first {
            NamingSystem.referral.matches($0["system"]?.stringValue) && $0["value"]?.nonEmptyText != nil
        }?["value"]?.stringValue
    }

    /// The reference in the header's extension, in either version's form.
    var headerReference: String? {
        for element in header.json.extensionElements {
            switch element["url"]?.stringValue {
            case ExtensionURL.referralIdentifier, ExtensionURL.headerReference:
                if let text = element["valueIdentifier"]?["value"]?.nonEmptyText ?? element["valueString"]?.nonEmptyText
                {
                    return text
                }
            default: continue
            }
        }
        return nil
    }

    /// The referral that a resource in focus says it is based on, where that referral itself is not in the bundle.
    private var basedOnReference: String? {
        for entry in focus where entry.type != "ServiceRequest" {
            for reference in entry.resource["basedOn"]?.referenceList ?? [] {
                if let named = Self.serviceRequestID(reference) { return named }
            }
        }
        return nil
    }

    /// The referral reference by the places that may hold it, best first.
    func findReference() -> String? {
        if let stated = headerReference { return stated }
        if let request {
            if let found = referralIdentifier(of: request) ?? request.id ?? request.fullURLID, !found.isEmpty {
                return found
            }
        }
        if let named = basedOnReference { return named }
        for reference in header.focus { if let named = Self.serviceRequestID(reference) { return named } }
        for entry in bundle.entries(of: "DocumentReference") {
            for content in entry.resource["content"]?.arrayValue ?? [] {
                if let url = content["attachment"]?["url"]?.stringValue, let found = LetterURL.reference(url) {
                    return found
                }
            }
        }
        return nil
    }

    private static func serviceRequestID(_ reference: JSONValue) -> String? {
        if let identifier = reference["identifier"], NamingSystem.referral.matches(identifier["system"]?.stringValue),
            let value = identifier["value"]?.nonEmptyText
        {
            return value
        }
        guard let text = reference["reference"]?.stringValue, let pair = ReferenceIndex.typeAndID(text),
            pair.hasPrefix("ServiceRequest/")
        else { return nil }
        return String(pair.dropFirst("ServiceRequest/".count))
    }
}

/// The receivers of a message, to be compared with performers: by what they lead to, else by identifier.
struct Receivers {
    private var positions: Set<Int> = []
    private var identifiers: Set<String> = []
    /// Of receivers that lead nowhere in the bundle.
    private var danglingIdentifiers: Set<String> = []
    private let bundle: FHIRBundle

    init(_ references: [JSONValue], in bundle: FHIRBundle) {
        self.bundle = bundle
        for reference in references {
            let entry = bundle.resolve(reference, types: ["PractitionerRole"])
            if let entry { positions.insert(entry.position) }
            guard let identifier = reference["identifier"]?["value"]?.stringValue else { continue }
            identifiers.insert(identifier)
            if entry == nil { danglingIdentifiers.insert(identifier) }
        }
    }

    func contain(_ performer: JSONValue) -> Bool {
        let entry = bundle.resolve(performer, types: ["PractitionerRole"])
        if let entry, positions.contains(entry.position) { return true }
        guard let identifier = performer["identifier"]?["value"]?.stringValue else { return false }
        return entry == nil ? identifiers.contains(identifier) : danglingIdentifiers.contains(identifier)
    }
}

/// Addresses of referral letters: `…/ServiceRequest/{reference}/$letter`.
enum LetterURL {
    static func isLetter(_ url: String) -> Bool {
        url.prefix { $0 != "?" && $0 != "#" }.hasSuffix("/$letter")
    }

    static func reference(_ url: String) -> String? {
        guard isLetter(url) else { return nil }
        let parts = url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/")
        guard parts.count >= 3, parts[parts.count - 3] == "ServiceRequest" else { return nil }
        return String(parts[parts.count - 2])
    }
}

extension JSONValue {
    /// References of an element that is a list in R4; a single one is taken too.
    var referenceList: [JSONValue] {
        switch self {
        case .array(let list): list
        case .object: [self]
        default: []
        }
    }

    var nonEmptyText: String? { stringValue.flatMap { $0.isEmpty ? nil : $0 } }
}
