// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// What conditions ask of one referral, and their answers. Every condition has one: what the referral does not say is
/// unknown, never an error.
struct Facts: Sendable {
    private let months: ClosedRange<Int>?
    private let referral: Referral
    private let answers: FormAnswers

    init(_ subject: HookSubject, now: Timestamp) {
        referral = subject.referral
        months = Age.months(birthDate: subject.referral.patient?.birthDate, now: now)
        answers = FormAnswers(subject)
    }

    func truth(of condition: Condition) -> Truth {
        switch condition {
        case .all(let conditions): .all(conditions.lazy.map { truth(of: $0) })
        case .any(let conditions): .any(conditions.lazy.map { truth(of: $0) })
        case .not(let condition): truth(of: condition).negated
        case .age(let test):
            Self.truth(of: test, months.map { Double($0.lowerBound / 12)...Double($0.upperBound / 12) })
        case .ageMonths(let test): Self.truth(of: test, months.map { Double($0.lowerBound)...Double($0.upperBound) })
        case .word(let subject, let test): truth(of: test, words(subject))
        case .code(let subject, let test): truth(of: test, codings(subject))
        case .answer(let test): truth(of: test)
        }
    }

    // MARK: Numbers

    private static func truth(of test: NumberTest, _ value: ClosedRange<Double>?) -> Truth {
        guard let value else { return .unknown }
        /// Whether it holds for all of the range, for none of it, or only for a part.
        func holds(_ wanted: JSONNumber?, _ compare: (Double, Double) -> Bool) -> Truth {
            guard let wanted = wanted?.doubleValue else { return .yes }
            let low = compare(value.lowerBound, wanted)
            return low == compare(value.upperBound, wanted) ? Truth(low) : .unknown
        }
        var equal = Truth.yes
        if let wanted = test.equals?.doubleValue {
            if !value.contains(wanted) {
                equal = .no
            } else {
                equal = value.lowerBound == value.upperBound ? .yes : .unknown
            }
        }
        return .all([
            equal, holds(test.lessThan, <), holds(test.atMost, <=), holds(test.greaterThan, >), holds(test.atLeast, >=),
        ])
    }

    // MARK: Words and codes

    private func words(_ subject: Condition.WordSubject) -> [String] {
        let words: [String?] =
            switch subject {
            case .sex: [referral.patient?.gender]
            case .priority: [referral.priority]
            case .offering: referral.services
            case .province:
                [
                    referral.patient?.healthNumber?.province
                        ?? referral.patient?.addresses.lazy.compactMap(\.province).first
                ]
            }
        return words.compactMap { $0 }.map { AnswerValue.trimmed($0).lowercased() }.filter { !$0.isEmpty }
    }

    private func truth(of test: WordTest, _ words: [String]) -> Truth {
        let wanted = test.words.map { $0.lowercased() }
        if words.contains(where: { wanted.contains($0) }) { return .yes }
        // `unknown` is a FHIR code for not knowing.
        return words.isEmpty || words == ["unknown"] ? .unknown : .no
    }

    private struct Code {
        let system: String?
        let words: [String]
    }

    private func codings(_ subject: Condition.CodeSubject) -> [Code] {
        switch subject {
        case .category: referral.category.map(Self.code)
        case .code: referral.code.map(Self.code)
        case .reason:
            referral.unmapped.filter { $0.path.contains("reasonCode") }.flatMap { Self.codes(in: $0.value) }
        }
    }

    private static func code(_ coding: Coding) -> Code {
        Code(
            system: coding.system,
            words: [coding.code, coding.display, coding.text].compactMap { $0?.lowercased() })
    }

    /// Codings of CodeableConcepts, which the canonical referral has no place for.
    private static func codes(in value: JSONValue) -> [Code] {
        switch value {
        case .array(let elements): return elements.flatMap { codes(in: $0) }
        case .object(let object):
            let words = ["code", "display", "text"].compactMap { object[$0]?.stringValue?.lowercased() }
            let own = words.isEmpty ? [] : [Code(system: object["system"]?.stringValue, words: words)]
            return own + (object["coding"].map { codes(in: $0) } ?? [])
        default: return []
        }
    }

    private func truth(of test: CodeTest, _ codes: [Code]) -> Truth {
        guard !codes.isEmpty else { return .unknown }
        let wanted = test.words.map { $0.lowercased() }
        return Truth(
            codes.contains { code in
                (test.system == nil || test.system == code.system) && code.words.contains { wanted.contains($0) }
            })
    }

    // MARK: Answers

    /// Without a form nothing is known. An item that is there and unanswered equals nothing, as an unticked box; it is
    /// neither above nor below a number.
    private func truth(of test: AnswerTest) -> Truth {
        guard !answers.forms.isEmpty else { return .unknown }
        let items =
            test.linkID.map { answers.items(linkID: $0) } ?? test.text.map { answers.items(caption: $0) } ?? []
        let values = items.flatMap(\.answers)
        var parts: [Truth] = []
        if let exists = test.exists { parts.append(Truth(values.isEmpty != exists)) }
        func compared(_ isFitting: (AnswerValue) -> Bool) -> Truth {
            items.isEmpty ? .unknown : Truth(values.contains(where: isFitting))
        }
        if let wanted = test.equals { parts.append(compared { $0.isEqual(to: wanted) }) }
        if !test.oneOf.isEmpty { parts.append(compared { value in test.oneOf.contains { value.isEqual(to: $0) } }) }
        if let part = test.contains?.lowercased() {
            parts.append(compared { $0.words.contains { $0.lowercased().contains(part) } })
        }
        if !test.number.isEmpty {
            let numbers = values.compactMap(\.number)
            let truths = numbers.map { Self.truth(of: test.number, $0...$0) }
            parts.append(numbers.isEmpty ? .unknown : .any(truths))
        }
        return .all(parts)
    }
}
