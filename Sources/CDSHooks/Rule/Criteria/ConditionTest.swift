// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The right side of a condition: operators that must all hold.
protocol ConditionTest: JSONRecord {
    /// What is missing; nil when the test can be used.
    var problem: String? { get }
}

/// Compares a number.
struct NumberTest: ConditionTest {
    var equals: JSONNumber?
    var lessThan: JSONNumber?
    var atMost: JSONNumber?
    var greaterThan: JSONNumber?
    var atLeast: JSONNumber?

    init() {}

    static let fields: [Field<NumberTest>] = [
        .optional("equals", \.equals), .optional("lessThan", \.lessThan), .optional("atMost", \.atMost),
        .optional("greaterThan", \.greaterThan), .optional("atLeast", \.atLeast),
    ]

    var isEmpty: Bool { self == NumberTest() }

    var problem: String? {
        guard isEmpty else { return nil }
        return "needs an operator: \(Self.fields.map(\.name).joined(separator: ", "))"
    }
}

/// Compares a word, of any case.
struct WordTest: ConditionTest {
    var equals: String?
    var oneOf: [String] = []

    init() {}

    static let fields: [Field<WordTest>] = [.optional("equals", \.equals), .list("oneOf", \.oneOf)]

    var words: [String] { [equals].compactMap(\.self) + oneOf }

    var problem: String? {
        (equals == nil) == oneOf.isEmpty ? "needs either equals or oneOf, with at least one word" : nil
    }
}

/// Compares codings by code or display.
struct CodeTest: ConditionTest {
    var equals: String?
    var oneOf: [String] = []
    /// Only codings of this system.
    var system: String?

    init() {}

    static let fields: [Field<CodeTest>] = [
        .optional("equals", \.equals), .list("oneOf", \.oneOf), .optional("system", \.system),
    ]

    var words: [String] { [equals].compactMap(\.self) + oneOf }

    var problem: String? {
        (equals == nil) == oneOf.isEmpty ? "needs either equals or oneOf, with at least one code" : nil
    }
}

/// Compares the answers of one form item; with several answers one that fits is enough.
struct AnswerTest: ConditionTest {
    var linkID: String?
    /// The item by its caption, where linkIds change.
    var text: String?
    /// Whether it is answered.
    var exists: Bool?
    var equals: JSONValue?
    var oneOf: [JSONValue] = []
    /// Part of a text, of any case.
    var contains: String?
    var lessThan: JSONNumber?
    var atMost: JSONNumber?
    var greaterThan: JSONNumber?
    var atLeast: JSONNumber?

    init() {}

    static let fields: [Field<AnswerTest>] = [
        .optional("linkId", \.linkID), .optional("text", \.text), .optional("exists", \.exists),
        .optional("equals", \.equals, "a string, number, true or false"),
        .list("oneOf", \.oneOf, "strings, numbers, true or false"), .optional("contains", \.contains),
        .optional("lessThan", \.lessThan), .optional("atMost", \.atMost), .optional("greaterThan", \.greaterThan),
        .optional("atLeast", \.atLeast),
    ]

    var number: NumberTest {
        var test = NumberTest()
        test.lessThan = lessThan
        test.atMost = atMost
        test.greaterThan = greaterThan
        test.atLeast = atLeast
        return test
    }

    var problem: String? {
        if (linkID ?? "").isEmpty == (text ?? "").isEmpty { return "names the item by either linkId or text" }
        let wanted = [equals].compactMap(\.self) + oneOf
        if wanted.contains(where: { $0.objectValue != nil || $0.arrayValue != nil || $0.isNull }) {
            return "compares with strings, numbers, true and false only"
        }
        if exists == nil, wanted.isEmpty, contains == nil, number.isEmpty {
            return "needs an operator: exists, equals, oneOf, contains, lessThan, atMost, greaterThan, atLeast"
        }
        return nil
    }
}
