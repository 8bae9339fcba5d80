// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// What a file says about a referral: an object with exactly one member, an operator or a subject with its test.
indirect enum Condition: JSONRepresentable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case age(NumberTest)
    case ageMonths(NumberTest)
    case word(WordSubject, WordTest)
    case code(CodeSubject, CodeTest)
    case answer(AnswerTest)

    /// What is one word of the referral.
    enum WordSubject: String, Sendable, CaseIterable {
        case sex, province, priority, offering
    }

    /// What is codings of the referral.
    enum CodeSubject: String, Sendable, CaseIterable {
        case category, code, reason
    }

    /// Conditions may stand so deep in each other.
    private static let deepest = 32

    private static let operators = ["all", "any", "not", "age", "ageMonths", "answer"]
    static var known: [String] {
        operators + WordSubject.allCases.map(\.rawValue) + CodeSubject.allCases.map(\.rawValue)
    }

    init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let object = json.objectValue else {
            throw RecordError(at: pointer, expected: "a condition, which is an object", found: json)
        }
        guard object.count == 1, let member = object.members.first else {
            throw RecordError(
                at: pointer,
                message: "a condition has exactly one member; put several into \"all\" or \"any\"")
        }
        let place = pointer.appending(member.name)
        guard place.tokens.count < Self.deepest * 2 else {
            throw RecordError(
                at: pointer, message: "conditions stand too deep in each other; the most is \(Self.deepest)")
        }
        switch member.name {
        case "all": self = .all(try Self.list(member.value, at: place, unknown: &unknown))
        case "any": self = .any(try Self.list(member.value, at: place, unknown: &unknown))
        case "not": self = .not(try Condition(json: member.value, at: place, unknown: &unknown))
        case "age": self = .age(try Self.test(member.value, at: place, unknown: &unknown))
        case "ageMonths": self = .ageMonths(try Self.test(member.value, at: place, unknown: &unknown))
        case "answer": self = .answer(try Self.test(member.value, at: place, unknown: &unknown))
        default:
            if let subject = WordSubject(rawValue: member.name) {
                self = .word(subject, try Self.test(member.value, at: place, unknown: &unknown))
            } else if let subject = CodeSubject(rawValue: member.name) {
                self = .code(subject, try Self.test(member.value, at: place, unknown: &unknown))
            } else {
                throw RecordError(
                    at: place, message: "is no condition; known: \(Self.known.joined(separator: ", "))")
            }
        }
    }

    private static func list(
        _ json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]
    ) throws(RecordError) -> [Condition] {
        let conditions = try [Condition](json: json, at: pointer, unknown: &unknown)
        guard !conditions.isEmpty else { throw RecordError(at: pointer, message: "must hold at least one condition") }
        return conditions
    }

    private static func test<Test: ConditionTest>(
        _ json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]
    ) throws(RecordError) -> Test {
        var strange: [JSONPointer] = []
        let test = try Test(json: json, at: pointer, unknown: &strange)
        if let first = strange.first {
            throw RecordError(
                at: first, message: "is no operator; known: \(Test.fields.map(\.name).joined(separator: ", "))")
        }
        if let problem = test.problem { throw RecordError(at: pointer, message: problem) }
        return test
    }

    var json: JSONValue {
        switch self {
        case .all(let conditions): ["all": conditions.json]
        case .any(let conditions): ["any": conditions.json]
        case .not(let condition): ["not": condition.json]
        case .age(let test): ["age": test.json]
        case .ageMonths(let test): ["ageMonths": test.json]
        case .word(let subject, let test): .object([subject.rawValue: test.json])
        case .code(let subject, let test): .object([subject.rawValue: test.json])
        case .answer(let test): ["answer": test.json]
        }
    }

    static var schema: JSONObject { ["$ref": .string(Schemas.reference + "Condition")] }

    /// Tests to which the definition refers; the definition itself stands beside theirs.
    static var records: [any JSONRecord.Type] {
        [NumberTest.self, WordTest.self, CodeTest.self, AnswerTest.self]
    }

    /// Definition of the schema that `schema` refers to.
    static var definition: JSONObject {
        var properties = JSONObject()
        let list: JSONValue = ["type": "array", "minItems": 1, "items": .object(schema)]
        properties["all"] = list
        properties["any"] = list
        properties["not"] = .object(schema)
        properties["age"] = .object(NumberTest.schema)
        properties["ageMonths"] = .object(NumberTest.schema)
        properties["answer"] = .object(AnswerTest.schema)
        for subject in WordSubject.allCases { properties[subject.rawValue] = .object(WordTest.schema) }
        for subject in CodeSubject.allCases { properties[subject.rawValue] = .object(CodeTest.schema) }
        return [
            "type": "object", "properties": .object(properties), "additionalProperties": false, "minProperties": 1,
            "maxProperties": 1,
        ]
    }
}
