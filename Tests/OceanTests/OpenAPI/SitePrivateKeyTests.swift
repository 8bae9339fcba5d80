// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import Ocean

@Suite("A site's private keys")
struct SitePrivateKeyTests {
    private let shared = SharedEncryptionKey(text: "Bridge#2025aBcD!")
    private let other = SharedEncryptionKey(text: "Other#2024aBcD!!")
    private let bytes = (0xA0...0xAF).map { UInt8($0) }
    private let json = JSONValue.object(
        JSONObject(RSAVector.members.map { JSONMember(name: $0.name, value: .string($0.value)) }))

    private func keys() throws -> SitePrivateKeys { SitePrivateKeys([try #require(SitePrivateKey(json: json))]) }

    private func place(_ body: () throws(TranslationError) -> Void) -> TranslationError? {
        do throws(TranslationError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("what OpenSSL wrapped opens, as bytes, as base64 and as hexadecimal digits")
    func vectors() throws {
        for wrapped in [RSAVector.raw, RSAVector.base64, RSAVector.hexadecimal] {
            #expect(try keys().unwrap(wrapped, at: "/key").bytes == bytes)
        }
    }

    @Test("Ocean's answer opens with the current key and with the previous one; parts that are no key do not matter")
    func answer() throws {
        let body = Array(RSAVector.answer.utf8)
        for known in [
            SharedEncryptionKeys(current: shared), SharedEncryptionKeys(current: other, previous: shared),
        ] {
            let found = try SitePrivateKeys(opening: body, iv: RSAVector.iv, keys: known, at: "/a")
            #expect(try found.unwrap(RSAVector.raw, at: "/key").bytes == bytes)
        }
        let quoted = JSONValue.string(RSAVector.answer).bytes()
        let found = try SitePrivateKeys(
            opening: quoted, iv: RSAVector.iv, keys: SharedEncryptionKeys(current: shared), at: "/a")
        #expect(try found == keys())
    }

    @Test("a wrong key, a cut text and a text without keys are one error")
    func closed() throws {
        let keys = SharedEncryptionKeys(current: shared)
        let empty = try shared.encrypt(Array("nothing|{}".utf8))
        let cases: [(body: String, iv: String, keys: SharedEncryptionKeys)] = [
            (RSAVector.answer, RSAVector.iv, SharedEncryptionKeys(current: other)),
            (String(RSAVector.answer.dropLast(4)), RSAVector.iv, keys), ("", RSAVector.iv, keys),
            ("%%%", RSAVector.iv, keys), (RSAVector.answer, "AAAA", keys), (empty.data, empty.iv, keys),
        ]
        for (body, iv, keys) in cases {
            let error = place { () throws(TranslationError) in
                _ = try SitePrivateKeys(opening: Array(body.utf8), iv: iv, keys: keys, at: "/a")
            }
            #expect(error?.description == TranslationError.undecipherable(at: "/a").description)
        }
    }

    @Test("another key, a cut or changed ciphertext and a text that is no key are one error")
    func padding() throws {
        let fresh = try #require(SitePrivateKey.random())
        let keys = try keys()
        var changed = try #require(Base64Text.bytes(RSAVector.raw))
        changed[40] ^= 1
        let cases: [(SitePrivateKeys, String)] = [
            (SitePrivateKeys([fresh]), RSAVector.raw), (SitePrivateKeys([]), RSAVector.raw),
            (keys, String(RSAVector.raw.dropLast(4))), (keys, RSAVector.noKey), (keys, Base64Text.text(changed)),
            (keys, ""), (keys, "%%%"), (keys, Base64Text.text([UInt8](repeating: 0xFF, count: 128))),
        ]
        for (keys, wrapped) in cases {
            let error = place { () throws(TranslationError) in _ = try keys.unwrap(wrapped, at: "/k") }
            #expect(error?.description == TranslationError.undecipherable(at: "/k").description)
        }
    }

    @Test("of several keys the one that fits opens, wherever it stands")
    func several() throws {
        let mine = try #require(SitePrivateKey(json: json))
        let fresh = try #require(SitePrivateKey.random())
        for keys in [SitePrivateKeys([mine, fresh]), SitePrivateKeys([fresh, mine])] {
            #expect(try keys.unwrap(RSAVector.raw, at: "").bytes == bytes)
            let wrapped = try #require(fresh.wrap(bytes))
            #expect(try keys.unwrap(wrapped, at: "").bytes == bytes)
        }
    }

    @Test("a new key comes back from Ocean's form and says nothing of itself")
    func form() throws {
        let key = try #require(SitePrivateKey.random())
        #expect(SitePrivateKey(json: key.json) == key)
        #expect("\(key)" == "SitePrivateKey(redacted)")
        #expect("\(SitePrivateKeys([key]))" == "SitePrivateKeys(redacted)")
        #expect(key.wrap([UInt8](repeating: 1, count: 300)) == nil)
    }

    @Test("numbers that make no key are refused, never a trap")
    func noKeys() throws {
        #expect(SitePrivateKey(json: .null) == nil)
        for (name, value) in RSAVector.members {
            for wrong in [
                "", "0", "1", "zz", "-1", String(value.dropLast(1)) + "x", String(repeating: "f", count: 9000),
            ] {
                var changed = json
                changed[name] = .string(wrong)
                #expect(SitePrivateKey(json: changed) == nil, "\(name)")
            }
            var changed = json
            changed[name] = 65537
            #expect(SitePrivateKey(json: changed) == nil)
        }
        var short = json
        short["n"] = .string(String(repeating: "f", count: 128))
        #expect(SitePrivateKey(json: short) == nil)
    }

    @Test("a text in a padded block is a key by its length")
    func encodings() {
        let long = (0..<32).map { UInt8($0) }
        #expect(SitePrivateKeys.oneTimeKey(bytes)?.bytes == bytes)
        #expect(SitePrivateKeys.oneTimeKey(Array(Hexadecimal.text(bytes).uppercased().utf8))?.bytes == bytes)
        #expect(SitePrivateKeys.oneTimeKey(Array(Base64Text.text(long).utf8))?.bytes == long)
        #expect(SitePrivateKeys.oneTimeKey(Array(Hexadecimal.text(long).utf8))?.bytes == long)
        #expect(SitePrivateKeys.oneTimeKey(long)?.bytes == long)
        for count in [0, 1, 15, 17, 31, 33, 100] {
            #expect(SitePrivateKeys.oneTimeKey([UInt8](repeating: 1, count: count)) == nil)
        }
    }
}
