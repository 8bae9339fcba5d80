// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// What a receiving system posted to `$process-messages`, read as tolerantly as Ocean does: either dialect, references
/// by `urn:uuid:`, `Type/id` or bare id.
struct IncomingBundle: Sendable {
    /// Ocean's referral reference.
    let reference: String
    let bundleID: String?
    let headerID: String?
    /// The event code as spelled.
    let event: String
    /// In the order of `MessageHeader.focus`.
    let changes: [ReferralChange]
    /// The corrected Patient of a demographic update.
    let patient: JSONValue?

    init(_ body: [UInt8]) throws(RefusedChange) {
        let bundle: JSONValue
        do {
            bundle = try JSONValue(parsing: body)
        } catch {
            throw RefusedChange(.invalid, "The body is not JSON: \(error)")
        }
        guard bundle["resourceType"]?.stringValue == "Bundle", bundle["type"]?.stringValue == "message" else {
            throw RefusedChange(.invalid, "The body must be a Bundle of type message.")
        }
        let resources = BundleResources(bundle)
        guard let header = resources.first, header["resourceType"]?.stringValue == "MessageHeader" else {
            throw RefusedChange(.invalid, "The first entry must be a MessageHeader.")
        }
        guard let event = header["eventCoding"]?["code"]?.stringValue else {
            throw RefusedChange(.invalid, "MessageHeader.eventCoding.code is missing.")
        }
        let focus = (header["focus"]?.arrayValue ?? []).compactMap { $0["reference"]?.stringValue }
            .compactMap { resources.resolve($0) }
        guard !focus.isEmpty else {
            throw RefusedChange(.invalid, "MessageHeader.focus must point to a resource of the bundle.")
        }
        guard let reference = Self.reference(header: header, focus: focus, resources: resources) else {
            throw RefusedChange(.invalid, "The message names no referral: no header extension and no basedOn.")
        }
        self.reference = reference
        self.event = event
        bundleID = bundle["id"]?.stringValue
        headerID = header["id"]?.stringValue
        patient = focus.first { $0["resourceType"]?.stringValue == "Patient" }
        changes = try FocusReader(resources: resources, reference: reference).changes(event: event, focus: focus)
    }

    private static func reference(header: JSONValue, focus: [JSONValue], resources: BundleResources) -> String? {
        for item in header["extension"]?.arrayValue ?? [] {
            switch item["url"]?.stringValue {
            case ExtensionURL.headerReference:
                if let value = item["valueString"]?.stringValue, !value.isEmpty { return value }
            case ExtensionURL.referralIdentifier:
                if let value = item["valueIdentifier"]?["value"]?.stringValue, !value.isEmpty { return value }
            default: continue
            }
        }
        for resource in focus {
            for link in resource["basedOn"]?.arrayValue ?? [] {
                guard let target = link["reference"]?.stringValue else { continue }
                if let request = resources.resolve(target), let value = request.identifier(.referral) { return value }
                return BundleResources.bareID(target)
            }
        }
        return resources.all.first { $0["resourceType"]?.stringValue == "ServiceRequest" }?.identifier(.referral)
    }
}

/// The resources of a bundle, found by any spelling of a reference.
struct BundleResources: Sendable {
    let all: [JSONValue]
    private var index: [String: Int] = [:]

    init(_ bundle: JSONValue) {
        var resources: [JSONValue] = []
        for entry in bundle["entry"]?.arrayValue ?? [] {
            guard let resource = entry["resource"], resource.objectValue != nil else { continue }
            let place = resources.count
            resources.append(resource)
            if let url = entry["fullUrl"]?.stringValue {
                index[url] = place
                index[Self.bareID(url)] = place
            }
            if let id = resource["id"]?.stringValue {
                if index[id] == nil { index[id] = place }
                index["\(resource["resourceType"]?.stringValue ?? "")/\(id)"] = place
            }
        }
        all = resources
    }

    var first: JSONValue? { all.first }

    func resolve(_ reference: String) -> JSONValue? {
        (index[reference] ?? index[Self.bareID(reference)]).map { all[$0] }
    }

    /// What follows the last slash or colon.
    static func bareID(_ reference: String) -> String {
        let parts = reference.split(whereSeparator: { $0 == "/" || $0 == ":" })
        return parts.last.map(String.init) ?? reference
    }
}

extension JSONValue {
    /// The value of the identifier of Ocean's `system`, whatever host it names.
    func identifier(_ system: NamingSystem) -> String? {
        let list = self["identifier"].map { $0.arrayValue ?? [$0] } ?? []
        return list.first { system.matches($0["system"]?.stringValue) }?["value"]?.stringValue
    }

    /// The first extension of that URL.
    func fhirExtension(_ url: String) -> JSONValue? {
        self["extension"]?.arrayValue?.first { $0["url"]?.stringValue == url }
    }
}
