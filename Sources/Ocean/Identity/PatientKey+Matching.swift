// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

extension PatientKey {
    /// Digests by which a form and a referral of one patient are brought together, by `MatchRule`: each holds the birth
    /// date too. A health number counts whatever its province: another patient's of the same digits was not born on the
    /// same day. Empty without a birth date.
    package func matchKeys(of patient: Patient) -> [String: String] {
        guard let born = patient.birthDate.flatMap(Self.day) else { return [:] }
        var keys: [String: String] = [:]
        func note(_ rule: MatchRule, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            keys[rule.rawValue] = digest("\(rule.rawValue)|\(text)|\(born)")
        }
        note(.mrn, Self.chartNumber(of: patient))
        note(.healthNumber, patient.healthNumber.flatMap(Self.normalised))
        note(.name, Self.name(of: patient))
        return keys
    }

    /// A lane's key that does not tell whose it is.
    package func lane(_ patient: String, site: String) -> String { digest("lane|\(site)|\(patient)") }

    /// Letters and digits in capitals, leading zeros off: systems pad them at will.
    private static func chartNumber(of patient: Patient) -> String? {
        let stated =
            patient.chartNumber
            ?? patient.identifiers.first { identifier in
                identifier.type.contains { $0.code == "MR" && $0.system == NamingSystem.identifierType }
            }?.value
        return stated.map { String(plain($0).drop { $0 == "0" }) }
    }

    /// Family name and first given name of the name in use.
    private static func name(of patient: Patient) -> String? {
        let others: Set<String> = ["nickname", "maiden", "old", "temp", "anonymous"]
        let names = patient.names
        let main = names.first { $0.use == "official" } ?? names.first { !others.contains($0.use ?? "") }
        guard let main, let family = main.family.map(letters), !family.isEmpty,
            let given = main.given.first.map(letters), !given.isEmpty
        else { return nil }
        return family + "|" + given
    }

    /// Letters in capitals without their marks, so that `Zoé` is `ZOE`; hyphens, blanks and apostrophes do not count.
    static func letters(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            output += base(of: scalar) ?? scalar.properties.uppercaseMapping
        }
        return output
    }

    /// The letter without its mark, told by the name that Unicode gives the character (`LATIN SMALL LETTER E WITH ACUTE`).
    private static func base(of scalar: Unicode.Scalar) -> String? {
        guard scalar.value > 0x7F, let words = scalar.properties.name?.split(separator: " "), words.count > 3,
            words[0] == "LATIN", words[1] == "SMALL" || words[1] == "CAPITAL",
            words[2] == "LETTER" || words[2] == "LIGATURE", words[3].utf8.count <= 2
        else { return nil }
        return String(words[3])
    }

    /// `yyyy-mm-dd`, also of a date with a time.
    private static func day(_ text: String) -> String? {
        let day = text.prefix(10)
        let digits = day.utf8.enumerated().allSatisfy { $0 == 4 || $0 == 7 ? $1 == 0x2D : (0x30...0x39).contains($1) }
        return day.utf8.count == 10 && digits ? String(day) : nil
    }
}
