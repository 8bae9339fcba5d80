// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// One record of the canonical model while it is read back from its FHIR element: the other half of `RecordElement`.
struct RecordReading<Record: JSONRecord> {
    let cursor: SourceCursor
    /// Pointer of the record in the canonical message.
    let place: String
    var record = Record()
    private var carried: [(field: Field<Record>, cursor: SourceCursor)] = []
    private var absent: Set<String> = []

    init(_ cursor: SourceCursor, at place: String) {
        self.cursor = cursor
        self.place = place
        let prefix = NormalisedForm.prefix(of: Record.self)
        for element in cursor.objects("extension") {
            guard let url = element.peek("url"), url.hasPrefix(NormalisedForm.root) else { continue }
            if url.hasPrefix(prefix) {
                let name = url.dropFirst(prefix.count)
                if let field = Record.fields.first(where: { $0.name == name }) {
                    carried.append((field, element))
                }
            } else if url == NormalisedForm.absent, let name = element.peek("valueCode"),
                name.hasPrefix("\(Record.definitionName)-")
            {
                absent.insert(String(name.dropFirst(Record.definitionName.count + 1)))
                element.structural(.filledIn)
            } else if url == NormalisedForm.empty {
                element.structural(.filledIn)
            }
        }
    }

    /// Whether the field is said by FHIR's own element, not by an extension.
    func isNative(_ field: String) -> Bool {
        !absent.contains(field) && !carried.contains { $0.field.name == field }
    }

    func isAbsent(_ field: String) -> Bool { absent.contains(field) }

    func at(_ field: String) -> String { "\(place)/\(field)" }

    /// A text of this element.
    func text(_ name: String, _ field: String) -> String? { text(cursor[name], field) }

    func text(_ child: SourceCursor?, _ field: String) -> String? {
        guard let child = native(child, field) else { return nil }
        return child.text(to: at(field))
    }

    func flag(_ name: String, _ field: String) -> Bool? {
        native(cursor[name], field) == nil ? nil : cursor.flag(name, to: at(field))
    }

    func integer(_ name: String, _ field: String) -> Int? {
        native(cursor[name], field) == nil ? nil : cursor.integer(name, to: at(field))
    }

    /// Texts of a list.
    func texts(_ name: String, _ field: String) -> [String] {
        guard native(cursor[name], field) != nil else { return [] }
        var output: [String] = []
        for element in cursor.elements(name) {
            if let text = element.text(to: "\(at(field))/\(output.count)") { output.append(text) }
        }
        return output
    }

    /// The child when it says the field; ticks it off when it only stands in for what an extension says.
    func native(_ child: SourceCursor?, _ field: String) -> SourceCursor? {
        guard let child else { return nil }
        guard isNative(field) else {
            if carried.contains(where: { $0.field.name == field }) {
                child.fold(into: at(field), "the nearest that FHIR has")
            } else {
                child.structural(.filledIn)
            }
            return nil
        }
        return child
    }

    /// The record with what the extensions say.
    func finished() -> Record {
        var output = record
        for (field, element) in carried {
            guard let value = CarriedValue.read(element, to: at(field.name)) else {
                element.refuse("not of the form in which the bridge writes it")
                continue
            }
            var unknown: [JSONPointer] = []
            do throws(RecordError) {
                try field.set(value, at: .root, in: &output, unknown: &unknown)
            } catch {
                element.refuse("not of the field's form: \(error.message)")
            }
        }
        return output
    }
}
