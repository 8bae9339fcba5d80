// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension StructureWalk {
    /// A resource: the outermost one, one in a bundle or in Parameters, or a contained one.
    mutating func resource(_ node: JSONNode, isContained: Bool) {
        guard node.kind == .object else {
            report(.error, .structure, at: node, "a resource is expected here")
            return
        }
        if isContained {
            contained(node)
        } else {
            scopes.append(ContainedScope(node))
            typed(node)
            if let scope = scopes.popLast() { reportUnused(scope) }
        }
    }

    private mutating func contained(_ node: JSONNode) {
        for (member, rule) in [("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")] {
            guard let value = node["meta"]?[member] else { continue }
            path.push("meta")
            at(member) {
                $0.report(.error, .invariant, at: value, rule: rule, "a contained resource has no meta.\(member)")
            }
            path.pop()
        }
        if let nested = node["contained"] {
            at("contained") { walk in
                walk.report(.error, .invariant, at: nested, rule: "dom-2", "a contained resource contains no others")
            }
        }
        if node["id"] == nil {
            report(.error, .required, at: node, missing: "id", "a contained resource has an id, to be referred to")
        }
        let last = scopes.count - 1
        if last >= 0 { scopes[last].enter() }
        typed(node)
        if last >= 0 { scopes[last].leave() }
    }

    private mutating func reportUnused(_ scope: ContainedScope) {
        for (index, node) in scope.unused {
            at("contained", index: index) { walk in
                walk.report(
                    .error, .invariant, at: node, rule: "dom-3",
                    "nothing in the resource refers to this contained resource")
            }
        }
    }

    private mutating func typed(_ node: JSONNode) {
        guard let type = node["resourceType"] else {
            report(.error, .required, at: node, "resourceType is missing")
            unlisted(node)
            return
        }
        guard let name = type.stringValue, definitions.resourceNumber(name) != nil else {
            report(.error, .structure, at: type, "resourceType names no resource of R4")
            unlisted(node)
            return
        }
        guard let place = definitions.places[name] else {
            if notedTypes.insert(name).inserted {
                report(
                    .information, .informational, at: node,
                    "the elements of \(name) are not judged, only what all resources have in common")
            }
            unlisted(node)
            return
        }
        if name == "Bundle" {
            bundles.append(BundleIndex(node, definitions))
            bundle(node)
            element(node, definitions.types[place])
            bundles.removeLast()
        } else {
            element(node, definitions.types[place])
        }
    }

    /// A resource without a table: what every resource has is judged, other members only for emptiness and references.
    private mutating func unlisted(_ node: JSONNode) {
        guard descend(node) else { return }
        defer { ascend() }
        let type = definitions.types[definitions.domainResource]
        for (name, value) in node.members where name != "resourceType" {
            if let member = type.member(name) {
                self.member(member, name, value, of: node, type)
            } else {
                unlisted(name, value)
            }
        }
    }

    private mutating func unlisted(_ name: String, _ value: JSONNode) {
        path.push(ElementPath.shown(name))
        defer { path.pop() }
        guard value.kind == .array else { return unlistedValue(value, isInList: false) }
        if value.count == 0 { reportEmptyList(value) }
        var index = 0
        for item in value.elements {
            path.setIndex(index)
            unlistedValue(item, isInList: true)
            index += 1
        }
    }

    private mutating func unlistedValue(_ value: JSONNode, isInList: Bool) {
        switch value.kind {
        case .object:
            if value.count == 0 {
                report(.error, .invariant, at: value, rule: "ele-1", "an element has a value or children")
            }
            if value["resourceType"] != nil { return resource(value, isContained: false) }
            guard descend(value) else { return }
            defer { ascend() }
            for (name, child) in value.members {
                if name == "extension" || name == "modifierExtension" {
                    let element = definitions.types[definitions.backboneElement]
                    if let member = element.member(name) { self.member(member, name, child, of: value, element) }
                } else {
                    unlisted(name, child)
                }
            }
            if value["reference"]?.kind == .string { reference(value, ReferenceTargets(names: [])) }
        case .array: report(.error, .structure, at: value, "no list is allowed within a list")
        case .null:
            if !isInList {
                report(.error, .invariant, at: value, rule: "ele-1", "null stands for no value: leave the element out")
            }
        case .string:
            if value.rawRange.count <= 2 {
                report(.error, .value, at: value, "a value is not empty")
            } else if value.textBytes.first == 0x23 {
                _ = useContained(String(decoding: value.textBytes.dropFirst(), as: UTF8.self))
            }
        case .number, .bool: break
        }
    }
}
