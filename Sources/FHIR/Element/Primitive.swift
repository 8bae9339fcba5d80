// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The forms of FHIR R4's primitive types (https://hl7.org/fhir/R4/datatypes.html), for values that come from elsewhere.
package enum Primitive {
    /// `date`: year, year and month, or a full date that exists.
    package static func isDate(_ text: String) -> Bool { accepts(.date, text) }

    /// `dateTime`: a date, or a date with time and offset.
    package static func isDateTime(_ text: String) -> Bool { accepts(.dateTime, text) }

    /// `instant`: date, time to the second and offset.
    package static func isInstant(_ text: String) -> Bool { accepts(.instant, text) }

    /// `id`: 1 to 64 of letters, digits, `-` and `.`.
    package static func isID(_ text: String) -> Bool { accepts(.id, text) }

    /// `string`: 1 to 1,048,576 characters.
    package static func isString(_ text: String) -> Bool { accepts(.string, text) }

    /// `code`: no white space around it, none but single spaces within.
    package static func isCode(_ text: String) -> Bool {
        // Stricter than R4's expression, which allows any single white space within and knows only ASCII's.
        accepts(.code, text) && !text.unicodeScalars.contains { $0.properties.isWhitespace && $0 != " " }
    }

    /// A media type with an optional tail of parameters: the required binding of Attachment.contentType.
    package static func isMediaType(_ text: String) -> Bool {
        guard isCode(text) else { return false }
        let parts = text.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.contains(" ") }
    }

    /// `uri`: no white space.
    package static func isURI(_ text: String) -> Bool {
        !text.isEmpty && !text.unicodeScalars.contains { $0.properties.isWhitespace }
    }

    /// `base64Binary`, white space allowed.
    package static func isBase64(_ text: String) -> Bool { accepts(.base64Binary, text) }

    private static func accepts(_ type: PrimitiveType, _ text: String) -> Bool {
        type.accepts(Array(text.utf8)[...])
    }
}
