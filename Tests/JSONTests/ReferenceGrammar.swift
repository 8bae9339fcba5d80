// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// RFC 8259 written down as plainly as possible, to check the parser against. Knows no escapes: its inputs have none.
struct ReferenceGrammar {
    private let text: [Character]
    private var index = 0

    static func accepts(_ text: String) -> Bool {
        var grammar = ReferenceGrammar(text: Array(text))
        return grammar.value() && grammar.index == grammar.text.count
    }

    private init(text: [Character]) { self.text = text }

    private var current: Character? { index < text.count ? text[index] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard current == character else { return false }
        index += 1
        return true
    }

    private mutating func space() {
        while take(" ") {}
    }

    private mutating func value() -> Bool {
        space()
        defer { space() }
        switch current {
        case "[": return list("[", "]") { $0.value() }
        case "{":
            var names: Set<String> = []
            return list("{", "}") { grammar in
                grammar.space()
                guard let name = grammar.string(), names.insert(name).inserted else { return false }
                grammar.space()
                return grammar.take(":") && grammar.value()
            }
        case "\"": return string() != nil
        default:
            let start = index
            while let digit = current, digit.isNumber { index += 1 }
            return index == start + 1 || (index > start && text[start] != "0")
        }
    }

    private mutating func list(
        _ open: Character, _ close: Character, _ item: (inout ReferenceGrammar) -> Bool
    ) -> Bool {
        guard take(open) else { return false }
        space()
        if take(close) { return true }
        repeat {
            guard item(&self) else { return false }
        } while take(",")
        return take(close)
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var name = ""
        while let character = current, character != "\"" {
            name.append(character)
            index += 1
        }
        return take("\"") ? name : nil
    }
}
