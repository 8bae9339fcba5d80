// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

// Elements that many resources share. `place` is the pointer of the value in the canonical message.
extension BundleWriting {
    /// A text that has to be one of a required value set.
    static func code(_ text: String?, in set: Set<String>) -> String? {
        text.flatMap { set.contains($0) ? $0 : nil }
    }

    static func uri(_ text: String?) -> String? { text.flatMap { Primitive.isURI($0) ? $0 : nil } }
    static func dateTime(_ text: String?) -> String? { text.flatMap { Primitive.isDateTime($0) ? $0 : nil } }
    static func instant(_ text: String?) -> String? { text.flatMap { Primitive.isInstant($0) ? $0 : nil } }

    func coding(_ coding: Coding, at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("system", Self.uri(coding.system), from: "\(place)/system")
        element.put("version", coding.version, from: "\(place)/version")
        element.put("code", coding.code.flatMap { Primitive.isCode($0) ? $0 : nil }, from: "\(place)/code")
        element.put("display", coding.display, from: "\(place)/display")
        return element
    }

    /// One concept with all the codings.
    func concept(_ codings: [Coding], at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        element.append("coding", codings.enumerated().map { coding($1, at: "\(place)/\($0)") })
        return element
    }

    /// One concept for each coding.
    func concepts(_ codings: [Coding], at place: String) -> [ElementBuilder] {
        codings.enumerated().map { index, value in
            var element = ElementBuilder()
            element.append("coding", [coding(value, at: "\(place)/\(index)")])
            return element
        }
    }

    func identifier(_ identifier: Identifier, at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        if let version = identifier.versionCode {
            element.append("extension", [Self.versionCode(version, from: "\(place)/versionCode")])
        }
        element.put("use", Self.code(identifier.use, in: RequiredCodes.identifierUse), from: "\(place)/use")
        var type = concept(identifier.type, at: "\(place)/type")
        type.put("text", identifier.typeText, from: "\(place)/typeText")
        element.put("type", type)
        element.put("system", Self.uri(identifier.system), from: "\(place)/system")
        element.put("value", identifier.value, from: "\(place)/value")
        return element
    }

    static func versionCode(_ code: String, from source: String) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("url", .string(ExtensionURL.healthCardVersion))
        element.put("valueString", code, from: source)
        return element
    }

    func identifiers(_ identifiers: [Identifier], at place: String) -> [ElementBuilder] {
        identifiers.enumerated().map { identifier($1, at: "\(place)/\($0)") }
    }

    /// An identifier of a known system with a value that stands elsewhere in the canonical form.
    func identifier(system: String, value: String, type: Coding? = nil, from source: String) -> ElementBuilder {
        var element = ElementBuilder()
        if let type { element.put("type", concept([type], at: "")) }
        element.put("system", .string(system))
        element.put("value", value, from: source)
        return element
    }

    func name(_ name: PersonName, at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("use", Self.code(name.use, in: RequiredCodes.nameUse), from: "\(place)/use")
        element.put("text", name.text, from: "\(place)/text")
        element.put("family", name.family, from: "\(place)/family")
        element.put("given", name.given, from: "\(place)/given")
        element.put("prefix", name.prefix, from: "\(place)/prefix")
        element.put("suffix", name.suffix, from: "\(place)/suffix")
        return element
    }

    /// R4 asks for a system where there is a value (cpt-2).
    func telecom(_ points: [ContactPoint], at place: String) -> [ElementBuilder] {
        points.enumerated().map { index, point in
            var element = ElementBuilder()
            let system = Self.code(point.system, in: RequiredCodes.contactSystem)
            element.put("system", system, from: "\(place)/\(index)/system")
            if system == nil, point.value != nil { element.put("system", "other") }
            element.put("value", point.value, from: "\(place)/\(index)/value")
            element.put("use", Self.code(point.use, in: RequiredCodes.contactUse), from: "\(place)/\(index)/use")
            return element
        }
    }

    func address(_ address: Address, at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("use", Self.code(address.use, in: RequiredCodes.addressUse), from: "\(place)/use")
        element.put("type", Self.code(address.type, in: RequiredCodes.addressType), from: "\(place)/type")
        element.put("text", address.text, from: "\(place)/text")
        element.put("line", address.line, from: "\(place)/line")
        element.put("city", address.city, from: "\(place)/city")
        element.put("state", address.province, from: "\(place)/province")
        element.put("postalCode", address.postalCode, from: "\(place)/postalCode")
        element.put("country", address.country, from: "\(place)/country")
        return element
    }

    func attachment(_ document: Document, at place: String) -> ElementBuilder {
        var element = ElementBuilder()
        element.put(
            "contentType", document.contentType.flatMap { Primitive.isCode($0) ? $0 : nil },
            from: "\(place)/contentType")
        element.put("data", document.data.flatMap { Primitive.isBase64($0) ? $0 : nil }, from: "\(place)/data")
        element.put("url", Self.uri(document.url), from: "\(place)/url")
        if let size = document.size, (0...Int(Int32.max)).contains(size) {
            element.put("size", .number(JSONNumber(size)), from: "\(place)/size")
        }
        element.put("hash", document.hash.flatMap { Primitive.isBase64($0) ? $0 : nil }, from: "\(place)/hash")
        element.put("title", document.title, from: "\(place)/title")
        element.put("creation", Self.dateTime(document.created), from: "\(place)/created")
        return element
    }

    func extensionElement(_ url: String, _ name: String, _ value: JSONValue, from source: String) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("url", .string(url))
        element.put(name, value, from: source)
        return element
    }
}
