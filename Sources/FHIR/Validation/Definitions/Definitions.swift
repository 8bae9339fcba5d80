// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The definitions of R4 in the form that a walk over a resource needs: every name is found in one step.
final class Definitions: Sendable {
    /// Read from the tables at first use.
    static let r4 = DefinitionReader.read(
        elements: DefinitionTables.elements, codes: DefinitionTables.codes,
        resourceNames: DefinitionTables.resourceNames, openTypes: DefinitionTables.openTypes)

    /// All types, those of nested elements under their paths, such as `Task.restriction`.
    let types: [TypeDefinition]
    /// Place in `types` of each name or path.
    let places: [String: Int]
    /// Place of every resource type of R4 in an arbitrary but fixed order.
    let resourceNumbers: [String: Int]
    /// Its inverse.
    let resourceNames: [String]
    /// What is wrong with the tables: a test asserts that there is nothing.
    let faults: [String]

    /// `Element`: the form of `_name` beside a primitive.
    let element: Int
    /// `BackboneElement`: what is known of an element whose own elements are not listed.
    let backboneElement: Int
    /// `DomainResource`: what is known of a resource whose elements are not listed.
    let domainResource: Int

    init(types: [TypeDefinition], places: [String: Int], resourceNames: [String], faults: [String]) {
        self.types = types
        self.places = places
        self.resourceNames = resourceNames
        resourceNumbers = Dictionary(
            resourceNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.faults = faults
        element = places["Element"] ?? 0
        backboneElement = places["BackboneElement"] ?? 0
        domainResource = places["DomainResource"] ?? 0
    }

    /// The number of a resource type of R4; nil for any other name.
    func resourceNumber(_ name: String) -> Int? {
        name.isASCII ? resourceNumbers[name] : nil
    }
}

/// A data type, a resource type, or the type of a nested element.
final class TypeDefinition: Sendable {
    /// Name or path.
    let name: String
    let isResource: Bool
    let elements: [ElementDefinition]
    /// By JSON name: choices with each of their types, primitives with their `_` siblings.
    let members: [String: MemberDefinition]
    let invariants: [Invariant]
    /// One bit for each element that must be there.
    let required: UInt64
    let hasChoices: Bool

    init(
        name: String, isResource: Bool, elements: [ElementDefinition], members: [String: MemberDefinition],
        invariants: [Invariant]
    ) {
        self.name = name
        self.isResource = isResource
        self.elements = elements
        self.members = members
        self.invariants = invariants
        hasChoices = elements.contains { $0.isChoice }
        required = elements.prefix(64).enumerated().reduce(0) {
            $1.element.isRequired ? $0 | 1 << UInt64($1.offset) : $0
        }
    }

    /// Names that only look like ASCII are not found: Swift compares strings by Unicode's equivalence.
    func member(_ name: String) -> MemberDefinition? {
        guard let found = members[name], found.length == name.utf8.count else { return nil }
        return found
    }
}

struct ElementDefinition: Sendable {
    /// Without `[x]`.
    let name: String
    let isRequired: Bool
    let isList: Bool
    let isChoice: Bool
    let types: [ElementType]
    /// The required binding.
    let codes: CodeBinding?
}

struct ElementType: Sendable {
    enum Form: Sendable {
        case primitive(PrimitiveType)
        /// Place in `Definitions.types`.
        case complex(Int)
        case reference(Int, targets: ReferenceTargets)
        case concept(Int)
        case resource
    }

    let form: Form

    var isPrimitive: Bool {
        if case .primitive = form { true } else { false }
    }
}

/// One JSON name of a type's element.
struct MemberDefinition: Sendable {
    let element: Int
    /// Place in the element's types.
    let type: Int
    /// Whether this is `_name`.
    let isSibling: Bool
    /// Of the name, in bytes.
    let length: Int
}

/// The resource types that a Reference may point to.
struct ReferenceTargets: Sendable {
    /// Empty: any.
    let names: [String]

    func allow(_ name: String) -> Bool { names.isEmpty || names.contains(name) }
}

/// A value set with a required binding.
final class CodeBinding: Sendable {
    enum Form: Sendable {
        case list(Set<String>, system: String?)
        /// `type/subtype` (BCP 13).
        case mediaTypes
        /// Three capital letters (ISO 4217): the list itself is not kept here.
        case currencies
    }

    let name: String
    let form: Form

    init(name: String, form: Form) {
        self.name = name
        self.form = form
    }

    func contains(_ code: String) -> Bool {
        guard code.isASCII else { return false }
        switch form {
        case .list(let codes, _): return codes.contains(code)
        case .mediaTypes:
            let parts = code.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.contains(" ") }
        case .currencies: return code.utf8.count == 3 && code.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        }
    }

    /// Of a CodeableConcept bound to this.
    var system: String? {
        if case .list(_, let system) = form { system } else { nil }
    }
}

extension String {
    var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
