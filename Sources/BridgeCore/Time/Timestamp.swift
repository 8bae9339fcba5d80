// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A point in time in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Ocean's own date texts keep their spelling in the referral; this type is for what the bridge compares and stamps.
package struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return Timestamp(milliseconds: seconds < 0 ? .min : .max) }
        let (sum, sumOverflow) = milliseconds.addingReportingOverflow(scaled + attoseconds / 1_000_000_000_000_000)
        return Timestamp(milliseconds: sumOverflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// The time from `earlier` to this, negative when `earlier` is later.
    package func duration(since earlier: Timestamp) -> Duration {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return .milliseconds(overflow ? (milliseconds < 0 ? Int64.min : .max) : difference)
    }

    /// RFC 3339 in UTC with milliseconds, as in `2026-02-03T14:05:06.789Z`.
    package var description: String {
        let days = Self.floorDivide(milliseconds, 86_400_000)
        let within = milliseconds - days * 86_400_000
        let date = Self.civil(fromDays: days)
        func pad(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let day: String = pad(date.year, 4) + "-" + pad(date.month, 2) + "-" + pad(date.day, 2)
        let clock: String =
            pad(within / 3_600_000, 2) + ":" + pad(within / 60_000 % 60, 2) + ":" + pad(within / 1000 % 60, 2)
        return day + "T" + clock + "." + pad(within % 1000, 3) + "Z"
    }

    /// Reads an RFC 3339 date-time with offset (also FHIR `instant` and `dateTime` with a time); digits beyond
    /// milliseconds are cut. Nil when the text is anything else, a date alone included.
    package init?(_ text: String) {
        var scanner = DateScanner(text)
        guard let year = scanner.digits(4), scanner.skip(0x2D), let month = scanner.digits(2), scanner.skip(0x2D),
            let day = scanner.digits(2), scanner.skip(0x54) || scanner.skip(0x74) || scanner.skip(0x20),
            let hour = scanner.digits(2), scanner.skip(0x3A), let minute = scanner.digits(2)
        else { return nil }
        var second: Int64 = 0
        if scanner.skip(0x3A) {
            guard let value = scanner.digits(2) else { return nil }
            second = value
        }
        let fraction = scanner.fractionMilliseconds()
        guard let fraction, let offset = scanner.offsetMinutes(), scanner.isAtEnd,
            (1...12).contains(month), day >= 1, day <= Self.daysInMonth(year, month), hour < 24, minute < 60,
            second < 61
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        let minutes = days * 1440 + hour * 60 + minute - offset
        self.milliseconds = minutes * 60_000 + second * 1000 + fraction
    }

    static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index + (index < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * index + 2) / 5 + 1)
    }
}

/// Reads the fixed-width pieces of a date text.
private struct DateScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<(position + count)] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        position += count
        return value
    }

    mutating func fractionMilliseconds() -> Int64? {
        guard skip(0x2E) else { return 0 }
        var value: Int64 = 0
        var count = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            if count < 3 { value = value * 10 + Int64(bytes[position] - 0x30) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        while count < 3 {
            value *= 10
            count += 1
        }
        return value
    }

    mutating func offsetMinutes() -> Int64? {
        if skip(0x5A) || skip(0x7A) { return 0 }
        let negative: Bool
        if skip(0x2B) {
            negative = false
        } else if skip(0x2D) {
            negative = true
        } else {
            return nil
        }
        guard let hours = digits(2) else { return nil }
        _ = skip(0x3A)
        guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return negative ? -(hours * 60 + minutes) : hours * 60 + minutes
    }
}
