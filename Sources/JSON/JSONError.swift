// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Why a text is not accepted as JSON (RFC 8259), and where.
///
/// Carries no input text: at most the one offending byte, in hexadecimal, so that it may be logged.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// A byte that the grammar does not allow at this place.
        case unexpectedByte
        /// The input ends inside a value.
        case unexpectedEnd
        /// A number that RFC 8259 §6 does not allow, such as `01`, `1.` or `1e`.
        case invalidNumber
        /// A control byte (below 0x20) inside a string; it must be escaped.
        case invalidString
        /// A backslash followed by something that RFC 8259 §7 does not define.
        case invalidEscape
        /// A `\u` escape of one half of a surrogate pair without the other: no character.
        case loneSurrogate
        /// Bytes inside a string that are not UTF-8 (RFC 3629).
        case invalidUTF8
        /// A member name that its object already has, compared after decoding escapes.
        case duplicateKey
        /// Something other than whitespace after the value.
        case trailingContent
        /// More open arrays and objects than `JSONLimits.maximumDepth`.
        case tooDeep
        /// More bytes than `JSONLimits.maximumBytes`.
        case tooLarge
        /// No bytes, or only whitespace.
        case emptyInput
        /// The input starts with a UTF-8 byte order mark, which RFC 8259 §8.1 forbids to send.
        case byteOrderMark
    }

    /// What is wrong.
    package let code: Code
    /// The offending byte, counted from 0; the length of the input when the input ended too early.
    package let offset: Int
    /// The line of `offset`, counted from 1; lines end with a line feed.
    package let line: Int
    /// The byte within the line, counted from 1.
    package let column: Int
    let expectation: JSONExpectation
    let found: UInt8?

    /// The place, what was expected there, and the code.
    package var description: String {
        var text = "line \(line), column \(column) (offset \(offset)): \(expectation.rawValue)"
        if let found {
            let digits = String(found, radix: 16, uppercase: true)
            text += ", found byte 0x" + (digits.utf8.count == 1 ? "0" : "") + digits
        }
        return text + " [\(code.rawValue)]"
    }

    init(_ failure: JSONFailure, in bytes: UnsafeBufferPointer<UInt8>) {
        code = failure.code
        offset = failure.offset
        expectation = failure.expectation
        found = failure.offset < bytes.count && failure.code != .tooLarge ? bytes[failure.offset] : nil
        var line = 1
        var lineStart = 0
        for index in 0..<min(failure.offset, bytes.count) where bytes[index] == ASCII.lineFeed {
            line += 1
            lineStart = index + 1
        }
        self.line = line
        column = failure.offset - lineStart + 1
    }
}

/// The parser's own error: small enough to return in registers; the place is worked out once it is certain.
struct JSONFailure: Error {
    let code: JSONError.Code
    let expectation: JSONExpectation
    let offset: Int
}

enum JSONExpectation: String, Sendable, Hashable {
    case value = "expected a value"
    case name = "expected a member name in double quotes"
    case nameOrEnd = "expected a member name in double quotes or '}'"
    case colon = "expected ':' after the member name"
    case commaOrArrayEnd = "expected ',' or ']'"
    case commaOrObjectEnd = "expected ',' or '}'"
    case literal = "expected true, false or null"
    case digit = "expected a digit"
    case numberEnd = "expected the end of the number"
    case stringEnd = "expected the closing double quote"
    case escapedControl = "expected control bytes in strings to be escaped"
    case escape = "expected one of \" \\ / b f n r t u after the backslash"
    case hexDigit = "expected four hexadecimal digits after \\u"
    case surrogatePair = "expected a high surrogate followed by a low surrogate"
    case utf8 = "expected well-formed UTF-8"
    case uniqueName = "expected each member name once in an object"
    case end = "expected nothing but whitespace after the value"
    case lessDepth = "expected fewer nested arrays and objects"
    case fewerBytes = "expected a shorter input"
    case someInput = "expected a value, the input is empty"
    case noByteOrderMark = "expected no byte order mark"
}
