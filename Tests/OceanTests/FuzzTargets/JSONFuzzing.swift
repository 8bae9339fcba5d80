// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON

enum JSONFuzzing {
    static func flaws(in input: [UInt8]) -> [String] {
        var flaws: [String] = []
        let value = Result { () throws(JSONError) in try JSONValue(parsing: input) }
        let document = Result { () throws(JSONError) in try JSONDocument(parsing: input) }
        switch (value, document) {
        case (.success(let value), .success(let document)):
            if document.root.value != value { flaws.append("value and document differ") }
            for style in [JSONStyle.compact, .pretty, .canonical] {
                let written = value.bytes(style)
                guard let again = try? JSONValue(parsing: written) else {
                    flaws.append("what was written \(style) is no JSON")
                    continue
                }
                if style != .canonical, again != value { flaws.append("what was written \(style) reads differently") }
                if again.bytes(style) != written { flaws.append("writing \(style) twice differs") }
            }
            flaws += pointerFlaws(value)
        case (.failure(let first), .failure(let second)):
            if first != second { flaws.append("value and document fail differently") }
            if first.offset < 0 || first.offset > input.count { flaws.append("the place of the error is outside") }
        case (.success, .failure), (.failure, .success): flaws.append("only one of value and document can be read")
        }
        if let text = String(validating: input, as: UTF8.self), let pointer = try? JSONPointer(text) {
            if (try? JSONPointer(pointer.description)) != pointer { flaws.append("a pointer changes when it is read") }
        }
        return flaws
    }

    /// The first members and elements are found by their pointers.
    private static func pointerFlaws(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let object):
            object.members.prefix(8).filter { member in
                value.value(at: JSONPointer(tokens: [member.name])) != member.value
            }.map { _ in "a member is not found by its pointer" }
        case .array(let list):
            list.prefix(8).enumerated().filter { place, element in
                value.value(at: JSONPointer(tokens: [String(place)])) != element
            }.map { _ in "an element is not found by its pointer" }
        default: []
        }
    }
}

enum ValidatorFuzzing {
    static func flaws(in input: [UInt8]) -> [String] {
        var flaws: [String] = []
        let validator = StructureValidator(limits: .init(issues: 50))
        let report = validator.validate(input)
        if report.issues.count > 51 { flaws.append("more issues than the limit") }
        if report.isValid == report.issues.contains(where: { $0.severity == .error || $0.severity == .fatal }) {
            flaws.append("the verdict does not follow from the issues")
        }
        for issue in report.issues where issue.offset < 0 || issue.offset > input.count || issue.line < 1 {
            flaws.append("a place outside the input: \(issue.description)")
        }
        let outcome = validator.validate(report.outcome.json)
        if !outcome.issues.isEmpty { flaws.append("the outcome is not valid: \(outcome.issues)") }
        return flaws
    }
}
