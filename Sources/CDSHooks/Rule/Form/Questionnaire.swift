// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Reads the required items of a FHIR R4 Questionnaire, with the conditions under which they are enabled.
///
/// An item below a question counts only if the question is answered; one below a group counts as if it stood alone,
/// since Ocean's answers come without their groups. A required group needs one answer in it.
enum Questionnaire {
    /// - Parameter name: of the file, for errors.
    static func requiredAnswers(_ bytes: [UInt8], name: String) throws(RuleFileError) -> [RequiredAnswer] {
        let json = try RuleFile.json(bytes, name: name)
        do throws(RecordError) {
            guard json["resourceType"]?.stringValue == "Questionnaire" else {
                throw RecordError(at: .root, message: "is no FHIR Questionnaire")
            }
            var output: [RequiredAnswer] = []
            let place = JSONPointer.root.appending("item")
            try collect(try items(json, at: .root), at: place, under: [], &output)
            return output
        } catch {
            throw RuleFileError(.invalid, place: "\(name)#\(error.pointer)", error.message)
        }
    }

    private static func items(_ parent: JSONValue, at pointer: JSONPointer) throws(RecordError) -> [JSONValue] {
        guard let items = parent["item"] else { return [] }
        guard let array = items.arrayValue else {
            throw RecordError(at: pointer.appending("item"), expected: "an array", found: items)
        }
        return array
    }

    private static func collect(
        _ items: [JSONValue], at pointer: JSONPointer, under conditions: [Condition], _ output: inout [RequiredAnswer]
    ) throws(RecordError) {
        for (place, item) in items.enumerated() {
            let at = pointer.appending(place)
            guard let linkID = item["linkId"]?.stringValue, !linkID.isEmpty else {
                throw RecordError(missing: at.appending("linkId"))
            }
            let type = item["type"]?.stringValue ?? ""
            var own = conditions
            if let enabled = try EnableWhen.condition(item, at: at) { own.append(enabled) }
            let children = try Self.items(item, at: at)
            if item["required"]?.boolValue == true, type != "display" {
                let places = type == "group" ? questions(children) : [RequiredAnswer.Place.linkID(linkID)]
                let text = item["text"]?.stringValue
                output.append(
                    RequiredAnswer(
                        places: places, label: text.map { HTMLText.plain($0) } ?? linkID,
                        when: own.isEmpty ? nil : .all(own)))
            }
            if type != "group" {
                var answered = AnswerTest()
                answered.linkID = linkID
                answered.exists = true
                own.append(.answer(answered))
            }
            try collect(children, at: at.appending("item"), under: own, &output)
        }
    }

    /// LinkIds of the questions below a group.
    private static func questions(_ items: [JSONValue]) -> [RequiredAnswer.Place] {
        items.flatMap { item -> [RequiredAnswer.Place] in
            let type = item["type"]?.stringValue
            let own = type == "group" || type == "display" ? nil : item["linkId"]?.stringValue
            return (own.map { [.linkID($0)] } ?? []) + questions(item["item"]?.arrayValue ?? [])
        }
    }
}

/// Reads `Questionnaire.item.enableWhen`.
enum EnableWhen {
    /// Nil when the item is always enabled.
    static func condition(_ item: JSONValue, at pointer: JSONPointer) throws(RecordError) -> Condition? {
        let elements = item["enableWhen"]?.arrayValue ?? []
        guard !elements.isEmpty else { return nil }
        var conditions: [Condition] = []
        for (place, element) in elements.enumerated() {
            conditions.append(try condition(of: element, at: pointer.appending("enableWhen").appending(place)))
        }
        if conditions.count == 1 { return conditions.first }
        switch item["enableBehavior"]?.stringValue {
        case "all": return .all(conditions)
        case "any": return .any(conditions)
        default:
            throw RecordError(
                at: pointer.appending("enableBehavior"), message: "must be all or any beside several enableWhen")
        }
    }

    private static func condition(of element: JSONValue, at pointer: JSONPointer) throws(RecordError) -> Condition {
        guard let question = element["question"]?.stringValue, !question.isEmpty else {
            throw RecordError(missing: pointer.appending("question"))
        }
        guard let answer = element.objectValue?.members.first(where: { $0.name.hasPrefix("answer") }) else {
            throw RecordError(missing: pointer.appending("answer[x]"))
        }
        var test = AnswerTest()
        test.linkID = question
        let place = pointer.appending(answer.name)
        let word = element["operator"]?.stringValue ?? ""
        switch word {
        case "exists":
            guard let exists = answer.value.boolValue else {
                throw RecordError(at: place, expected: "true or false", found: answer.value)
            }
            test.exists = exists
        case "=", "!=": test.equals = try scalar(answer.value, at: place)
        case ">", "<", ">=", "<=":
            guard let number = try scalar(answer.value, at: place).numberValue else {
                throw RecordError(
                    at: place,
                    message:
                        "only numbers can be compared with \(word); take required from the item and name it in the "
                        + "rule's file instead")
            }
            switch word {
            case ">": test.greaterThan = number
            case "<": test.lessThan = number
            case ">=": test.atLeast = number
            default: test.atMost = number
            }
        default:
            throw RecordError(
                at: pointer.appending("operator"), message: "must be one of exists, =, !=, >, <, >=, <=")
        }
        return word == "!=" ? .not(.answer(test)) : .answer(test)
    }

    /// Of a Coding its code, of a Quantity its value.
    private static func scalar(_ value: JSONValue, at pointer: JSONPointer) throws(RecordError) -> JSONValue {
        switch value {
        case .string, .number, .bool: return value
        case .object(let object):
            if let number = object["value"]?.numberValue { return .number(number) }
            if let code = object["code"]?.stringValue ?? object["display"]?.stringValue { return .string(code) }
            throw RecordError(at: pointer, message: "only codings, quantities and plain values can be compared")
        case .array, .null:
            throw RecordError(at: pointer, expected: "a value", found: value)
        }
    }
}
