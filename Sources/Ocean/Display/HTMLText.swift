// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Turns Ocean's HTML fragments (notes, captions) into plain text. Works in one pass over hostile input too.
package enum HTMLText {
    /// Tags and comments removed, `br`, `p`, `div`, `li`, `tr` and headings as line breaks, entities resolved, runs of
    /// white space as one space. A text without any tag keeps its line breaks.
    package static func plain(_ html: String) -> String {
        var reading = HTMLReading(Array(html.unicodeScalars))
        return reading.plain()
    }
}

private struct HTMLReading {
    let scalars: [Unicode.Scalar]
    var output = String.UnicodeScalarView()
    var position = 0
    var pendingSpace = false
    var breaks = 0
    var keepsLineBreaks: Bool
    /// Where no `>` follows any more: saves looking for it again and again.
    var lastCloser: Int

    init(_ scalars: [Unicode.Scalar]) {
        self.scalars = scalars
        lastCloser = scalars.lastIndex(of: ">") ?? -1
        keepsLineBreaks = false
        keepsLineBreaks = !scalars.indices.contains { isTag(at: $0) }
    }

    mutating func plain() -> String {
        while position < scalars.count {
            let scalar = scalars[position]
            if scalar == "<", isTag(at: position) {
                tag()
            } else if scalar == "&", let (resolved, length) = entity(at: position) {
                position += length
                write(resolved)
            } else {
                position += 1
                write(scalar)
            }
        }
        return String(output)
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\n" where keepsLineBreaks: lineBreak()
        case " ", "\t", "\n", "\r", "\u{C}", "\u{A0}": pendingSpace = true
        default:
            if !output.isEmpty {
                if breaks > 0 {
                    for _ in 0..<min(breaks, 2) { output.append("\n") }
                } else if pendingSpace {
                    output.append(" ")
                }
            }
            breaks = 0
            pendingSpace = false
            output.append(scalar)
        }
    }

    private mutating func lineBreak() { breaks += 1 }

    private func isTag(at start: Int) -> Bool {
        guard scalars[start] == "<", start < lastCloser, start + 1 < scalars.count else { return false }
        let next = scalars[start + 1]
        return next == "/" || next == "!" || next.isASCIILetter
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
        while end < scalars.count, scalars[end] != ">" { end += 1 }
        position = min(end + 1, scalars.count)
        name = name.lowercased()
        if name == "br" {
            lineBreak()
        } else if Self.blocks.contains(name), breaks == 0 {
            lineBreak()
        } else if !isClosing, name == "script" || name == "style" {
            skipContent(of: name)
        }
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

    /// The character that an entity stands for and how much text it takes; nil when it is no entity.
    private func entity(at start: Int) -> (Unicode.Scalar, Int)? {
        let limit = min(start + 12, scalars.count)
        guard let end = scalars[start..<limit].firstIndex(of: ";"), end > start + 1 else { return nil }
        let name = String(String.UnicodeScalarView(scalars[(start + 1)..<end]))
        let length = end - start + 1
        guard name.hasPrefix("#") else { return Self.entities[name].map { ($0, length) } }
        let digits = name.dropFirst()
        let code =
            digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        // NUL is no text in JSON's and HL7's consumers; HTML replaces it too.
        guard let code, code != 0, let scalar = Unicode.Scalar(code) else { return nil }
        return (scalar, length)
    }

    private static let blocks: Set<String> = [
        "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "section",
    ]

    private static let entities: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®",
        "trade": "™", "deg": "°", "plusmn": "±", "micro": "µ", "middot": "·", "bull": "•", "hellip": "…",
        "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«",
        "raquo": "»", "frac12": "½", "frac14": "¼", "frac34": "¾", "sup2": "²", "sup3": "³", "times": "×",
        "divide": "÷", "le": "≤", "ge": "≥", "ne": "≠", "rarr": "→", "larr": "←", "euro": "€", "pound": "£",
        "agrave": "à", "aacute": "á", "acirc": "â", "auml": "ä", "aelig": "æ", "ccedil": "ç", "egrave": "è",
        "eacute": "é", "ecirc": "ê", "euml": "ë", "icirc": "î", "iuml": "ï", "iacute": "í", "ntilde": "ñ",
        "ocirc": "ô", "oacute": "ó", "ouml": "ö", "oelig": "œ", "ugrave": "ù", "ucirc": "û", "uuml": "ü",
        "uacute": "ú", "szlig": "ß", "Agrave": "À", "Acirc": "Â", "Ccedil": "Ç", "Egrave": "È", "Eacute": "É",
        "Ecirc": "Ê", "Icirc": "Î", "Ocirc": "Ô", "Ouml": "Ö", "Auml": "Ä", "Uuml": "Ü", "Ucirc": "Û",
    ]
}

extension Unicode.Scalar {
    fileprivate var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
