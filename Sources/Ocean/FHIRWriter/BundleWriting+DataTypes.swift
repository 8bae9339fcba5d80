// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

// Elements that many resources share. `place` is the place of the value in the canonical message.
extension BundleWriting {
    /// Whether a text is one of a required value set.
    static func isCode(in set: Set<String>) -> (String) -> Bool { { set.contains($0) } }

    /// - Parameter isLabelled: whether the text of the concept round it is the coding's own.
    static func coding(_ coding: Coding, at place: WritingPlace, isLabelled: Bool = false) -> ElementBuilder {
        var element = RecordElement(coding, at: place)
        if isLabelled { element.hold("text") }
        element.put("system", coding.system, as: "system", if: Primitive.isURI)
        element.put("version", coding.version, as: "version")
        element.put("code", coding.code, as: "code", if: Primitive.isCode)
        element.put("display", coding.display, as: "display")
        return element.listed()
    }

    /// One concept with all the codings.
    static func concept(_ codings: [Coding], at place: WritingPlace) -> ElementBuilder {
        var element = ElementBuilder()
        element.append("coding", codings.enumerated().map { coding($1, at: place($0)) })
        return element
    }

    /// One concept with all the codings, and the words of the first.
    static func labelled(_ codings: [Coding], at place: WritingPlace) -> ElementBuilder {
        let words = codings.first?.text.flatMap { Primitive.isString($0) ? $0 : nil }
        var element = ElementBuilder()
        element.append(
            "coding",
            codings.enumerated().map { coding($1, at: place($0), isLabelled: $0 == 0 && words != nil) })
        element.put("text", words, from: place(0)("text").pointer)
        return element
    }

    /// One concept for each coding.
    static func concepts(_ codings: [Coding], at place: WritingPlace) -> [ElementBuilder] {
        codings.enumerated().map { index, value in
            let words = value.text.flatMap { Primitive.isString($0) ? $0 : nil }
            var element = ElementBuilder()
            element.append("coding", [coding(value, at: place(index), isLabelled: words != nil)])
            element.put("text", words, from: place(index)("text").pointer)
            return element
        }
    }

    /// A concept of one coding that has no source.
    static func concept(system: String, code: String, display: String? = nil) -> ElementBuilder {
        var coding = ElementBuilder()
        coding.put("system", .string(system))
        coding.put("code", .string(code))
        coding.put("display", display.map { .string($0) })
        var element = ElementBuilder()
        element.append("coding", [coding])
        return element
    }

    static func identifier(_ identifier: Identifier, at place: WritingPlace) -> ElementBuilder {
        var element = RecordElement(identifier, at: place)
        if let version = identifier.versionCode, Primitive.isString(version) {
            element.append(
                "extension", [versionCode(version, at: place("versionCode"))], as: "versionCode")
        }
        element.put("use", identifier.use, as: "use", if: isCode(in: RequiredCodes.identifierUse))
        var type = concept(identifier.type, at: place("type"))
        element.hold("type")
        if let text = identifier.typeText, Primitive.isString(text) {
            type.put("text", text, from: place("typeText").pointer)
            element.hold("typeText")
        }
        element.element.put("type", type)
        element.put("system", identifier.system, as: "system", if: Primitive.isURI)
        element.put("value", identifier.value, as: "value")
        return element.listed()
    }

    static func identifiers(_ identifiers: [Identifier], at place: WritingPlace) -> [ElementBuilder] {
        identifiers.enumerated().map { identifier($1, at: place($0)) }
    }

    static func versionCode(_ code: String, at place: WritingPlace) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("url", .string(ExtensionURL.healthCardVersion))
        element.put("valueString", code, from: place.pointer)
        return element
    }

    /// An identifier of a known system whose value stands in a field of its own, marked as that.
    static func identifier(
        system: String, value: String, type: ElementBuilder = ElementBuilder(), as field: String,
        at place: WritingPlace
    ) -> ElementBuilder? {
        guard Primitive.isString(value) else { return nil }
        var element = ElementBuilder()
        element.markAsField(field)
        element.put("type", type)
        element.put("system", .string(system))
        element.put("value", value, from: place.pointer)
        return element
    }

    static func name(_ name: PersonName, at place: WritingPlace) -> ElementBuilder {
        var element = RecordElement(name, at: place)
        element.put("use", name.use, as: "use", if: isCode(in: RequiredCodes.nameUse))
        element.put("text", name.text, as: "text")
        element.put("family", name.family, as: "family")
        element.put("given", name.given, as: "given")
        element.put("prefix", name.prefix, as: "prefix")
        element.put("suffix", name.suffix, as: "suffix")
        return element.listed()
    }

    static func telecom(_ points: [ContactPoint], at place: WritingPlace) -> [ElementBuilder] {
        points.enumerated().map { index, point in
            var element = RecordElement(point, at: place(index))
            let accepts = isCode(in: RequiredCodes.contactSystem)
            if let value = point.value, Primitive.isString(value) {
                element.require(
                    "system", point.system, as: "system", else: "other", note: "a value needs a system (cpt-2)",
                    if: accepts)
                element.put("value", value, as: "value")
            } else {
                element.put("system", point.system, as: "system", if: accepts)
            }
            element.put("use", point.use, as: "use", if: isCode(in: RequiredCodes.contactUse))
            return element.listed()
        }
    }

    static func address(_ address: Address, at place: WritingPlace) -> ElementBuilder {
        var element = RecordElement(address, at: place)
        element.put("use", address.use, as: "use", if: isCode(in: RequiredCodes.addressUse))
        element.put("type", address.type, as: "type", if: isCode(in: RequiredCodes.addressType))
        element.put("text", address.text, as: "text")
        element.put("line", address.line, as: "line")
        element.put("city", address.city, as: "city")
        element.put("state", address.province, as: "province")
        element.put("postalCode", address.postalCode, as: "postalCode")
        element.put("country", address.country, as: "country")
        return element.listed()
    }

    static func addresses(_ addresses: [Address], at place: WritingPlace) -> [ElementBuilder] {
        addresses.enumerated().map { address($1, at: place($0)) }
    }

    /// What an Attachment holds of a document.
    static func putAttachment(_ document: Document, into element: inout RecordElement<Document>) {
        element.put("contentType", document.contentType, as: "contentType", if: Primitive.isMediaType)
        // R4 asks for the type of inline data (att-1).
        if element.isHeld("contentType") { element.put("data", document.data, as: "data", if: Primitive.isBase64) }
        element.put("url", document.url, as: "url", if: Primitive.isURI)
        if let size = document.size, (0...Int(Int32.max)).contains(size) {
            element.put("size", .number(JSONNumber(size)), as: "size")
        }
        element.put("hash", document.hash, as: "hash", if: Primitive.isBase64)
        element.put("title", document.title, as: "title")
        element.put("creation", document.created, as: "created", if: Primitive.isDateTime)
    }
}
