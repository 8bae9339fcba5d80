// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// One record of the canonical model while it becomes a FHIR element. What no member of the element was given for goes
/// into extensions, field by field, so that nothing is lost and a new field needs no change here.
struct RecordElement<Record: JSONRecord> {
    let record: Record
    let place: WritingPlace
    var element: ElementBuilder
    /// Fields that stand in FHIR's own elements, here or in another resource.
    private var held: Set<String> = []
    private var absent: [String] = []

    init(_ record: Record, at place: WritingPlace, in element: ElementBuilder = ElementBuilder()) {
        self.record = record
        self.place = place
        self.element = element
    }

    /// Says that these fields can be read from FHIR's own elements.
    mutating func hold(_ fields: String...) { held.formUnion(fields) }

    /// Says that the element holds a value which the record has not.
    mutating func miss(_ field: String) { absent.append(field) }

    func isHeld(_ field: String) -> Bool { held.contains(field) }

    /// A text where FHIR accepts it.
    @discardableResult
    mutating func put(
        _ name: String, _ text: String?, as field: String, if accepts: (String) -> Bool = { Primitive.isString($0) }
    ) -> Bool {
        guard let text, accepts(text) else { return false }
        element.put(name, .string(text), from: place(field).pointer)
        held.insert(field)
        return true
    }

    mutating func put(_ name: String, _ value: JSONValue?, as field: String) {
        guard let value else { return }
        element.put(name, value, from: place(field).pointer)
        held.insert(field)
    }

    /// Texts; those that FHIR does not accept make an extension of all.
    mutating func put(_ name: String, _ texts: [String], as field: String) {
        let accepted = texts.filter { Primitive.isString($0) }
        guard accepted.count == texts.count else { return element.put(name, accepted, from: nil) }
        element.put(name, texts, from: place(field).pointer)
        held.insert(field)
    }

    /// A child element that holds the whole field.
    mutating func put(_ name: String, _ child: ElementBuilder, as field: String) {
        element.put(name, child)
        held.insert(field)
    }

    /// Child elements that hold the whole field.
    mutating func append(_ name: String, _ children: [ElementBuilder], as field: String) {
        element.append(name, children)
        held.insert(field)
    }

    /// A text where FHIR accepts it, else what FHIR asks for in its place.
    mutating func require(
        _ name: String, _ text: String?, as field: String, else filler: String, note: String = "required",
        if accepts: (String) -> Bool
    ) {
        guard !put(name, text, as: field, if: accepts) else { return }
        element.fill(name, .string(filler), note: place.note(note))
        if text == nil { miss(field) }
    }

    /// The element, with the rest of the record in extensions.
    func finished() -> ElementBuilder {
        var output = element
        carryRest(into: &output)
        return output
    }

    /// Puts the fields that are held nowhere into extensions of `element`.
    func carryRest(into element: inout ElementBuilder) {
        element.carry(record, held: held, absent: absent, at: place)
    }

    /// The element of a list, which must not be empty.
    func listed() -> ElementBuilder {
        var output = finished()
        if output.isEmpty {
            output.append("extension", [.mark(NormalisedForm.empty, "valueBoolean", true)])
        }
        return output
    }
}

extension ElementBuilder {
    /// Puts every field but `held` into an extension, and names the fields that are not there.
    mutating func carry<Record: JSONRecord>(
        _ record: Record, held: Set<String>, absent: [String] = [], at place: WritingPlace
    ) {
        var extensions: [ElementBuilder] = []
        for field in Record.fields where !held.contains(field.name) {
            guard let value = field.value(in: record) else { continue }
            extensions.append(
                CarriedValue.element(
                    NormalisedForm.url(of: field.name, in: Record.self), value, at: place(field.name)))
        }
        extensions += absent.map {
            .mark(NormalisedForm.absent, "valueCode", .string("\(Record.definitionName)-\($0)"))
        }
        append("extension", extensions)
    }

    /// An extension with a constant.
    static func mark(_ url: String, _ name: String, _ value: JSONValue) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("url", .string(url))
        element.put(name, value)
        return element
    }

    /// Says that this element of a list repeats the field of that name.
    mutating func markAsField(_ field: String) {
        append("extension", [.mark(NormalisedForm.field, "valueCode", .string(field))])
    }
}
