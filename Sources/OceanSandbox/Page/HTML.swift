// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A piece of an HTML page. Text that is put into it is escaped; only `raw` is not.
struct HTML: Sendable, Hashable {
    private(set) var text: String

    /// Markup of the program itself, never of anything that came from outside.
    static func raw(_ markup: String) -> HTML { HTML(text: markup) }

    static func text(_ text: String) -> HTML { HTML(text: escape(text)) }

    static func element(_ name: String, _ attributes: [(String, String)] = [], _ content: HTML...) -> HTML {
        let written = attributes.map { " \($0.0)=\"\(escape($0.1))\"" }.joined()
        return HTML(text: "<\(name)\(written)>\(content.map(\.text).joined())</\(name)>")
    }

    static func joined(_ parts: [HTML]) -> HTML { HTML(text: parts.map(\.text).joined(separator: "\n")) }

    static func row(_ cells: [HTML], header: Bool = false) -> HTML {
        element("tr", [], joined(cells.map { element(header ? "th" : "td", [], $0) }))
    }

    static func table(_ header: [String], _ rows: [HTML]) -> HTML {
        element(
            "table", [],
            joined([element("thead", [], row(header.map(HTML.text), header: true)), element("tbody", [], joined(rows))])
        )
    }

    static func select(_ name: String, _ choices: [(value: String, label: String)]) -> HTML {
        element(
            "select", [("name", name)], joined(choices.map { element("option", [("value", $0.value)], text($0.label)) })
        )
    }

    static func escape(_ text: String) -> String {
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
