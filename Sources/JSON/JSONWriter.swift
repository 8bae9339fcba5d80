// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// How a value is written.
package enum JSONStyle: Sendable, Hashable {
    /// No whitespace.
    case compact
    /// One member or element per line, indented by two spaces, `"name": value`.
    case pretty
    /// Compact, members sorted by the UTF-8 bytes of their names, numbers as spelled: for hashing and comparing.
    case canonical
}

extension JSONValue {
    /// The value as UTF-8.
    package func bytes(_ style: JSONStyle = .compact) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        JSONWriter(style: style).append(self, to: &output)
        return output
    }

    /// The value as text.
    package func text(_ style: JSONStyle = .compact) -> String {
        String(decoding: bytes(style), as: UTF8.self)
    }
}

/// Writes values into a byte array, so that several may share one buffer.
package struct JSONWriter: Sendable {
    /// How values are written.
    package let style: JSONStyle

    package init(style: JSONStyle = .compact) { self.style = style }

    /// Appends the UTF-8 text of `value`.
    package func append(_ value: JSONValue, to output: inout [UInt8]) {
        append(value, depth: 0, to: &output)
    }

    private func append(_ value: JSONValue, depth: Int, to output: inout [UInt8]) {
        switch value {
        case .object(let object): append(object, depth: depth, to: &output)
        case .array(let elements): append(elements, depth: depth, to: &output)
        case .string(let text): StringWriter.append(text, to: &output)
        case .number(let number): output.append(contentsOf: number.text.utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .null: output.append(contentsOf: "null".utf8)
        }
    }

    private func append(_ object: JSONObject, depth: Int, to output: inout [UInt8]) {
        output.append(ASCII.openBrace)
        var isFirst = true
        for member in style == .canonical ? sorted(object.members) : object.members {
            if !isFirst { output.append(ASCII.comma) }
            isFirst = false
            breakLine(depth: depth + 1, &output)
            StringWriter.append(member.name, to: &output)
            output.append(ASCII.colon)
            if style == .pretty { output.append(ASCII.space) }
            append(member.value, depth: depth + 1, to: &output)
        }
        if !isFirst { breakLine(depth: depth, &output) }
        output.append(ASCII.closeBrace)
    }

    private func append(_ elements: [JSONValue], depth: Int, to output: inout [UInt8]) {
        output.append(ASCII.openBracket)
        var isFirst = true
        for element in elements {
            if !isFirst { output.append(ASCII.comma) }
            isFirst = false
            breakLine(depth: depth + 1, &output)
            append(element, depth: depth + 1, to: &output)
        }
        if !isFirst { breakLine(depth: depth, &output) }
        output.append(ASCII.closeBracket)
    }

    /// `<` of String orders by Unicode's rules, not by bytes.
    private func sorted(_ members: [JSONMember]) -> [JSONMember] {
        members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private func breakLine(depth: Int, _ output: inout [UInt8]) {
        guard style == .pretty else { return }
        output.append(ASCII.lineFeed)
        output.append(contentsOf: repeatElement(ASCII.space, count: depth * 2))
    }
}
