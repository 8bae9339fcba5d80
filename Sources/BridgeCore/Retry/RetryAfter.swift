// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The `Retry-After` header (RFC 9110 §10.2.3): seconds, or an HTTP-date.
package enum RetryAfter {
    /// The pause that the header asks for, at most a day. Nil when the header is of neither form; zero when the date has passed.
    package static func parse(_ text: String, now: Timestamp) -> Duration? {
        let trimmed = text.split(separator: " ").joined(separator: " ")
        guard !trimmed.isEmpty else { return nil }
        if trimmed.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int(trimmed) ?? Int.max, 86_400))
        }
        guard let date = httpDate(trimmed, now: now) else { return nil }
        return min(max(.zero, date.duration(since: now)), .seconds(86_400))
    }

    /// A date in any of the three forms of RFC 9110 §5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, and C's
    /// `asctime`, `Sun Nov  6 08:49:37 1994`.
    package static func httpDate(_ text: String, now: Timestamp = SystemClock().now()) -> Timestamp? {
        let words = text.split(separator: " ")
        if words.count == 4, words[0].hasSuffix(","), words[3] == "GMT" {
            let date = words[1].split(separator: "-")
            guard date.count == 3, date[2].utf8.count == 2 else { return nil }
            let near = timestamp(year: Substring("20" + date[2]), month: date[1], day: date[0], time: words[2])
            // More than fifty years ahead means the century before.
            guard let near, near.duration(since: now) > .seconds(50 * 31_557_600) else { return near }
            return timestamp(year: Substring("19" + date[2]), month: date[1], day: date[0], time: words[2])
        }
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
