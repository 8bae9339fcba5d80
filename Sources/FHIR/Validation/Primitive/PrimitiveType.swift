// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// The primitive types of FHIR R4 (https://hl7.org/fhir/R4/datatypes.html).
enum PrimitiveType: String, Sendable, CaseIterable {
    case base64Binary, boolean, canonical, code, date, dateTime, decimal, id, instant, integer, markdown, oid
    case positiveInt, string, time, unsignedInt, uri, url, uuid, xhtml

    /// How JSON spells it.
    var kind: JSONKind {
        switch self {
        case .boolean: .bool
        case .decimal, .integer, .positiveInt, .unsignedInt: .number
        default: .string
        }
    }

    /// Whether its text may name a contained resource (`#id`).
    var isAddress: Bool { self == .uri || self == .url || self == .canonical }

    /// What the form of a value of this type is, in words.
    var form: String {
        switch self {
        case .base64Binary: "base64 in groups of four"
        case .boolean: "true or false"
        case .canonical, .uri, .url: "an address without white space, not empty"
        case .code: "text without white space but single spaces within"
        case .date: "YYYY, YYYY-MM or YYYY-MM-DD, a day that exists"
        case .dateTime: "a date, or YYYY-MM-DDThh:mm:ss with a time zone"
        case .decimal: "a number"
        case .id: "1 to 64 letters, digits, '-' and '.'"
        case .instant: "YYYY-MM-DDThh:mm:ss with a time zone"
        case .integer: "a whole number of 32 bits"
        case .markdown, .string: "text of 1 to 1,048,576 characters"
        case .oid: "urn:oid: and numbers separated by '.'"
        case .positiveInt: "a whole number from 1 to 2,147,483,647"
        case .time: "hh:mm:ss"
        case .unsignedInt: "a whole number from 0 to 2,147,483,647"
        case .uuid: "urn:uuid: and a UUID in lower case"
        case .xhtml: "XHTML in one <div>, not empty"
        }
    }

    /// Whether the text of a string, or the spelling of a number, has the form of this type.
    func accepts(_ text: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .base64Binary: PrimitiveScan.isBase64(text)
        case .boolean, .decimal: true
        case .canonical, .uri, .url: !text.isEmpty && !text.contains(where: PrimitiveScan.isSpace)
        case .code: PrimitiveScan.isCode(text)
        case .date: DateScan.precision(of: text).map { $0 <= .day } ?? false
        case .dateTime: DateScan.precision(of: text) != nil
        case .id: PrimitiveScan.isID(text)
        case .instant: DateScan.precision(of: text) == .instant
        case .integer: PrimitiveScan.integer(text) != nil
        case .markdown, .string: PrimitiveScan.isText(text)
        case .oid: PrimitiveScan.isOID(text)
        case .positiveInt: PrimitiveScan.integer(text).map { $0 >= 1 } ?? false
        case .time: DateScan.isTime(text)
        case .unsignedInt: PrimitiveScan.integer(text).map { $0 >= 0 } ?? false
        case .uuid: PrimitiveScan.isUUID(text)
        case .xhtml: PrimitiveScan.isDivision(text)
        }
    }
}

extension JSONNode {
    /// The bytes of a string without quotes and escapes, or the spelling of another value.
    var textBytes: ArraySlice<UInt8> {
        guard kind == .string else { return rawBytes }
        let content = rawBytes.dropFirst().dropLast()
        guard content.contains(0x5C) else { return content }
        return Array((stringValue ?? "").utf8)[...]
    }
}
