// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Reads the tables. A line it cannot read becomes a fault of the result and is left out.
struct DefinitionReader {
    private var drafts: [Draft] = []
    private var places: [String: Int] = [:]
    private var bindings: [String: CodeBinding] = [:]
    private var openTypes: [String] = []
    private var faults: [String] = []

    private struct Draft {
        var name: String
        var isResource: Bool
        var elements: [DraftElement]
        var rules: [Substring]
    }

    private struct DraftElement {
        var name: String
        var minimum: Bool
        var isList: Bool
        var isChoice: Bool
        var types: [String]
        var codes: String?
    }

    static func read(elements: [String], codes: String, resourceNames: String, openTypes: String) -> Definitions {
        var reader = DefinitionReader()
        reader.openTypes = openTypes.split(separator: " ").map { String($0) }
        reader.readCodes(codes)
        let names = resourceNames.split(separator: " ").map { String($0) }
        reader.bindings["resource-types"] = CodeBinding(
            name: "resource-types", form: .list(Set(names), system: nil))
        for table in elements { reader.readElements(table) }
        let types = reader.drafts.map { reader.finished($0) }
        return Definitions(types: types, places: reader.places, resourceNames: names, faults: reader.faults)
    }

    private mutating func readCodes(_ table: String) {
        bindings["mimetypes"] = CodeBinding(name: "mimetypes", form: .mediaTypes)
        bindings["currencies"] = CodeBinding(name: "currencies", form: .currencies)
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ").map { String($0) }
            guard words.count >= 3, let name = words.first else {
                faults.append("codes: \(line)")
                continue
            }
            let system = words[1] == "-" ? nil : words[1]
            bindings[name] = CodeBinding(name: name, form: .list(Set(words.dropFirst(2)), system: system))
        }
    }

    private mutating func readElements(_ table: String) {
        // The types that are open at this line, outermost first.
        var open: [Int] = []
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first else { continue }
            if first == "}" {
                if open.count < 2 { faults.append("closed too often before: \(line)") } else { open.removeLast() }
            } else if line.first != " " {
                open = [start(String(first), base: words.count > 1 ? String(words[1]) : "", rules: words.dropFirst(2))]
            } else if let parent = open.last, let nested = readElement(words, of: parent) {
                open.append(nested)
            }
        }
    }

    private mutating func start(_ name: String, base: String, rules: ArraySlice<Substring>) -> Int {
        let parent = places[base].map { drafts[$0] }
        if parent == nil, base != "-" { faults.append("\(name): no type \(base)") }
        if places[name] != nil { faults.append("\(name): defined twice") }
        drafts.append(
            Draft(
                name: name, isResource: name == "Resource" || parent?.isResource == true,
                elements: parent?.elements ?? [], rules: (parent?.rules ?? []) + rules.map { $0.dropFirst() }))
        places[name] = drafts.count - 1
        return drafts.count - 1
    }

    /// Adds an element; the place of its own type when its elements follow.
    private mutating func readElement(_ words: [Substring], of parent: Int) -> Int? {
        guard words.count >= 3, ["0..1", "1..1", "0..*", "1..*"].contains(words[1]) else {
            faults.append("\(drafts[parent].name): \(words.joined(separator: " "))")
            return nil
        }
        let isChoice = words[0].hasSuffix("[x]")
        let name = String(isChoice ? words[0].dropLast(3) : words[0])
        var element = DraftElement(
            name: name, minimum: words[1].hasPrefix("1"), isList: words[1].hasSuffix("*"), isChoice: isChoice,
            types: words[2] == "*" ? openTypes : Self.types(words[2]), codes: nil)
        let rest = words.dropFirst(3)
        element.codes = rest.first { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
        guard rest.last == "{" else {
            drafts[parent].elements.append(element)
            return nil
        }
        let path = "\(drafts[parent].name).\(name)"
        element.types = [path]
        drafts[parent].elements.append(element)
        return start(path, base: String(words[2]), rules: rest.dropLast())
    }

    /// Splits at commas; those in parentheses do not occur, targets being separated by bars.
    private static func types(_ text: Substring) -> [String] { text.split(separator: ",").map { String($0) } }

    private mutating func finished(_ draft: Draft) -> TypeDefinition {
        var elements: [ElementDefinition] = []
        var members: [String: MemberDefinition] = [:]
        // The walk keeps one bit for each element.
        if draft.elements.count > 64 { faults.append("\(draft.name): more than 64 elements") }
        for (place, element) in draft.elements.enumerated() {
            var types: [ElementType] = []
            for text in element.types {
                let type = elementType(text, at: "\(draft.name).\(element.name)")
                let typeName = text.prefix { $0 != "(" }
                let name =
                    element.isChoice
                    ? element.name + typeName.prefix(1).uppercased() + typeName.dropFirst() : element.name
                add(name, place, types.count, isSibling: false, to: &members, draft.name)
                // XHTML has its own markup, and an id is an attribute: nothing may stand beside either.
                if type.isPrimitive, text != "xhtml", element.name != "id" {
                    add("_" + name, place, types.count, isSibling: true, to: &members, draft.name)
                }
                types.append(type)
            }
            if let codes = element.codes, bindings[codes] == nil { faults.append("\(draft.name): no codes \(codes)") }
            elements.append(
                ElementDefinition(
                    name: element.name, isRequired: element.minimum, isList: element.isList,
                    isChoice: element.isChoice, types: types, codes: element.codes.flatMap { bindings[$0] }))
        }
        let invariants = draft.rules.compactMap { rule -> Invariant? in
            let found = Invariant.all[String(rule)]
            if found == nil { faults.append("\(draft.name): no rule \(rule)") }
            return found
        }
        return TypeDefinition(
            name: draft.name, isResource: draft.isResource, elements: elements, members: members,
            invariants: invariants)
    }

    private mutating func add(
        _ name: String, _ element: Int, _ type: Int, isSibling: Bool, to members: inout [String: MemberDefinition],
        _ owner: String
    ) {
        if members[name] != nil { faults.append("\(owner): \(name) twice") }
        members[name] = MemberDefinition(
            element: element, type: type, isSibling: isSibling, length: name.utf8.count)
    }

    private mutating func elementType(_ text: String, at path: String) -> ElementType {
        if let primitive = PrimitiveType(rawValue: text) { return ElementType(form: .primitive(primitive)) }
        if text == "Resource" { return ElementType(form: .resource) }
        let isPath = text.hasPrefix("#")
        let name = isPath ? String(text.dropFirst()) : String(text.prefix { $0 != "(" })
        guard let place = places[name] else {
            faults.append("\(path): no type \(name)")
            return ElementType(form: .complex(0))
        }
        switch name {
        case "Reference":
            let targets = text.dropFirst(name.count + 1).dropLast().split(separator: "|").map { String($0) }
            return ElementType(form: .reference(place, targets: ReferenceTargets(names: targets)))
        case "CodeableConcept": return ElementType(form: .concept(place))
        default: return ElementType(form: .complex(place))
        }
    }
}
