// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import Ocean

@Suite("Keys that bring a form and a referral together")
struct MatchKeyTests {
    private let key = PatientKey(secret: Array(repeating: 7, count: 32))

    private func patient(
        family: String = "Testpatient", given: [String] = ["Zoé"], born: String? = "1980-02-29", chart: String? = nil,
        number: String? = nil, province: String? = "ON"
    ) -> Patient {
        var patient = Patient()
        var name = PersonName()
        name.family = family
        name.given = given
        patient.names = [name]
        patient.birthDate = born
        patient.chartNumber = chart
        if let number {
            patient.healthNumber = HealthNumber()
            patient.healthNumber?.value = number
            patient.healthNumber?.province = province
        }
        return patient
    }

    private func keys(_ patient: Patient) -> [String: String] { key.matchKeys(of: patient) }

    @Test("each rule has a key of its own, and none shows what it is made of")
    func rules() {
        let keys = keys(patient(chart: "CH-1", number: "1234567890AB"))
        #expect(Set(keys.keys) == ["mrn", "health-number", "name"])
        #expect(Set(keys.values).count == 3)
        #expect(keys.values.allSatisfy { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test("without a whole birth date there is no key", arguments: [nil, "", "1980", "1980-02", "29.02.1980"])
    func noBirthDate(born: String?) {
        #expect(keys(patient(born: born, chart: "CH-1", number: "1234567890")).isEmpty)
    }

    @Test("another birth date gives other keys, a time beside it does not")
    func birthDates() {
        let first = keys(patient(chart: "1", number: "1234567890"))
        let other = keys(patient(born: "1980-03-01", chart: "1", number: "1234567890"))
        #expect(first.allSatisfy { other[$0.key] != $0.value })
        #expect(keys(patient(born: "1980-02-29T00:00:00Z", chart: "1", number: "1234567890")) == first)
    }

    @Test(
        "a name is the same without marks, case, blanks and further given names",
        arguments: [
            ("TESTPATIENT", "ZOE"), ("Test-Patient", "zoé"), ("test patient", "Zoe\u{301}"), ("Testpatient", "Zoë"),
        ])
    func names(family: String, given: String) {
        #expect(keys(patient(family: family, given: [given, "Anne"]))["name"] == keys(patient())["name"])
    }

    @Test(
        "other names are others", arguments: [("Testpatient", "Anne"), ("Testpatiente", "Zoé"), ("Zoé", "Testpatient")])
    func otherNames(family: String, given: String) {
        #expect(keys(patient(family: family, given: [given]))["name"] != keys(patient())["name"])
    }

    @Test("letters of other scripts count as they are")
    func scripts() {
        #expect(PatientKey.letters("Øyvind Łukasz Œdipe") == "OYVINDLUKASZOEDIPE")
        #expect(PatientKey.letters("Ольга") == "ОЛЬГА")
        #expect(PatientKey.letters("O’Brien-Smith 3rd") == "OBRIENSMITHRD")
    }

    @Test("a health number is the same with and without version code, blanks and province")
    func healthNumbers() {
        let plain = keys(patient(number: "1234567890"))["health-number"]
        #expect(keys(patient(number: "1234-567-890-AB"))["health-number"] == plain)
        #expect(keys(patient(number: "1234567890", province: nil))["health-number"] == plain)
        #expect(keys(patient(number: "1234567891"))["health-number"] != plain)
    }

    @Test("a chart number is the same with and without leading zeros, also when only an identifier says it")
    func chartNumbers() {
        let plain = keys(patient(chart: "42"))["mrn"]
        #expect(keys(patient(chart: "0042"))["mrn"] == plain)
        var other = patient()
        var identifier = Identifier(system: nil, value: "42")
        identifier.type = [Coding(system: NamingSystem.identifierType, code: "MR")]
        other.identifiers = [identifier]
        #expect(keys(other)["mrn"] == plain)
        #expect(keys(patient(chart: "000"))["mrn"] == nil)
    }
}
