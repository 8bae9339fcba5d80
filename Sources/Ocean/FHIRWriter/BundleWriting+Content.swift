// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleWriting {
    mutating func document(_ document: Document, role: String, patient: Handle, at place: WritingPlace) -> Handle {
        let handle = handle(role)
        var resource = RecordElement(
            document, at: place, in: ElementBuilder(resourceType: "DocumentReference", id: handle.id))
        if document.kind != .letter { resource.hold("kind") }
        if let ref = document.ref, Primitive.isString(ref) {
            let system: NamingSystem = document.kind == .letter ? .referral : .attachment
            var element = ElementBuilder()
            element.put("system", .string(system.url(host: Self.host)), from: place("kind").pointer)
            element.put("value", ref, from: place("ref").pointer)
            resource.append("identifier", [element], as: "ref")
            if document.kind == .letter { resource.hold("kind") }
        }
        resource.require(
            "status", document.status, as: "status", else: "current",
            if: Self.isCode(in: RequiredCodes.documentStatus))
        if document.kind == .note || document.kind == .booking {
            var type = ElementBuilder()
            let text = document.kind == .note ? NormalisedCode.noteType : NormalisedCode.bookingType
            type.put("text", .string(text), from: place("kind").pointer)
            resource.element.put("type", type)
        }
        resource.element.put("subject", patient.reference)
        resource.put("date", document.date, as: "date", if: Primitive.isInstant)
        let attachment = Self.attachment(of: &resource)
        var content = ElementBuilder()
        if attachment.isEmpty {
            content.put("attachment", Self.dataAbsent)
        } else {
            content.put("attachment", attachment)
        }
        resource.element.append("content", [content])
        if document.kind == .attachment, document.ref == nil {
            resource.element.note("content", from: place("kind").pointer)
        }
        add(handle, resource.finished())
        return handle
    }

    /// The Attachment of a document whose other fields stand in the resource.
    private static func attachment(of resource: inout RecordElement<Document>) -> ElementBuilder {
        var attachment = RecordElement(resource.record, at: resource.place)
        putAttachment(resource.record, into: &attachment)
        for field in ["contentType", "data", "url", "size", "hash", "title", "created"]
        where attachment.isHeld(field) {
            resource.hold(field)
        }
        return attachment.element
    }

    mutating func form(
        _ form: Form, role: String, patient: Handle, request: JSONValue?, at place: WritingPlace
    ) -> Handle {
        let handle = handle(role)
        var resource = RecordElement(
            form, at: place, in: ElementBuilder(resourceType: "QuestionnaireResponse", id: handle.id))
        if let ref = form.ref, Primitive.isString(ref) {
            var identifier = ElementBuilder()
            identifier.put("system", .string(NamingSystem.form.url(host: Self.host)))
            identifier.put("value", ref, from: place("ref").pointer)
            resource.put("identifier", identifier, as: "ref")
        }
        if let request { resource.element.put("basedOn", .array([request])) }
        resource.require(
            "status", form.status, as: "status", else: "completed", if: Self.isCode(in: RequiredCodes.responseStatus))
        resource.element.put("subject", patient.reference)
        resource.put("authored", form.authored, as: "authored", if: Primitive.isDateTime)
        resource.append("item", Self.items(form.items, at: place("items")), as: "items")
        add(handle, resource.finished())
        return handle
    }

    private static func items(_ items: [FormItem], at place: WritingPlace) -> [ElementBuilder] {
        items.enumerated().map { index, item in
            var element = RecordElement(item, at: place(index))
            if item.hidden {
                element.append(
                    "extension",
                    [
                        extensionElement(
                            "\(host)/svc/fhir/v1\(ExtensionURL.itemVisibilitySuffix)", "valueString", "hidden",
                            at: element.place("hidden"))
                    ], as: "hidden")
            }
            if item.linkID.isEmpty {
                // Required; a form item without it is told by its place.
                element.element.fill("linkId", .string("item-\(index + 1)"), note: place.note("required"))
                element.miss("linkId")
                element.hold("linkId")
                element.element.note("linkId", from: element.place("linkId").pointer)
            } else {
                element.require("linkId", item.linkID, as: "linkId", else: "item-\(index + 1)", if: Primitive.isString)
            }
            element.put("text", item.text, as: "text")
            var answers = answers(of: &element)
            let nested = self.items(item.items, at: element.place("items"))
            if answers.isEmpty {
                element.append("item", nested, as: "items")
            } else {
                // Below the answer, where the item has one (qrs-1).
                answers[0].append("item", nested)
                element.hold("items")
            }
            element.element.append("answer", answers)
            return element.finished()
        }
    }

    private static func answers(of element: inout RecordElement<FormItem>) -> [ElementBuilder] {
        let values = element.record.answers
        let forms = values.map { AnswerForm.name(for: $0) }
        let isWhole = forms.allSatisfy { $0 != nil }
        if isWhole { element.hold("answers") }
        let place = isWhole ? element.place("answers") : WritingPlace(pointer: nil)
        return zip(values, forms).enumerated().compactMap { index, pair in
            guard let name = pair.1 else { return nil }
            var answer = ElementBuilder()
            answer.put(name, pair.0, from: place(index).pointer)
            return answer
        }
    }
}

/// The `value[x]` that a bare answer is: by its kind, and for objects by their members. Nil for what R4 has no form for.
enum AnswerForm {
    static func name(for value: JSONValue) -> String? {
        switch value {
        case .string(let text): Primitive.isString(text) ? "valueString" : nil
        case .bool: "valueBoolean"
        case .number(let number): number.isFHIRInteger ? "valueInteger" : "valueDecimal"
        case .object(let object):
            if isMade(of: coding, object) {
                "valueCoding"
            } else if isMade(of: quantity, object), object["code"] == nil || object["system"] != nil {
                "valueQuantity"
            } else if isMade(of: attachment, object), object["data"] == nil || object["contentType"] != nil {
                "valueAttachment"
            } else if isMade(of: reference, object) {
                "valueReference"
            } else {
                nil
            }
        case .array, .null: nil
        }
    }

    private typealias Members = [String: @Sendable (JSONValue) -> Bool]

    private static func text(_ accepts: @escaping @Sendable (String) -> Bool) -> @Sendable (JSONValue) -> Bool {
        { $0.stringValue.map { accepts($0) } ?? false }
    }

    private static let coding: Members = [
        "system": text { Primitive.isURI($0) }, "version": text { Primitive.isString($0) },
        "code": text { Primitive.isCode($0) }, "display": text { Primitive.isString($0) },
        "userSelected": { $0.boolValue != nil },
    ]
    private static let quantity: Members = [
        "value": { $0.numberValue != nil }, "unit": text { Primitive.isString($0) },
        "system": text { Primitive.isURI($0) }, "code": text { Primitive.isCode($0) },
    ]
    private static let attachment: Members = [
        "contentType": text { Primitive.isMediaType($0) }, "url": text { Primitive.isURI($0) },
        "title": text { Primitive.isString($0) }, "data": text { Primitive.isBase64($0) },
    ]
    /// Never one into the bundle, whose resources have other addresses now.
    private static let reference: Members = [
        "reference": text { $0.hasPrefix("https://") && Primitive.isURI($0) },
        "display": text { Primitive.isString($0) },
    ]

    private static func isMade(of members: Members, _ object: JSONObject) -> Bool {
        !object.isEmpty && object.members.allSatisfy { members[$0.name]?($0.value) ?? false }
    }
}
