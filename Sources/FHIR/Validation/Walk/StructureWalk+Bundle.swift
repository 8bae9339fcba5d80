// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension StructureWalk {
    /// The rules between the parts of a Bundle (https://hl7.org/fhir/R4/bundle.html#invs); its elements are judged
    /// elsewhere.
    mutating func bundle(_ node: JSONNode) {
        let type = node["type"]?.stringValue ?? ""
        if let total = node["total"], type != "searchset", type != "history" {
            at("total") { walk in
                walk.report(
                    .error, .invariant, at: total, rule: "bdl-1", "only a search result or a history has a total")
            }
        }
        if let entries = node["entry"], entries.kind == .array { self.entries(entries, type) }
        switch type {
        case "message": first(of: node, is: "MessageHeader", rule: "bdl-12", "a message starts with a MessageHeader")
        case "document":
            first(of: node, is: "Composition", rule: "bdl-11", "a document starts with a Composition")
            if node["identifier"]?["system"] == nil || node["identifier"]?["value"] == nil {
                report(
                    .error, .invariant, at: node, rule: "bdl-9", missing: "identifier",
                    "a document has an identifier with system and value")
            }
            if node["timestamp"] == nil {
                report(
                    .error, .invariant, at: node, rule: "bdl-10", missing: "timestamp", "a document has a timestamp")
            }
        default: break
        }
    }

    private mutating func first(of node: JSONNode, is type: String, rule: String, _ text: String) {
        let entry = node["entry"]?[0]
        guard entry?["resource"]?["resourceType"]?.equals(type) != true else { return }
        let place = entry ?? node
        guard entry != nil else {
            report(.error, .invariant, at: place, rule: rule, missing: "entry", text)
            return
        }
        at("entry", index: 0) { $0.report(.error, .invariant, at: place, rule: rule, text) }
    }

    private mutating func entries(_ entries: JSONNode, _ type: String) {
        var addresses: Set<String> = []
        path.push("entry")
        defer { path.pop() }
        var index = 0
        for entry in entries.elements {
            path.setIndex(index)
            index += 1
            guard entry.kind == .object, entry.count > 0 else { continue }
            parts(of: entry, type)
            address(of: entry, type, &addresses)
        }
    }

    private mutating func parts(of entry: JSONNode, _ type: String) {
        let (resource, search) = (entry["resource"], entry["search"])
        let (request, response) = (entry["request"], entry["response"])
        if let search, type != "searchset" {
            at("search") { walk in
                walk.report(.error, .invariant, at: search, rule: "bdl-2", "only entries of a search result have this")
            }
        }
        if resource == nil, request == nil, response == nil {
            report(
                .error, .invariant, at: entry, rule: "bdl-5",
                "an entry has a resource unless there is a request or a response")
        }
        exchange(
            request, "request", of: entry, rule: "bdl-3",
            isWanted: type == "batch" || type == "transaction" || type == "history")
        exchange(
            response, "response", of: entry, rule: "bdl-4",
            isWanted: type == "batch-response" || type == "transaction-response" || type == "history")
    }

    private mutating func exchange(
        _ part: JSONNode?, _ name: String, of entry: JSONNode, rule: String, isWanted: Bool
    ) {
        if let part, !isWanted {
            at(name) { $0.report(.error, .invariant, at: part, rule: rule, "no \(name) in a bundle of this type") }
        } else if part == nil, isWanted {
            report(.error, .invariant, at: entry, rule: rule, missing: name, "a bundle of this type has a \(name) here")
        }
    }

    private mutating func address(of entry: JSONNode, _ type: String, _ addresses: inout Set<String>) {
        let resource = entry["resource"]
        guard let node = entry["fullUrl"], let address = node.stringValue else {
            if resource != nil, type == "message" || type == "document" || type == "collection" {
                report(.warning, .required, at: entry, missing: "fullUrl", "an entry should have a fullUrl")
            }
            return
        }
        path.push("fullUrl")
        defer { path.pop() }
        let isVersioned = address.contains("/_history/")
        if !ReferenceForm.hasScheme(address) {
            report(.error, .value, at: node, "fullUrl is an absolute address, or urn:uuid: or urn:oid:")
        } else if isVersioned {
            report(.error, .invariant, at: node, rule: "bdl-8", "fullUrl names no version")
        }
        guard let resource else { return }
        let version = resource["meta"]?["versionId"]?.stringValue ?? ""
        if type != "history", !addresses.insert("\(ReferenceIndex.key(address))\u{0}\(version)").inserted {
            report(
                .error, .duplicate, at: node, rule: "bdl-7",
                "fullUrl is unique in a bundle unless meta.versionId differs")
        }
        if !isVersioned, case .absolute(let stated?) = ReferenceForm(address, definitions),
            let id = resource["id"]?.stringValue,
            !address.hasSuffix("/\(id)") || resource["resourceType"]?.equals(stated) != true
        {
            report(.error, .value, at: node, "fullUrl does not agree with the type and id of the resource")
        }
    }
}
