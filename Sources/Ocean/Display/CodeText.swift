// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Words for people instead of codes: Ocean writes an enumerator such as `HOME_AND_COMMUNITY_CARE` as the display of a
/// category, and often no display at all beside a SNOMED CT code.
package enum CodeText {
    /// What a person can read of a coding: its display where that is meant for people, the words of an enumerator, the
    /// term of a known code, else the name of the code system with the code. Nil for an empty coding.
    package static func words(for coding: Coding) -> String? {
        if let display = coding.display, !display.isEmpty {
            return isEnumerator(display) ? enumeratorWords(display) : display
        }
        guard let code = coding.code, !code.isEmpty else { return nil }
        if let term = term(of: code, in: coding.system) { return term }
        return isEnumerator(code) ? enumeratorWords(code) : "\(systemName(coding.system)) \(code)"
    }

    /// The term of a code of SNOMED CT (international or Canadian) or LOINC that referrals are known to use.
    package static func term(of code: String, in system: String?) -> String? {
        switch systemName(system) {
        case snomed: CodeTextTable.snomed[code]
        case loinc: CodeTextTable.loinc[code]
        default: nil
        }
    }

    /// Whether a text is a name for programs: letters, digits and underscores only, and either an underscore or
    /// capitals in a way that no word is written. `ENT` and `Cardiology` are words.
    package static func isEnumerator(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard scalars.count >= 2, scalars.count <= 200, scalars.allSatisfy({ $0.isASCIIWord || $0 == "_" }) else {
            return false
        }
        if CodeTextTable.enumerators[text] != nil || scalars.contains("_") { return true }
        if scalars.allSatisfy({ $0.isUppercaseASCII }) { return scalars.count > 4 }
        // Names of people are written so, too.
        if text.hasPrefix("Mc") || text.hasPrefix("Mac") { return false }
        return zip(scalars, scalars.dropFirst()).contains { $0.isLowercaseASCII && $1.isUppercaseASCII }
    }

    /// `MENTAL_HEALTH_ASSESSMENT` → `Mental health assessment`; `Cardiology_AdultEcho` → `Cardiology – Adult Echo`.
    package static func enumeratorWords(_ text: String) -> String {
        if let known = CodeTextTable.enumerators[text] { return known }
        let parts = text.split(separator: "_").map { words(inPart: String($0)) }.filter { !$0.isEmpty }
        guard !parts.isEmpty else { return text }
        guard text.unicodeScalars.contains(where: { $0.isLowercaseASCII }) else {
            return sentence(parts.flatMap { $0 })
        }
        // Mixed case: an underscore parts group and detail, and the writer's capitals stay.
        return parts.map { $0.joined(separator: " ") }.joined(separator: " – ")
    }

    /// The words that capitals mark: `AdultEcho` → `Adult`, `Echo`; `CTChest` → `CT`, `Chest`.
    private static func words(inPart part: String) -> [String] {
        let scalars = Array(part.unicodeScalars)
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let before = index > 0 ? scalars[index - 1] : nil
            let after = index + 1 < scalars.count ? scalars[index + 1] : nil
            let startsWord =
                scalar.isUppercaseASCII
                && (before.map { $0.isLowercaseASCII || $0.isASCIIDigit } == true
                    || (before?.isUppercaseASCII == true && after?.isLowercaseASCII == true))
            if startsWord, !word.isEmpty {
                words.append(String(word))
                word = String.UnicodeScalarView()
            }
            word.append(scalar)
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }

    /// Words in capitals as a sentence; abbreviations keep theirs.
    private static func sentence(_ words: [String]) -> String {
        words.enumerated().map { index, word in
            if CodeTextTable.abbreviations.contains(word) { return word }
            let lower = word.lowercased()
            return index == 0 ? lower.prefix(1).uppercased() + lower.dropFirst() : lower
        }.joined(separator: " ")
    }

    private static let snomed = "SNOMED CT"
    private static let loinc = "LOINC"

    private static func systemName(_ system: String?) -> String {
        switch system {
        case NamingSystem.snomed, NamingSystem.snomedCanada: snomed
        case NamingSystem.loinc: loinc
        default: "Code"
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isUppercaseASCII: Bool { ("A"..."Z").contains(self) }
    fileprivate var isLowercaseASCII: Bool { ("a"..."z").contains(self) }
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isASCIIWord: Bool { isUppercaseASCII || isLowercaseASCII || isASCIIDigit }
}
