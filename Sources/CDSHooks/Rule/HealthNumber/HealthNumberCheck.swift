// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// What can be told of a health number from its digits alone.
///
/// Check digits are judged where the algorithm is published and certain: Ontario (mod 10, ISO/IEC 7812-1 Annex B) and
/// British Columbia (mod 11, HNI conformance standards). Elsewhere only the form is.
enum HealthNumberCheck {
    enum Fault: Sendable, Hashable {
        /// Not the length or kinds of characters that the province's numbers have.
        case form
        case checkDigit
        /// Ontario: not one or two letters.
        case versionCode
    }

    /// - Returns: nil when nothing is wrong, or nothing can be told: no number, a province that is not known.
    static func fault(in number: HealthNumber) -> Fault? {
        let text = compact(number.value ?? "")
        guard !text.isEmpty, let province = number.province?.uppercased() else { return nil }
        if province == "ON" { return ontario(text, versionCode: number.versionCode) }
        guard let form = forms[province] else { return nil }
        guard form(text) else { return .form }
        if province == "BC", !isBritishColumbia(text) { return .checkDigit }
        return nil
    }

    /// The provinces and territories of which something is known, by their two letters.
    static let provinces = [
        "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
        "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut",
        "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Québec", "SK": "Saskatchewan", "YT": "Yukon",
    ]

    private static let forms: [String: @Sendable ([UInt8]) -> Bool] = [
        "AB": { isDigits($0, 9) }, "BC": { isDigits($0, 10) && $0.first == 0x39 }, "MB": { isDigits($0, 9) },
        "NB": { isDigits($0, 9) }, "NL": { isDigits($0, 12) }, "NS": { isDigits($0, 10) },
        "NT": { $0.count == 8 && isLetter($0[0]) && isDigits(Array($0.dropFirst()), 7) }, "NU": { isDigits($0, 9) },
        "PE": { isDigits($0, 8) }, "QC": isQuebec, "SK": { isDigits($0, 9) }, "YT": { isDigits($0, 9) },
    ]

    /// Capitals and digits; blanks, hyphens, points and slashes are how people group them. Anything else stays, and
    /// spoils the form.
    private static func compact(_ text: String) -> [UInt8] {
        text.uppercased().utf8.filter { ![0x20, 0x2D, 0x2E, 0x2F].contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    private static func isDigits(_ text: [UInt8], _ count: Int) -> Bool {
        text.count == count && text.allSatisfy(isDigit)
    }

    /// Ten digits; some senders write the version code behind them.
    private static func ontario(_ text: [UInt8], versionCode: String?) -> Fault? {
        let digits = Array(text.prefix { isDigit($0) })
        guard digits.count == 10 else { return .form }
        let written = Array(text.dropFirst(10))
        guard written.count <= 2, written.allSatisfy(isLetter) else { return .form }
        guard isLuhn(digits) else { return .checkDigit }
        let version = compact(versionCode ?? "")
        guard version.count <= 2, version.allSatisfy(isLetter) else { return .versionCode }
        return nil
    }

    /// Mod 10 with every second digit from the right doubled.
    static func isLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, byte) in digits.reversed().enumerated() {
            let digit = Int(byte) - 0x30
            let weighted = place.isMultiple(of: 2) ? digit : digit * 2
            sum += weighted > 9 ? weighted - 9 : weighted
        }
        return sum.isMultiple(of: 10)
    }

    /// The second to ninth digits with weights, and the tenth, sum up to a multiple of 11.
    static func isBritishColumbia(_ digits: [UInt8]) -> Bool {
        let weights = [2, 4, 8, 5, 10, 9, 7, 3, 1]
        var sum = 0
        for (byte, weight) in zip(digits.dropFirst(), weights) { sum += (Int(byte) - 0x30) * weight }
        return sum.isMultiple(of: 11)
    }

    /// Four letters of the name, year, month (women's plus 50), day, and two characters of the Régie's own.
    private static func isQuebec(_ text: [UInt8]) -> Bool {
        guard text.count == 12, text.prefix(4).allSatisfy(isLetter), text.dropFirst(4).allSatisfy(isDigit) else {
            return false
        }
        func number(_ place: Int) -> Int { (Int(text[place]) - 0x30) * 10 + Int(text[place + 1]) - 0x30 }
        let month = number(6)
        return ((1...12).contains(month) || (51...62).contains(month)) && (1...31).contains(number(8))
    }
}
