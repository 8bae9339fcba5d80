// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import CDSHooks

@Suite("Rule: health number")
struct HealthNumberTests {
    private func number(_ value: String?, _ province: String?, version: String? = nil) -> HealthNumber {
        var number = HealthNumber()
        number.value = value
        number.province = province
        number.versionCode = version
        return number
    }

    @Test(
        "a number is judged by its province",
        arguments: [
            ("1234567897", "ON", nil), ("1234-567-897", "ON", nil), ("1234 567 897 AB", "on", nil),
            ("1234567890", "ON", .checkDigit), ("123456789", "ON", .form), ("12345678970", "ON", .form),
            ("1234567897ABC", "ON", .form), ("ABCDEFGHIJ", "ON", .form), ("１２３４５６７８９７", "ON", .form),
            ("9698658215", "BC", nil), ("9698 658 215", "BC", nil), ("9698648215", "BC", .checkDigit),
            ("5736504210", "BC", .form), ("969865821", "BC", .form),
            ("TREM84522913", "QC", nil), ("trem 8452 2913", "QC", nil), ("TREM84132913", "QC", .form),
            ("TREM84523213", "QC", .form), ("TRE845229130", "QC", .form),
            ("123456789", "AB", nil), ("12345678", "AB", .form), ("123456789", "MB", nil), ("1234567890", "MB", .form),
            ("123456789", "SK", nil), ("123456789", "NB", nil), ("12345678", "NB", .form),
            ("1234567890", "NS", nil), ("123456789", "NS", .form), ("123456789012", "NL", nil),
            ("12345678901", "NL", .form), ("12345678", "PE", nil), ("1234567", "PE", .form),
            ("N1234567", "NT", nil), ("12345678", "NT", .form), ("", "NT", nil), ("123456789", "YT", nil),
            ("123456789", "NU", nil), ("12345678X", "NU", .form),
            ("anything", "XX", nil), ("1234567890", "", nil),
        ] as [(String, String, HealthNumberCheck.Fault?)])
    func judged(value: String, province: String, fault: HealthNumberCheck.Fault?) {
        #expect(HealthNumberCheck.fault(in: number(value, province)) == fault)
    }

    @Test("nothing is said without a number or a province")
    func absent() {
        #expect(HealthNumberCheck.fault(in: number(nil, "ON")) == nil)
        #expect(HealthNumberCheck.fault(in: number(" - ", "ON")) == nil)
        #expect(HealthNumberCheck.fault(in: number("1234567890", nil)) == nil)
    }

    @Test("an Ontario version code is one or two letters", arguments: ["A", "ab", "ZZ", "", " "])
    func versionCode(code: String) {
        #expect(HealthNumberCheck.fault(in: number("1234567897", "ON", version: code)) == nil)
    }

    @Test("another version code is told", arguments: ["1", "ABC", "A1", "É"])
    func wrongVersionCode(code: String) {
        #expect(HealthNumberCheck.fault(in: number("1234567897", "ON", version: code)) == .versionCode)
    }

    @Test("a single wrong digit is always caught", arguments: ["ON", "BC"], 0..<8)
    func singleDigit(province: String, part: Int) {
        var random = SeededGenerator(seed: PropertySeed.part(part))
        var judged = 0
        for _ in 0..<200 {
            var digits = (0..<9).map { _ in UInt8.random(in: 0x30...0x39, using: &random) }
            if province == "BC" { digits[0] = 0x39 }
            // Some stems of British Columbia have no check digit and are not issued.
            guard
                let valid = (UInt8(0x30)...0x39).map({ digits + [$0] }).first(where: { digits in
                    HealthNumberCheck.fault(in: number(String(decoding: digits, as: UTF8.self), province)) == nil
                })
            else { continue }
            judged += 1
            for place in valid.indices {
                let passed = (UInt8(0x30)...0x39).filter { other in
                    var wrong = valid
                    wrong[place] = other
                    let text = String(decoding: wrong, as: UTF8.self)
                    return HealthNumberCheck.fault(in: number(text, province)) == nil
                }
                #expect(passed == [valid[place]], "seed \(PropertySeed.base), \(province), place \(place)")
            }
        }
        #expect(judged > 100)
    }

    @Test("cards never hold the number")
    func cards() async throws {
        let rule = HealthNumberRule(indicator: .critical, source: RuleSubjects.source)
        let cases = [
            ("1234567890", "ON", nil, "The health number fails its check digit (Ontario).", Card.Indicator.critical),
            (
                "123456", "QC", nil, "The health number does not have the form of a number of Québec.",
                Card.Indicator.critical
            ),
            (
                "1234567897", "ON", "XYZ9",
                "The version code of the health card is not one or two letters (Ontario).", Card.Indicator.info
            ),
        ]
        for (value, province, version, summary, indicator) in cases {
            let subject = RuleSubjects.subject { referral in
                referral.patient = Patient()
                referral.patient?.healthNumber = number(value, province, version: version)
            }
            let cards = try await rule.cards(for: subject, now: RuleSubjects.now)
            #expect(cards.map(\.summary) == [summary])
            #expect(cards.map(\.indicator) == [indicator])
            for card in cards {
                #expect(card.uuid == nil)
                #expect(card.summary.count < 140)
                #expect(!"\(card)".contains(value))
                #expect(version.map { !"\(card)".contains($0) } ?? true)
            }
        }
    }

    @Test("a referral without patient or with a good number has no card")
    func silent() async throws {
        let rule = HealthNumberRule(source: RuleSubjects.source)
        #expect(try await rule.says(RuleSubjects.subject()) == [])
        let good = RuleSubjects.subject { referral in
            referral.patient = Patient()
            referral.patient?.healthNumber = number("1234567897", "ON", version: "ZZ")
        }
        #expect(try await rule.says(good) == [])
    }
}
