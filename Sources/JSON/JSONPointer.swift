// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A path to a value inside another (RFC 6901), such as `/entry/0/resource`.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The whole value.
    package static let root = JSONPointer(tokens: [])

    /// Member names and element numbers, unescaped, outermost first.
    package var tokens: [String]

    package init(tokens: [String]) { self.tokens = tokens }

    /// Reads the text form: empty for the whole value, otherwise each token after a `/`, `~` as `~0`, `/` as `~1`.
    /// - Throws: `JSONPointerError` without a leading `/` or with another use of `~`.
    package init(_ text: String) throws(JSONPointerError) {
        tokens = []
        var token: [UInt8] = []
        var isEscaping = false
        for (offset, byte) in text.utf8.enumerated() {
            if offset == 0 {
                guard byte == ASCII.slash else { throw JSONPointerError(code: .missingSlash, offset: 0) }
            } else if isEscaping {
                guard byte == 0x30 || byte == 0x31 else {
                    throw JSONPointerError(code: .invalidEscape, offset: offset)
                }
                token.append(byte == 0x30 ? 0x7E : ASCII.slash)
                isEscaping = false
            } else if byte == 0x7E {
                isEscaping = true
            } else if byte == ASCII.slash {
                tokens.append(String(decoding: token, as: UTF8.self))
                token = []
            } else {
                token.append(byte)
            }
        }
        if isEscaping { throw JSONPointerError(code: .invalidEscape, offset: text.utf8.count) }
        if !text.isEmpty { tokens.append(String(decoding: token, as: UTF8.self)) }
    }

    /// The pointer to a member of what this one points to.
    package func appending(_ name: String) -> JSONPointer { JSONPointer(tokens: tokens + [name]) }

    /// The pointer to an element, counted from 0, of what this one points to.
    package func appending(_ index: Int) -> JSONPointer { JSONPointer(tokens: tokens + [String(index)]) }

    /// The text form; empty for the whole value.
    package var description: String {
        var output: [UInt8] = []
        for token in tokens {
            output.append(ASCII.slash)
            for byte in token.utf8 {
                switch byte {
                case 0x7E: output.append(contentsOf: [0x7E, 0x30])
                case ASCII.slash: output.append(contentsOf: [0x7E, 0x31])
                default: output.append(byte)
                }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The element that a token names: digits without a leading zero (RFC 6901 §4); nil for anything else.
    static func elementIndex(_ token: String) -> Int? {
        guard token.utf8.allSatisfy(ASCII.isDigit), token == "0" || token.utf8.first != ASCII.zero else { return nil }
        return Int(token)
    }
}

/// Why a text is not a JSON Pointer.
package struct JSONPointerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package enum Code: String, Sendable, Hashable {
        /// A pointer that is not empty must start with `/`.
        case missingSlash
        /// `~` must be followed by `0` or `1`.
        case invalidEscape
    }

    /// What is wrong.
    package let code: Code
    /// The offending byte, counted from 0.
    package let offset: Int

    package var description: String {
        switch code {
        case .missingSlash: "a JSON pointer starts with '/' unless it is empty (offset \(offset))"
        case .invalidEscape: "'~' in a JSON pointer is followed by '0' or '1' (offset \(offset))"
        }
    }
}

extension JSONValue {
    /// The value that `pointer` names, or nil.
    package func value(at pointer: JSONPointer) -> JSONValue? {
        var current = self
        for token in pointer.tokens {
            let next =
                switch current {
                case .object(let object): object[token]
                case .array: JSONPointer.elementIndex(token).flatMap { current[$0] }
                default: JSONValue?.none
                }
            guard let next else { return nil }
            current = next
        }
        return current
    }

    /// Puts `value` where `pointer` points: replaces what is there, adds a member to an object, or appends to an array
    /// whose element count or `-` is named. All but the last step must exist; otherwise nothing changes and the
    /// result is false.
    package mutating func set(_ value: JSONValue, at pointer: JSONPointer) -> Bool {
        set(value, at: pointer.tokens[...])
    }

    private mutating func set(_ value: JSONValue, at tokens: ArraySlice<String>) -> Bool {
        guard let token = tokens.first else {
            self = value
            return true
        }
        let rest = tokens.dropFirst()
        switch self {
        case .object(var object):
            // Only the local copy may hold the members while they change, or each level is copied.
            self = .null
            defer { self = .object(object) }
            if rest.isEmpty {
                object[token] = value
                return true
            }
            return object.change(token) { $0.set(value, at: rest) }
        case .array(var elements):
            self = .null
            defer { self = .array(elements) }
            let index = token == "-" ? elements.count : JSONPointer.elementIndex(token)
            guard let index, index <= elements.count else { return false }
            if index < elements.count { return elements[index].set(value, at: rest) }
            guard rest.isEmpty else { return false }
            elements.append(value)
            return true
        default:
            return false
        }
    }
}

extension JSONNode {
    /// The node that `pointer` names, or nil.
    package func node(at pointer: JSONPointer) -> JSONNode? {
        var current = self
        for token in pointer.tokens {
            let next =
                switch current.kind {
                case .object: current[token]
                case .array: JSONPointer.elementIndex(token).flatMap { current[$0] }
                default: JSONNode?.none
                }
            guard let next else { return nil }
            current = next
        }
        return current
    }
}
