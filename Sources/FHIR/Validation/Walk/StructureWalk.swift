// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// One pass over one resource with all that is in it.
struct StructureWalk {
    let definitions = Definitions.r4
    let limits: StructureValidator.Limits
    var path = ElementPath()
    private var issues: IssueCollector
    private var depth = 0
    /// Contained resources of each resource that is open, outermost first.
    var scopes: [ContainedScope] = []
    /// The bundles that are open, outermost first.
    var bundles: [BundleIndex] = []
    /// Types without a table that were noted already.
    var notedTypes: Set<String> = []

    init(limits: StructureValidator.Limits) {
        self.limits = limits
        issues = IssueCollector(limit: limits.issues)
    }

    consuming func report(bytes: [UInt8]) -> ValidationReport {
        issues.report(bytes: bytes, root: path.root)
    }

    mutating func root(_ node: JSONNode) {
        if let name = node["resourceType"]?.stringValue, definitions.resourceNumber(name) != nil { path.root = name }
        resource(node, isContained: false)
    }

    /// Notes an issue at the present path. `missing` is the name of an element that should stand there.
    mutating func report(
        _ severity: OperationOutcome.Severity, _ code: ValidationIssue.Code, at node: JSONNode, rule: String? = nil,
        missing: String? = nil, _ diagnostics: @autoclosure () -> String
    ) {
        let path = path
        issues.add(severity) {
            ValidationIssue(
                severity: severity, code: code, rule: rule, expression: path.expression(missing: missing),
                pointer: path.pointer, offset: node.rawRange.lowerBound, line: 0, column: 0,
                diagnostics: diagnostics())
        }
    }

    /// Whether there is one more level; otherwise the place is reported.
    mutating func descend(_ node: JSONNode) -> Bool {
        let limit = limits.depth
        guard depth < limit else {
            report(.error, .tooLong, at: node, "more than \(limit) elements within each other; not read further")
            return false
        }
        depth += 1
        return true
    }

    mutating func ascend() { depth -= 1 }

    /// An object with the elements of a type.
    mutating func element(_ node: JSONNode, _ type: TypeDefinition) {
        guard node.kind == .object else {
            report(.error, .structure, at: node, "an object (\(type.name)) is expected here")
            return
        }
        guard descend(node) else { return }
        defer { ascend() }
        if node.count == 0 {
            report(.error, .invariant, at: node, rule: "ele-1", "an element has a value or children")
            return
        }
        var seen: UInt64 = 0
        var chosen: [(element: Int, type: Int)] = []
        for (name, value) in node.members {
            guard let member = type.member(name) else {
                if !(type.isResource && name == "resourceType") { unknown(name, value, in: type) }
                continue
            }
            let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: member.element & 63)
            if type.elements[member.element].isChoice {
                if seen & bit == 0 {
                    chosen.append((member.element, member.type))
                } else if chosen.contains(where: { $0.element == member.element && $0.type != member.type }) {
                    at(type.elements[member.element].name, member: name) { walk in
                        walk.report(.error, .structure, at: value, "a second type of one choice; only one is allowed")
                    }
                }
            }
            seen |= bit
            self.member(member, name, value, of: node, type)
        }
        if type.required & ~seen != 0 { missing(type, seen, node) }
        for invariant in type.invariants where !invariant.holds(node) {
            report(invariant.severity, .invariant, at: node, rule: invariant.rule, invariant.text)
        }
    }

    private mutating func missing(_ type: TypeDefinition, _ seen: UInt64, _ node: JSONNode) {
        for (place, element) in type.elements.enumerated().prefix(64)
        where element.isRequired && seen & (1 << UInt64(place)) == 0 {
            let names = element.isChoice ? "\(element.name)[x]" : element.name
            report(
                .error, .required, at: node, missing: element.name, "\(names) is required in \(type.name) and missing")
        }
    }

    private mutating func unknown(_ name: String, _ value: JSONNode, in type: TypeDefinition) {
        at(ElementPath.shown(name)) { walk in
            walk.report(.error, .structure, at: value, "no such element in \(type.name)")
        }
    }

    /// Runs `body` one step deeper in the path.
    mutating func at(_ name: String, member: String? = nil, index: Int = -1, _ body: (inout StructureWalk) -> Void) {
        path.push(name, member: member == name ? nil : member, index: index)
        body(&self)
        path.pop()
    }

    mutating func member(
        _ member: MemberDefinition, _ name: String, _ value: JSONNode, of parent: JSONNode, _ type: TypeDefinition
    ) {
        let element = type.elements[member.element]
        let form = element.types[member.type].form
        path.push(element.name, member: name == element.name ? nil : name)
        defer { path.pop() }
        if case .primitive(let primitive) = form {
            if member.isSibling {
                // Where the value is there too, it is judged together with it.
                if element.isList, parent[String(name.dropFirst())] != nil { return }
                if element.isList {
                    primitives(nil, beside: value, primitive, element)
                } else {
                    self.element(value, definitions.types[definitions.element])
                }
            } else if element.isList {
                primitives(value, beside: parent["_" + name], primitive, element)
            } else if isSingle(value) {
                self.primitive(value, primitive, element)
            }
        } else if element.isList {
            list(value, form, element)
        } else if isSingle(value) {
            content(value, form, element)
        }
    }

    private mutating func isSingle(_ value: JSONNode) -> Bool {
        guard value.kind == .array else { return true }
        report(.error, .structure, at: value, "no list is allowed here: the element occurs at most once")
        return false
    }

    private mutating func list(_ value: JSONNode, _ form: ElementType.Form, _ element: ElementDefinition) {
        guard value.kind == .array else {
            report(.error, .structure, at: value, "a list is expected here: the element may occur several times")
            content(value, form, element)
            return
        }
        if value.count == 0 { reportEmptyList(value) }
        var index = 0
        for item in value.elements {
            path.setIndex(index)
            content(item, form, element)
            index += 1
        }
    }

    mutating func reportEmptyList(_ value: JSONNode) {
        report(.error, .invariant, at: value, rule: "ele-1", "a list has at least one element")
    }

    private mutating func content(_ value: JSONNode, _ form: ElementType.Form, _ element: ElementDefinition) {
        switch form {
        case .complex(let type): self.element(value, definitions.types[type])
        case .concept(let type):
            self.element(value, definitions.types[type])
            if let codes = element.codes { concept(value, codes) }
        case .reference(let type, let targets):
            self.element(value, definitions.types[type])
            reference(value, targets)
        case .resource: resource(value, isContained: element.name == "contained")
        case .primitive(let type): primitive(value, type, element)
        }
    }
}
