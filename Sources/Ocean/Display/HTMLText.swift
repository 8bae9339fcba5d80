// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Turns Ocean's HTML fragments (notes, captions) into plain text. Works in one pass over hostile input too.
package enum HTMLText {
    /// Most characters that a plain text has; what is longer ends in an ellipsis. Longer than any note a person writes.
    package static let longest = 1 << 20

    /// Tags and comments removed, script and style with their content; `br`, `p`, `div`, headings and the like as line
    /// breaks, list items as `- ` or `1. `, table cells parted by ` | `; entities resolved, runs of white space as one
    /// space, control characters and marks that turn the writing direction left out. A text without any tag keeps its
    /// line breaks.
    package static func plain(_ html: String) -> String {
        var reading = HTMLReading(Array(html.unicodeScalars), longest: longest)
        return reading.plain()
    }

    /// The plain text where it differs from `html`; nil where `html` is plain already.
    package static func plainIfMarkup(_ html: String?) -> String? {
        guard let html else { return nil }
        // Without these a text has neither tags nor entities nor control characters.
        guard html.unicodeScalars.contains(where: { $0 == "<" || $0 == "&" || HTMLReading.isUnsafe($0) }) else {
            return nil
        }
        let text = plain(html)
        return text == html ? nil : text
    }
}
