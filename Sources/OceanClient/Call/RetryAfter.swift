// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The `Retry-After` header (RFC 9110 §10.2.3): seconds, or an HTTP-date.
enum RetryAfter {
    /// Nil when the header is of neither form; zero when the date has passed.
    static func parse(_ text: String, now: Timestamp) -> Duration? {
        let trimmed = text.split(separator: " ").joined(separator: " ")
        guard !trimmed.isEmpty else { return nil }
        if trimmed.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int(trimmed) ?? Int.max, 86_400))
        }
        guard let date = httpDate(trimmed) else { return nil }
        return min(max(.zero, date.duration(since: now)), .seconds(86_400))
    }

    /// The preferred form of RFC 9110 §5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`, and the oldest, of C's `asctime`.
    static func httpDate(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        if words.count == 6, words[0].hasSuffix(","), words[5] == "GMT" {
            return timestamp(year: words[3], month: words[2], day: words[1], time: words[4])
        }
        if words.count == 5 {
            return timestamp(year: words[4], month: words[1], day: words[2], time: words[3])
        }
        return nil
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func timestamp(year: Substring, month: Substring, day: Substring, time: Substring) -> Timestamp? {
        guard let index = months.firstIndex(of: String(month)) else { return nil }
        func two(_ text: String) -> String { text.utf8.count == 1 ? "0" + text : text }
        return Timestamp("\(year)-\(two(String(index + 1)))-\(two(String(day)))T\(time)Z")
    }
}
