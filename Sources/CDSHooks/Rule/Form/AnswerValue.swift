// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// One answer of a form, reduced to what rules compare.
enum AnswerValue: Sendable, Hashable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case coding(code: String?, display: String?)
    /// A reference, file or the like: only whether there is one.
    case other(isEmpty: Bool)

    /// - Parameters:
    ///   - json: the value without the `value[x]` wrapper.
    ///   - type: what stood behind `value`, such as `Quantity`; nil when that is not known.
    init(_ json: JSONValue, type: String? = nil) {
        switch json {
        case .string(let text): self = .text(text)
        case .number(let number): self = .number(number.doubleValue)
        case .bool(let flag): self = .flag(flag)
        case .null: self = .other(isEmpty: true)
        case .array(let elements): self = .other(isEmpty: elements.isEmpty)
        case .object(let object): self = Self.composite(object, type)
        }
    }

    private static func composite(_ object: JSONObject, _ type: String?) -> AnswerValue {
        let isQuantity = type == "Quantity" || object["value"]?.numberValue != nil || object["unit"] != nil
        if isQuantity {
            guard let value = object["value"]?.numberValue else { return .other(isEmpty: true) }
            return .number(value.doubleValue)
        }
        if type == "Coding" || object["code"] != nil || object["display"] != nil {
            return .coding(code: object["code"]?.stringValue, display: object["display"]?.stringValue)
        }
        return .other(
            isEmpty: object.members.allSatisfy { member in
                member.value.isNull || member.value.stringValue.map { !Self.hasContent($0) } ?? false
            })
    }

    /// Whether it says nothing: a text of white space, a coding without code and display, a quantity without value.
    var isEmpty: Bool {
        switch self {
        case .text(let text): !Self.hasContent(text)
        case .number(let number): number.isNaN
        case .flag: false
        case .coding(let code, let display): !Self.hasContent(code ?? "") && !Self.hasContent(display ?? "")
        case .other(let isEmpty): isEmpty
        }
    }

    /// The number, also one that is written as text, with a point.
    var number: Double? {
        switch self {
        case .number(let number): number.isFinite ? number : nil
        case .text(let text): JSONNumber(text: Self.trimmed(text)).map(\.doubleValue).flatMap { $0.isFinite ? $0 : nil }
        case .flag, .coding, .other: nil
        }
    }

    /// Its words: of a coding the code and the display.
    var words: [String] {
        switch self {
        case .text(let text): [Self.trimmed(text)]
        case .coding(let code, let display): [code, display].compactMap { $0.map(Self.trimmed) }
        case .number, .flag, .other: []
        }
    }

    /// Whether it is that text (of any case), number or truth value.
    func isEqual(to wanted: JSONValue) -> Bool {
        switch wanted {
        case .string(let text):
            let folded = Self.trimmed(text).lowercased()
            if words.contains(where: { $0.lowercased() == folded }) { return true }
            if case .flag(let flag) = self { return folded == (flag ? "true" : "false") }
            guard let number, let other = JSONNumber(text: folded)?.doubleValue else { return false }
            return number == other
        case .number(let wanted): return number == wanted.doubleValue
        case .bool(let flag):
            if case .flag(let own) = self { return own == flag }
            return words.contains { $0.lowercased() == (flag ? "true" : "false") }
        case .object, .array, .null: return false
        }
    }

    static func trimmed(_ text: String) -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isWhitespace || scalar == "\u{200B}" || scalar == "\u{FEFF}"
        }
        var scalars = Substring(text).unicodeScalars
        while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
        while let last = scalars.last, isBlank(last) { scalars.removeLast() }
        return String(scalars)
    }

    private static func hasContent(_ text: String) -> Bool { !trimmed(text).isEmpty }
}
