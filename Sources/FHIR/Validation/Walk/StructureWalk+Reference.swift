// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension StructureWalk {
    /// Where a Reference leads, and whether it may lead there. Its elements are judged elsewhere.
    mutating func reference(_ value: JSONNode, _ targets: ReferenceTargets) {
        guard let node = value["reference"], let text = node.stringValue, !text.isEmpty else { return }
        let isFocus =
            path.steps.last?.name == "focus" && scopes.last?.type == "MessageHeader"
            && bundles.last?.type == "message"
        path.push("reference")
        defer { path.pop() }
        let form = ReferenceForm(text, definitions)
        switch form {
        case .contained(let id):
            if let type = useContained(id) {
                if !type.isEmpty { target(type, of: value, at: node, targets) }
            } else {
                report(.error, .invariant, at: node, rule: "ref-1", "no contained resource has this id")
            }
        case .invalid:
            report(
                .error, .value, at: node,
                "a reference is absolute, Type/id with a resource type of R4, urn:uuid:, urn:oid:, or # and an id")
        case .urn, .absolute, .relative, .search:
            resolve(text, form, of: value, at: node, targets, isFocus: isFocus)
        }
    }

    private mutating func resolve(
        _ text: String, _ form: ReferenceForm, of value: JSONNode, at node: JSONNode, _ targets: ReferenceTargets,
        isFocus: Bool
    ) {
        if form == .urn, text.hasPrefix("urn:uuid:"), !PrimitiveScan.isBareUUID(Array(text.utf8)[9...]) {
            report(.error, .value, at: node, "urn:uuid: is followed by a UUID")
        }
        if let number = bundles.last?.typeNumber(of: text) {
            // A resource whose type is none of R4's is reported where it stands.
            if number >= 0 { target(definitions.resourceNames[number], of: value, at: node, targets) }
            return
        }
        if let type = form.statedType { target(type, of: value, at: node, targets) }
        guard !bundles.isEmpty else { return }
        if isFocus {
            report(.error, .notFound, at: node, "the focus of a message is in its bundle, and this is not")
        } else if form == .urn {
            report(.error, .notFound, at: node, "no entry of the bundle has this as its fullUrl")
        } else if case .relative = form {
            report(.warning, .notFound, at: node, "no entry of the bundle is meant by this; it may be on a server")
        }
    }

    private mutating func target(
        _ type: String, of reference: JSONNode, at node: JSONNode, _ targets: ReferenceTargets
    ) {
        if !targets.allow(type) {
            report(
                .error, .structure, at: node,
                "a reference to \(type) is not allowed here, only to \(targets.names.joined(separator: ", "))")
        }
        guard let stated = reference["type"], let name = stated.stringValue, !name.utf8.contains(0x2F), name != type
        else { return }
        path.pop()
        at("type") { walk in
            walk.report(.error, .value, at: stated, "Reference.type is not the type of the resource referred to")
        }
        path.push("reference")
    }

    /// Marks the contained resource `#id` as used: its type, empty where it has none, or nil when there is no such.
    mutating func useContained(_ id: String) -> String? {
        let last = scopes.count - 1
        guard last >= 0, scopes[last].use(id) else { return nil }
        return scopes[last].type(of: id) ?? ""
    }
}
