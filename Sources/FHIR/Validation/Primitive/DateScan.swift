// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Reads R4's date, dateTime, instant and time.
struct DateScan {
    /// How much of a moment is given. With a time it is given to the second, with its time zone.
    enum Precision: Int, Comparable {
        case year = 1, month, day, instant

        static func < (left: Precision, right: Precision) -> Bool { left.rawValue < right.rawValue }
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    /// Year, month, day, hour, minute, second, as far as given, as written.
    private(set) var parts: [Int] = []
    private var fraction: ArraySlice<UInt8> = []
    /// Minutes east of Greenwich.
    private var offset = 0

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Nil when the text is no dateTime.
    init?(dateTime text: ArraySlice<UInt8>) {
        self.init(text)
        guard text.count <= 64, date() else { return nil }
        if position == bytes.endIndex { return }
        guard parts.count == 3, skip(0x54), clock(), zone(), position == bytes.endIndex else { return nil }
    }

    static func precision(of text: ArraySlice<UInt8>) -> Precision? {
        DateScan(dateTime: text)?.precision
    }

    static func isTime(_ text: ArraySlice<UInt8>) -> Bool {
        var scan = DateScan(text)
        return text.count <= 64 && scan.clock() && scan.position == text.endIndex
    }

    var precision: Precision { Precision(rawValue: min(parts.count, 4)) ?? .year }

    /// Whether this moment is surely after another: what only one of them tells does not count.
    func isAfter(_ other: DateScan) -> Bool {
        if precision == .instant, other.precision == .instant {
            let (here, there) = (seconds, other.seconds)
            return here == there
                ? other.fraction.lexicographicallyPrecedes(fraction) && !Self.isZeros(fraction, beyond: other.fraction)
                : here > there
        }
        let common = min(parts.count, other.parts.count, 3)
        return other.parts.prefix(common).lexicographicallyPrecedes(parts.prefix(common))
    }

    /// Whether `longer` only adds zeros to `shorter`.
    private static func isZeros(_ longer: ArraySlice<UInt8>, beyond shorter: ArraySlice<UInt8>) -> Bool {
        longer.starts(with: shorter) && longer.dropFirst(shorter.count).allSatisfy { $0 == 0x30 }
    }

    /// Seconds since 0000-03-01, in UTC.
    private var seconds: Int {
        guard parts.count == 6 else { return 0 }
        let shifted = parts[1] < 3 ? parts[0] - 1 : parts[0]
        let dayOfYear = (153 * ((parts[1] + 9) % 12) + 2) / 5 + parts[2] - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear
        return ((days * 24 + parts[3]) * 60 + parts[4] - offset) * 60 + parts[5]
    }

    private mutating func number(_ width: Int, in range: ClosedRange<Int>) -> Bool {
        guard bytes.endIndex - position >= width else { return false }
        var value = 0
        for byte in bytes[position..<(position + width)] {
            guard PrimitiveScan.isDigit(byte) else { return false }
            value = value * 10 + Int(byte - 0x30)
        }
        position += width
        parts.append(value)
        return range.contains(value)
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.endIndex, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func date() -> Bool {
        guard number(4, in: 1...9999) else { return false }
        guard skip(0x2D) else { return true }
        guard number(2, in: 1...12) else { return false }
        guard skip(0x2D) else { return true }
        return number(2, in: 1...31) && parts[2] <= Self.days(inMonth: parts[1], of: parts[0])
    }

    private mutating func clock() -> Bool {
        guard number(2, in: 0...23), skip(0x3A), number(2, in: 0...59), skip(0x3A), number(2, in: 0...60)
        else { return false }
        guard skip(0x2E) else { return true }
        fraction = bytes[position...].prefix(while: PrimitiveScan.isDigit)
        position = fraction.endIndex
        return !fraction.isEmpty
    }

    private mutating func zone() -> Bool {
        if skip(0x5A) { return true }
        let sign = skip(0x2B) ? 1 : skip(0x2D) ? -1 : 0
        guard sign != 0, number(2, in: 0...14), skip(0x3A), number(2, in: 0...59) else { return false }
        let minutes = parts.removeLast()
        let hours = parts.removeLast()
        offset = sign * (hours * 60 + minutes)
        return hours < 14 || minutes == 0
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
