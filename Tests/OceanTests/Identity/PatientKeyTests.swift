// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Testing

@Suite("Patient keys")
struct PatientKeyTests {
    private static let keys = PatientKey(secret: [UInt8](repeating: 7, count: 32))

    private static func key(_ value: String?, _ province: String? = "ON", _ keys: PatientKey = keys) -> String? {
        var number = HealthNumber()
        number.value = value
        number.province = province
        var referral = Referral()
        referral.patient = Patient()
        referral.patient?.healthNumber = number
        return keys.key(of: referral)
    }

    @Test("one number has one key, however it is written")
    func spelling() throws {
        let key = try #require(Self.key("1234567890"))
        #expect(key.utf8.count == 64)
        #expect(key.allSatisfy { $0.isHexDigit })
        for (value, province) in [("1234-567-890", "ON"), ("1234 567 890 AB", "on"), ("1234567890ZZ", "ON")] {
            #expect(Self.key(value, province) == key)
        }
    }

    @Test("another number, issuer or secret has another key")
    func others() {
        let key = Self.key("1234567890")
        #expect(Self.key("1234567891") != key)
        #expect(Self.key("1234567890", "BC") != key)
        #expect(Self.key("1234567890", "ON", PatientKey(secret: [UInt8](repeating: 8, count: 32))) != key)
        #expect(Self.key("ABCD12345678", "QC") != Self.key("ABCE12345678", "QC"))
    }

    @Test("without a health number there is no key")
    func none() {
        #expect(Self.keys.key(of: Referral()) == nil)
        #expect(Self.key(nil) == nil)
        #expect(Self.key(" - ") == nil)
    }
}
