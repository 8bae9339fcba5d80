// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension NormalisedReading {
    /// - Parameter label: the text of the concept round it, where that is the coding's own.
    static func coding(_ element: SourceCursor, at place: String, label: SourceCursor? = nil) -> Coding {
        var reading = RecordReading<Coding>(element, at: place)
        reading.record.text = reading.text(label, "text")
        reading.record.system = reading.text("system", "system")
        reading.record.version = reading.text("version", "version")
        reading.record.code = reading.text("code", "code")
        reading.record.display = reading.text("display", "display")
        return reading.finished()
    }

    /// The codings of one concept.
    static func codings(_ concept: SourceCursor?, at place: String) -> [Coding] {
        (concept?.objects("coding") ?? []).enumerated().map { coding($1, at: "\(place)/\($0)") }
    }

    /// The codings of one concept whose text is the first one's.
    static func labelled(_ concept: SourceCursor?, at place: String) -> [Coding] {
        (concept?.objects("coding") ?? []).enumerated().map {
            coding($1, at: "\(place)/\($0)", label: $0 == 0 ? concept?["text"] : nil)
        }
    }

    /// The codings of several concepts, each with its text.
    static func codings(_ concepts: [SourceCursor], at place: String) -> [Coding] {
        var output: [Coding] = []
        for concept in concepts {
            for element in concept.objects("coding") {
                output.append(coding(element, at: "\(place)/\(output.count)", label: concept["text"]))
            }
        }
        return output
    }

    static func identifier(_ element: SourceCursor, at place: String) -> Identifier {
        var reading = RecordReading<Identifier>(element, at: place)
        reading.record.use = reading.text("use", "use")
        let type = element.object("type")
        reading.record.type = codings(type, at: "\(place)/type")
        reading.record.typeText = reading.text(type?["text"], "typeText")
        reading.record.system = reading.text("system", "system")
        reading.record.value = reading.text("value", "value")
        reading.record.versionCode = reading.text(
            element.extensionValue(ExtensionURL.healthCardVersion, "valueString"), "versionCode")
        return reading.finished()
    }

    /// The identifiers of a record, and those that are one of its fields by their names.
    static func identifiers(
        _ elements: [SourceCursor], at place: String
    ) -> (list: [Identifier], marked: [String: SourceCursor]) {
        var list: [Identifier] = []
        var marked: [String: SourceCursor] = [:]
        for element in elements {
            if let field = element.fieldMark {
                marked[field] = element
            } else {
                list.append(identifier(element, at: "\(place)/\(list.count)"))
            }
        }
        return (list, marked)
    }

    /// A field that an identifier says: one of its own, or one of the list.
    static func value<Record: JSONRecord>(
        _ field: String, _ reading: RecordReading<Record>, _ identifiers: [Identifier], _ index: Int?,
        _ marked: [String: SourceCursor]
    ) -> String? {
        if let element = marked[field] {
            element.fold(into: reading.at(field), "identifier that is the field")
            return reading.isNative(field) ? element.peek("value") : nil
        }
        guard reading.isNative(field), let index else { return nil }
        return identifiers[index].value
    }

    static func name(_ element: SourceCursor, at place: String) -> PersonName {
        var reading = RecordReading<PersonName>(element, at: place)
        reading.record.use = reading.text("use", "use")
        reading.record.text = reading.text("text", "text")
        reading.record.family = reading.text("family", "family")
        reading.record.given = reading.texts("given", "given")
        reading.record.prefix = reading.texts("prefix", "prefix")
        reading.record.suffix = reading.texts("suffix", "suffix")
        return reading.finished()
    }

    static func telecom(_ elements: [SourceCursor], at place: String) -> [ContactPoint] {
        elements.enumerated().map { index, element in
            var reading = RecordReading<ContactPoint>(element, at: "\(place)/\(index)")
            reading.record.system = reading.text("system", "system")
            reading.record.value = reading.text("value", "value")
            reading.record.use = reading.text("use", "use")
            return reading.finished()
        }
    }

    static func address(_ element: SourceCursor, at place: String) -> Address {
        var reading = RecordReading<Address>(element, at: place)
        reading.record.use = reading.text("use", "use")
        reading.record.type = reading.text("type", "type")
        reading.record.text = reading.text("text", "text")
        reading.record.line = reading.texts("line", "line")
        reading.record.city = reading.text("city", "city")
        reading.record.province = reading.text("state", "province")
        reading.record.postalCode = reading.text("postalCode", "postalCode")
        reading.record.country = reading.text("country", "country")
        return reading.finished()
    }

    static func addresses(_ elements: [SourceCursor], at place: String) -> [Address] {
        elements.enumerated().map { address($1, at: "\(place)/\($0)") }
    }

    /// What an Attachment holds of a document.
    static func readAttachment(_ element: SourceCursor, into reading: inout RecordReading<Document>) {
        reading.record.contentType = reading.text(element["contentType"], "contentType")
        reading.record.data = reading.text(element["data"], "data")
        reading.record.url = reading.text(element["url"], "url")
        if reading.native(element["size"], "size") != nil {
            reading.record.size = element.integer("size", to: reading.at("size"))
        }
        reading.record.hash = reading.text(element["hash"], "hash")
        reading.record.title = reading.text(element["title"], "title")
        reading.record.created = reading.text(element["creation"], "created")
        for child in element.objects("extension") where child.peek("url") == NormalisedCode.dataAbsentReason {
            child.structural(.filledIn)
        }
    }
}

extension SourceCursor {
    /// The value of the first extension with this address; ticks the address off.
    func extensionValue(_ url: String, _ name: String) -> SourceCursor? {
        for element in objects("extension") where element.peek("url") == url {
            guard let value = element[name] else { continue }
            element["url"]?.structural(.extensionURL)
            return value
        }
        return nil
    }

    /// The field that this element of a list is, where it is marked so.
    var fieldMark: String? {
        objects("extension").first { $0.peek("url") == NormalisedForm.field }?.peek("valueCode")
    }

    /// Ticks the mark off.
    func passFieldMark() {
        for element in objects("extension") where element.peek("url") == NormalisedForm.field {
            element.structural(.filledIn)
        }
    }
}
