// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Builds a FHIR element member by member and remembers which source value went where.
///
/// FHIR R4 allows no empty object, array or string: such members are left out.
package struct ElementBuilder: Sendable {
    /// A source place and the place of its value in this element.
    package struct Step: Sendable, Hashable {
        /// Empty for a value that has no source and had to be filled in.
        package let source: String
        package let target: String
        /// Why a value was filled in.
        package var note: String?
    }

    /// What is built so far.
    package private(set) var object = JSONObject()
    /// In the order of writing; targets are pointers from this element.
    package private(set) var trail: [Step] = []

    package init() {}

    package init(resourceType: String, id: String? = nil) {
        object["resourceType"] = .string(resourceType)
        if let id { object["id"] = .string(id) }
    }

    /// The element.
    package var json: JSONValue { .object(object) }
    package var isEmpty: Bool { object.isEmpty }

    /// A value that has no source: a constant, or a reference made here.
    package mutating func put(_ name: String, _ value: JSONValue?) {
        guard let value, !value.isEmptyElement else { return }
        object[name] = value
    }

    /// A text, with the place it comes from.
    package mutating func put(_ name: String, _ text: String?, from source: String?) {
        put(name, text.map { .string($0) }, from: source)
    }

    /// Any value, with the place it comes from; nil where nobody asks for the trail.
    package mutating func put(_ name: String, _ value: JSONValue?, from source: String?) {
        guard let value, !value.isEmptyElement else { return }
        object[name] = value
        if let source { trail.append(Step(source: source, target: "/\(name)")) }
    }

    /// A value that FHIR asks for and no source gives, and why; the note is nil where nobody asks for the trail.
    package mutating func fill(_ name: String, _ value: JSONValue, note: String?) {
        guard !value.isEmptyElement else { return }
        object[name] = value
        if let note { trail.append(Step(source: "", target: "/\(name)", note: note)) }
    }

    /// A child element; nothing happens when it is empty.
    package mutating func put(_ name: String, _ child: ElementBuilder) {
        guard !child.isEmpty else { return }
        object[name] = child.json
        adopt(child.trail, under: "/\(name)")
    }

    /// Child elements as a list, the empty ones left out; appended to what is already there.
    package mutating func append(_ name: String, _ children: [ElementBuilder]) {
        var list = object[name]?.arrayValue ?? []
        for child in children where !child.isEmpty {
            adopt(child.trail, under: "/\(name)/\(list.count)")
            list.append(child.json)
        }
        if !list.isEmpty { object[name] = .array(list) }
    }

    /// Texts as a list, each from `source/index`.
    package mutating func put(_ name: String, _ texts: [String], from source: String?) {
        var list: [JSONValue] = []
        for (index, text) in texts.enumerated() where !text.isEmpty {
            if let source {
                trail.append(Step(source: "\(source)/\(index)", target: "/\(name)/\(list.count)"))
            }
            list.append(.string(text))
        }
        if !list.isEmpty { object[name] = .array(list) }
    }

    /// Notes that the value of `source` stands in the member `name`, besides what was recorded.
    package mutating func note(_ name: String, from source: String?) {
        if let source { trail.append(Step(source: source, target: "/\(name)")) }
    }

    private mutating func adopt(_ steps: [Step], under prefix: @autoclosure () -> String) {
        guard !steps.isEmpty else { return }
        let prefix = prefix()
        for step in steps {
            trail.append(Step(source: step.source, target: prefix + step.target, note: step.note))
        }
    }
}

extension JSONValue {
    /// What FHIR forbids as an element's value.
    package var isEmptyElement: Bool {
        switch self {
        case .object(let object): object.isEmpty
        case .array(let list): list.isEmpty
        case .string(let text): text.isEmpty
        case .null: true
        case .number, .bool: false
        }
    }
}
