// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import Ocean

@Suite("Ocean's encryption")
struct EncryptionVectorTests {
    private let iv = "EBESExQVFhcYGRobHB0eHw=="
    private let wrapped = "IgFMisVuH+jrbBNu1D/aCEoaswRsTSA7nlm3HCHcAQw="
    private let key = SharedEncryptionKey(text: "Bridge#2025aBcD!")
    private let oneTimeBytes = (0xA0...0xAF).map { UInt8($0) }

    private func oneTimeKey() throws -> OneTimeKey { try #require(OneTimeKey(bytes: oneTimeBytes)) }

    @Test("a one-time key unwraps with the shared encryption key")
    func unwrap() throws {
        #expect(try key.unwrap(EncryptedBlock(data: wrapped, iv: iv), at: "/key").bytes == oneTimeBytes)
    }

    @Test("wrapping gives the known ciphertext")
    func wrap() throws {
        let block = try key.wrap(oneTimeKey(), iv: (0x10...0x1F).map { UInt8($0) })
        #expect(block == EncryptedBlock(data: wrapped, iv: iv))
    }

    @Test("a payload decrypts to UTF-8 JSON")
    func payload() throws {
        let data =
            "XkRCrgvlHDcWhU7mPpdP2S53Npvu6aMR1YPKLTwKtSwEfk+pcq7XwFeyEhKwurjVq5rk3bSOCfvxF0qoUu2CevLC"
            + "q1stG75zlua+U2rEAQ1F6AqXX/ASChb2CEfFBjSotxwDGtO1uabgcYWaolALmQ=="
        let json = try oneTimeKey().decryptJSON(EncryptedBlock(data: data, iv: "ICEiIyQlJicoKSorLC0uLw=="), at: "")
        #expect(
            json == [
                "ref": "690",
                "demographics": ["firstName": "Zoé", "surname": "Testpatient", "birthDate": "1980-02-29"],
            ])
    }

    @Test("a short key is padded with zero characters")
    func shortKey() throws {
        let block = EncryptedBlock(data: "PfNYKj+8je/uOdXoVVUI0/ZYgLGe4xjHbkmqibkSNkg=", iv: iv)
        let plain = try SharedEncryptionKey(text: "Short1!a").decrypt(block, at: "")
        #expect(String(decoding: plain, as: UTF8.self) == #"{"message":"ok"}"#)
        #expect(SharedEncryptionKey(text: "Short1!a") == SharedEncryptionKey(text: "Short1!a00000000"))
    }

    @Test("a message block decrypts with the one-time key")
    func message() throws {
        let block = EncryptedBlock(data: "aVc5knWSns67DWYke2KDO6vHIrZ6k0/UVhQekh6awX0=", iv: iv)
        #expect(try oneTimeKey().decryptJSON(block, at: "") == ["message": "Hello"])
    }

    @Test("an independent vector of a public consumer of the API agrees")
    func publicVector() throws {
        let block = EncryptedBlock(
            data: "ZCg4D4k1F2dDSlkkfIoLKQfq/pa/qUOJHKtd8M/rp+I=", iv: "Dw4NDAsKCQgHBgUEAwIBAA==")
        let unwrapped = try SharedEncryptionKey(text: "TestKey1!2345678").unwrap(block, at: "")
        #expect(unwrapped.bytes == (0...15).map { UInt8($0 * 0x11) })
    }

    @Test(
        "a long key is cut to the next key length of AES",
        arguments: [(17, 16), (23, 16), (25, 24), (31, 24), (40, 32)])
    func longKey(length: Int, used: Int) {
        let text = String("Abcdefgh1!Abcdefgh1!Abcdefgh1!Abcdefgh1!".prefix(length))
        #expect(SharedEncryptionKey(text: text) == SharedEncryptionKey(text: String(text.prefix(used))))
    }

    @Test("a site's previous key still opens, the error is the same for every failure")
    func previousKey() throws {
        let other = SharedEncryptionKey(text: "Other#2026aBcD!!")
        let block = EncryptedBlock(data: wrapped, iv: iv)
        let keys = SharedEncryptionKeys(current: other, previous: key)
        #expect(try keys.unwrap(block, at: "/key").bytes == oneTimeBytes)

        let bad = [
            block, EncryptedBlock(data: "not base64!", iv: iv), EncryptedBlock(data: "", iv: iv),
            EncryptedBlock(data: "AAAA", iv: iv), EncryptedBlock(data: wrapped, iv: "AAAA"),
        ]
        let errors = bad.map { block in
            #expect(throws: TranslationError.self) {
                try SharedEncryptionKeys(current: other).unwrap(block, at: "/oneTimeKeyEncryptedWithSiteSEK")
            }
        }
        for error in errors {
            #expect(error?.code == .undecipherable)
            #expect(error?.description == errors.first??.description)
        }
    }

    @Test("plaintext that is no JSON is the same error, without its words")
    func notJSON() throws {
        let key = try oneTimeKey()
        let block = try key.encrypt(Array("Testpatient".utf8))
        let error = #expect(throws: TranslationError.self) { try key.decryptJSON(block, at: "/p") }
        #expect(error?.code == .undecipherable)
        #expect(error?.description.contains("Testpatient") == false)
    }

    @Test("keys never show in text or reflection")
    func redacted() throws {
        #expect("\(key) \(try oneTimeKey())" == "SharedEncryptionKey(redacted) OneTimeKey(redacted)")
        var dumped = ""
        dump(SharedEncryptionKeys(current: key), to: &dumped)
        #expect(!dumped.contains("SymmetricKey"))
    }

    @Test("new keys and initialization vectors differ, and what is encrypted comes back")
    func roundTrip() throws {
        let key = OneTimeKey.random()
        #expect(key != OneTimeKey.random())
        for length in [0, 1, 15, 16, 17, 1000] {
            let plain = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let (first, second) = (try key.encrypt(plain), try key.encrypt(plain))
            #expect(first != second)
            #expect(try key.decrypt(first, at: "") == plain)
        }
        #expect(throws: TranslationError.self) { try key.encrypt([], iv: [1, 2, 3]) }
        #expect(OneTimeKey(bytes: [1, 2, 3]) == nil)
    }
}

@Suite("Encrypted bodies")
struct EncryptedBodyTests {
    private let expected: [UInt8] = [34, 1, 76, 138, 197, 110, 31, 232]

    @Test(
        "base64, quoted base64 and signed bytes are read alike",
        arguments: [
            "IgFMisVuH+g=", " IgFM\nisVuH+g=\n", "\"IgFMisVuH+g=\"", "[34,1,76,-118,-59,110,31,-24]",
            " [34, 1, 76, 138, 197, 110, 31, 232]",
        ])
    func forms(text: String) {
        #expect(EncryptedBody.ciphertext(Array(text.utf8)) == expected)
    }

    @Test("signed bytes come back from their written form")
    func written() {
        #expect(
            String(decoding: EncryptedBody.signedBytes(of: expected), as: UTF8.self) == "[34,1,76,-118,-59,110,31,-24]")
    }

    @Test(
        "anything else is no ciphertext",
        arguments: ["", "  ", "{}", "[300]", "[1.5]", "[\"a\"]", "[1,", "\"open", "%%%", "\u{FFFD}"])
    func refused(text: String) {
        #expect(EncryptedBody.ciphertext(Array(text.utf8)) == nil)
    }
}
