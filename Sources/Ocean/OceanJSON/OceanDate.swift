// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Dates of Ocean JSON: how Ocean writes them is not published, so that ISO 8601 text and milliseconds since 1970 are
/// both read, the latter also as text.
///
/// What is written is always ISO 8601 text, in the precision and with the offset in which the canonical form has it.
enum OceanDate {
    /// ISO text as it is spelled (an offset without colon gets one, a space between day and time becomes `T`), or
    /// milliseconds as ISO text in UTC; nil for anything else. Reading what this gives gives the same again.
    static func text(_ value: JSONValue) -> String? {
        switch value {
        case .number(let number): number.intValue.flatMap { fromMilliseconds(Int64($0)) }
        case .string(let spelled): text(spelled)
        default: nil
        }
    }

    static func text(_ text: String) -> String? {
        var bytes = Array(text.utf8)
        if isMilliseconds(bytes) { return Int64(text).flatMap(fromMilliseconds) }
        guard bytes.count >= 4, bytes.prefix(4).allSatisfy(isDigit) else { return nil }
        switch bytes.count {
        // A year or month alone is a date of FHIR, which the canonical form may hold.
        case 4: return text
        case 7: return bytes[4] == 0x2D && Timestamp(text + "-01T00:00:00Z") != nil ? text : nil
        case 10: return Timestamp(text + "T00:00:00Z") == nil ? nil : text
        case 11...: break
        default: return nil
        }
        guard bytes[10] == 0x54 || bytes[10] == 0x20 || bytes[10] == 0x74 else { return nil }
        bytes[10] = 0x54
        if let last = bytes.last, last == 0x7A { bytes[bytes.count - 1] = 0x5A }
        let plain = String(decoding: bytes, as: UTF8.self)
        if Timestamp(plain) != nil { return withColon(plain, bytes) }
        // Without an offset the time is the site's own; the spelling is kept, nothing is guessed.
        return Timestamp(plain + "Z") == nil ? nil : plain
    }

    /// The day of a date with or without time, in the offset in which it is spelled.
    ///
    /// Milliseconds are spelled in UTC. Midnight in any Canadian zone lies between 02:30 and 08:00 UTC of the same day,
    /// so that a day told as an instant is right whether it was meant in UTC or at the site.
    static func day(of text: String) -> String { String(text.prefix(10)) }

    static func isDay(_ text: String) -> Bool { text.utf8.count == 10 }

    static func hasTime(_ text: String) -> Bool { text.utf8.count > 10 }

    /// Fewer digits would be a year, a compact day or seconds.
    private static func isMilliseconds(_ bytes: [UInt8]) -> Bool {
        let digits = bytes.first == 0x2D ? bytes.dropFirst() : bytes[...]
        return (11...15).contains(digits.count) && digits.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Jackson, which Ocean's server uses, writes `+0000`; RFC 3339 and FHIR want `+00:00`.
    private static func withColon(_ text: String, _ bytes: [UInt8]) -> String {
        let sign = bytes.count - 5
        guard sign > 10, bytes[sign] == 0x2B || bytes[sign] == 0x2D, bytes[sign + 3] != 0x3A else { return text }
        return String(text.dropLast(2)) + ":" + String(text.suffix(2))
    }

    private static func fromMilliseconds(_ milliseconds: Int64) -> String? {
        // Years 0 to 9999, the range of the text form.
        guard (-62_167_219_200_000..<253_402_300_800_000).contains(milliseconds) else { return nil }
        return Timestamp(milliseconds: milliseconds).description
    }
}
