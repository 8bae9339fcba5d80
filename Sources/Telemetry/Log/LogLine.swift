// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// One line of the log in the making: a JSON object that never outgrows its limit.
struct LogLine {
    static let maximumBytes = 8 * 1024
    static let longestMessage = 4 * 1024
    static let longestValue = 2 * 1024
    private static let longestName = 128

    /// Room that is kept for the truncation mark, the closing brace and the line feed.
    private static let reserve = 24

    private var bytes: [UInt8] = [0x7B]
    private var isTruncated = false
    private let writer = JSONWriter()

    init() {
        bytes.reserveCapacity(512)
    }

    /// Adds a string member, cut to `limit` encoded bytes; left out when the line has no room for any of it.
    mutating func add(_ name: String, _ text: String, limit: Int = LogLine.longestValue) {
        var member: [UInt8] = bytes.count > 1 ? [0x2C] : []
        writer.append(.string(fitting(name, Self.longestName)), to: &member)
        member.append(0x3A)
        let room = Self.maximumBytes - Self.reserve - bytes.count - member.count
        guard room >= 8 else {
            isTruncated = true
            return
        }
        writer.append(.string(fitting(text, min(limit, room))), to: &member)
        bytes += member
    }

    func finished() -> [UInt8] {
        var output = bytes
        if isTruncated { output += Array(#","truncated":true"#.utf8) }
        output += [0x7D, 0x0A]
        return output
    }

    /// The longest beginning of `text` whose JSON form fits `limit` bytes.
    private mutating func fitting(_ text: String, _ limit: Int) -> String {
        // Escapes take up to six bytes each, so short texts need no second look.
        if text.utf8.count <= (limit - 2) / 6 { return text }
        var encoded: [UInt8] = []
        var kept = text
        var length = min(text.utf8.count, limit)
        while true {
            if length < kept.utf8.count { kept = Self.cut(kept, to: length) }
            encoded.removeAll(keepingCapacity: true)
            writer.append(.string(kept), to: &encoded)
            if encoded.count <= limit { break }
            length = max(0, min(length - 1, length * limit / encoded.count))
        }
        if kept.utf8.count < text.utf8.count { isTruncated = true }
        return kept
    }

    /// The first `length` bytes of `text`, less a character that is cut in two.
    private static func cut(_ text: String, to length: Int) -> String {
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: length)
        while end > text.utf8.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }
}
