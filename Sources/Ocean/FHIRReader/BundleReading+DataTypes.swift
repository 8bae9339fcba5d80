// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

// Elements that many resources share. `at` is the place of the value in the canonical message.
extension BundleReading {
    /// Reads each element, leaving out those of which nothing could be read.
    func list<Value: Hashable>(
        _ elements: [SourceCursor], at place: String, empty: Value, _ read: (SourceCursor, String) -> Value
    ) -> [Value] {
        var output: [Value] = []
        for element in elements {
            let value = read(element, "\(place)/\(output.count)")
            if value != empty { output.append(value) }
        }
        return output
    }

    /// Appends what is not yet in the list; a repetition counts as standing where the first one stands.
    func append<Value: Hashable>(
        _ elements: [SourceCursor], to list: inout [Value], at place: String, empty: Value,
        _ read: (SourceCursor, String) -> Value
    ) {
        for element in elements {
            let looked = tree.quietly { read(element, "") }
            guard looked != empty else {
                _ = read(element, place)
                continue
            }
            let index = list.count <= 64 ? list.firstIndex(of: looked) ?? list.count : list.count
            let value = read(element, "\(place)/\(index)")
            if index == list.count { list.append(value) }
        }
    }

    func coding(_ element: SourceCursor, at place: String) -> Coding {
        var coding = Coding()
        coding.system = element.text("system", to: "\(place)/system")
        coding.version = element.text("version", to: "\(place)/version")
        coding.code = element.text("code", to: "\(place)/code")
        coding.display = element.text("display", to: "\(place)/display")
        return coding
    }

    /// Ticks off what says that a value is not there.
    func passAbsence(_ element: SourceCursor?) {
        for child in element?.objects("extension") ?? [] where child.peek("url") == NormalisedCode.dataAbsentReason {
            child.structural(.empty)
        }
    }

    /// The codings of one CodeableConcept.
    func codings(_ concept: SourceCursor?, at place: String) -> [Coding] {
        list(concept?.objects("coding") ?? [], at: place, empty: Coding()) { coding($0, at: $1) }
    }

    /// The codings of several concepts in one list. A concept's text goes with its first coding.
    ///
    /// - Parameter withWords: whether enumerators and bare codes get words for people.
    func codings(_ concepts: [SourceCursor], at place: String, withWords: Bool = false) -> [Coding] {
        var output: [Coding] = []
        for concept in concepts {
            let before = output.count
            for element in concept.objects("coding") {
                let value = coding(element, at: "\(place)/\(output.count)")
                if value != Coding() { output.append(value) }
            }
            if let text = concept.text("text", to: "\(place)/\(before)/text") {
                if output.count == before { output.append(Coding()) }
                output[before].text = text
            }
            guard withWords else { continue }
            for index in output[before...].indices where output[index].text == nil {
                let words = CodeText.words(for: output[index])
                if words != output[index].display { output[index].text = words }
            }
        }
        return output
    }

    func identifier(_ element: SourceCursor, at place: String) -> Identifier {
        var identifier = Identifier()
        identifier.use = element.text("use", to: "\(place)/use")
        if let type = element.object("type") {
            identifier.type = codings(type, at: "\(place)/type")
            identifier.typeText = type.text("text", to: "\(place)/typeText")
        }
        identifier.system = element.text("system", to: "\(place)/system")
        identifier.value = element.text("value", to: "\(place)/value")
        for child in element.objects("extension") where child.peek("url") == ExtensionURL.healthCardVersion {
            guard identifier.versionCode == nil else { break }
            identifier.versionCode = child.text("valueString", to: "\(place)/versionCode")
            if identifier.versionCode != nil { child["url"]?.structural(.extensionURL) }
        }
        return identifier
    }

    func name(_ element: SourceCursor, at place: String) -> PersonName {
        var name = PersonName()
        name.use = element.text("use", to: "\(place)/use")
        name.text = element.text("text", to: "\(place)/text")
        name.family = element.text("family", to: "\(place)/family")
        name.given = texts(element.elements("given"), at: "\(place)/given")
        name.prefix = texts(element.elements("prefix"), at: "\(place)/prefix")
        name.suffix = texts(element.elements("suffix"), at: "\(place)/suffix")
        return name
    }

    func texts(_ elements: [SourceCursor], at place: String) -> [String] {
        var output: [String] = []
        for element in elements {
            if let text = element.text(to: "\(place)/\(output.count)") { output.append(text) }
        }
        return output
    }

    func telecom(_ element: SourceCursor, at place: String) -> ContactPoint {
        ContactPoint(
            system: element.text("system", to: "\(place)/system"), value: element.text("value", to: "\(place)/value"),
            use: element.text("use", to: "\(place)/use"))
    }

    /// An address; empty, and its shell ticked off, when it says nothing but use and type.
    func address(_ element: SourceCursor, at place: String) -> Address {
        guard !tree.quietly({ addressContent(element, at: "") }).isEmpty else {
            element["use"]?.structural(.addressShell)
            element["type"]?.structural(.addressShell)
            _ = addressContent(element, at: place)
            return Address()
        }
        var address = addressContent(element, at: place)
        address.use = element.text("use", to: "\(place)/use")
        address.type = element.text("type", to: "\(place)/type")
        return address
    }

    private func addressContent(_ element: SourceCursor, at place: String) -> Address {
        var address = Address()
        address.text = element.text("text", to: "\(place)/text")
        address.line = texts(element.elements("line"), at: "\(place)/line")
        address.city = element.text("city", to: "\(place)/city")
        address.province = element.text("state", to: "\(place)/province")
        address.postalCode = element.text("postalCode", to: "\(place)/postalCode")
        address.country = element.text("country", to: "\(place)/country")
        return address
    }
}
