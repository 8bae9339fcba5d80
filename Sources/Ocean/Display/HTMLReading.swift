// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// One pass over an HTML fragment. Broken markup is read as browsers do, as far as it matters for text.
struct HTMLReading {
    private let scalars: [Unicode.Scalar]
    private let longest: Int
    private var output = String.UnicodeScalarView()
    private var written = 0
    private var position = 0
    private var pendingSpace = false
    private var breaks = 0
    private var keepsLineBreaks = false
    /// Written before the next text: a bullet, or the bar between two cells.
    private var pendingLead = ""
    /// Open lists, the number of the last item for ordered ones.
    private var lists: [Int?] = []
    /// Where no `>` and no quote follows any more: saves looking for them again and again.
    private let lastCloser: Int
    private let lastQuotes: [Unicode.Scalar: Int]

    init(_ scalars: [Unicode.Scalar], longest: Int) {
        self.scalars = scalars
        self.longest = longest
        lastCloser = scalars.lastIndex(of: ">") ?? -1
        lastQuotes = [
            "\"": scalars.lastIndex(of: "\"") ?? -1, "'": scalars.lastIndex(of: "'") ?? -1,
        ]
        keepsLineBreaks = !scalars.indices.contains { isTag(at: $0) }
    }

    mutating func plain() -> String {
        while position < scalars.count {
            guard written < longest else {
                output.append("…")
                break
            }
            let scalar = scalars[position]
            if scalar == "<", isTag(at: position) {
                tag()
            } else if scalar == "&", let (resolved, length) = HTMLEntities.resolve(scalars, at: position) {
                position += length
                write(resolved)
            } else {
                position += 1
                write(scalar)
            }
        }
        return String(output)
    }

    /// Control characters break HL7 v2 and terminals; direction marks can make a text read otherwise than it is.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0C, 0x0D: false
        case 0x00...0x1F, 0x7F...0x9F, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\n" where keepsLineBreaks: lineBreak()
        case " ", "\t", "\n", "\r", "\u{C}", "\u{A0}": pendingSpace = true
        case _ where Self.isUnsafe(scalar): break
        default:
            if !output.isEmpty {
                if breaks > 0 {
                    for _ in 0..<min(breaks, 2) { append("\n") }
                } else if pendingSpace, pendingLead != Self.bar {
                    append(" ")
                }
            }
            if !(output.isEmpty && pendingLead == Self.bar) { for lead in pendingLead.unicodeScalars { append(lead) } }
            pendingLead = ""
            breaks = 0
            pendingSpace = false
            append(scalar)
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        output.append(scalar)
        written += 1
    }

    private mutating func lineBreak() {
        breaks += 1
        if pendingLead == Self.bar { pendingLead = "" }
    }

    private func isTag(at start: Int) -> Bool {
        guard scalars[start] == "<", start < lastCloser, start + 1 < scalars.count else { return false }
        let next = scalars[start + 1]
        return next == "/" || next == "!" || next == "?" || next.isASCIILetter
    }

    private mutating func tag() {
        if scalars[position...].starts(with: "<!--".unicodeScalars) {
            skipComment()
            return
        }
        var end = position + 1
        let isClosing = scalars[end] == "/"
        if isClosing { end += 1 }
        var name = ""
        while end < scalars.count, name.utf8.count < 12,
            scalars[end].isASCIILetter || ("0"..."9").contains(scalars[end])
        {
            name.unicodeScalars.append(scalars[end])
            end += 1
        }
        position = min(tagEnd(from: end) + 1, scalars.count)
        act(name.lowercased(), isClosing: isClosing)
    }

    /// The `>` that ends a tag. One within quotes does not, unless the quote is never closed.
    private func tagEnd(from start: Int) -> Int {
        var end = start
        while end < scalars.count, scalars[end] != ">" {
            if let last = lastQuotes[scalars[end]], end > 0, scalars[end - 1] == "=", last > end {
                let quote = scalars[end]
                var closing = end + 1
                while closing < scalars.count, scalars[closing] != quote { closing += 1 }
                end = closing
            }
            end += 1
        }
        return end
    }

    private mutating func act(_ name: String, isClosing: Bool) {
        switch name {
        case "br": lineBreak()
        case "ul", "ol":
            if isClosing { _ = lists.popLast() } else if lists.count < 1_000 { lists.append(name == "ol" ? 0 : nil) }
            if breaks == 0 { lineBreak() }
        case "li": item(isClosing: isClosing)
        case "td", "th": if !isClosing, breaks == 0 { pendingLead = Self.bar }
        case "script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math":
            if !isClosing { skipContent(of: name) }
        case _ where Self.blocks.contains(name): if breaks == 0 { lineBreak() }
        default: break
        }
    }

    private mutating func item(isClosing: Bool) {
        if breaks == 0 { lineBreak() }
        guard !isClosing else { return }
        // Three levels in, further ones no more: deep lists must not grow the text without bound.
        let indent = String(repeating: "  ", count: max(0, min(lists.count, 4) - 1))
        guard let last = lists.last, let number = last else {
            pendingLead = indent + "- "
            return
        }
        lists[lists.count - 1] = number + 1
        pendingLead = "\(indent)\(number + 1). "
    }

    private mutating func skipComment() {
        var end = position + 4
        while end + 2 < scalars.count,
            !(scalars[end] == "-" && scalars[end + 1] == "-" && scalars[end + 2] == ">")
        {
            end += 1
        }
        position = min(end + 3, scalars.count)
    }

    private mutating func skipContent(of name: String) {
        let closer = Array("</\(name)".unicodeScalars)
        while position < scalars.count {
            if scalars[position] == "<", position + closer.count <= scalars.count,
                zip(scalars[position...], closer).allSatisfy({ $0.properties.lowercaseMapping == String($1) })
            {
                return
            }
            position += 1
        }
    }

    private static let bar = " | "

    private static let blocks: Set<String> = [
        "p", "div", "tr", "table", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "section",
        "article", "header", "footer", "pre", "dl", "dt", "dd", "address", "fieldset", "form",
    ]
}

extension Unicode.Scalar {
    fileprivate var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
