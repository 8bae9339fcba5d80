// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Dates of Ocean JSON: how Ocean writes them is not published, so that ISO 8601 text and milliseconds since 1970 are
/// both read.
enum OceanDate {
    /// ISO text as it is spelled (an offset without colon gets one), or milliseconds as ISO text in UTC; nil for
    /// anything else.
    static func text(_ value: JSONValue) -> String? {
        switch value {
        case .number(let number): number.intValue.flatMap { fromMilliseconds(Int64($0)) }
        case .string(let text): fromText(text)
        default: nil
        }
    }

    /// The day of a date with or without time, in the offset in which it is spelled.
    static func day(of text: String) -> String { String(text.prefix(10)) }

    static func isDay(_ text: String) -> Bool { text.utf8.count == 10 }

    private static func fromText(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        if (12...14).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int64(text).flatMap(fromMilliseconds)
        }
        guard bytes.count >= 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
        if bytes.count == 10 { return Timestamp(text + "T00:00:00Z") == nil ? nil : text }
        guard bytes[10] == 0x54 || bytes[10] == 0x20 else { return nil }
        if Timestamp(text) != nil { return withColon(text, bytes) }
        // Without an offset the time is the site's own; the spelling is kept, nothing is guessed.
        return Timestamp(text + "Z") == nil ? nil : text
    }

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
