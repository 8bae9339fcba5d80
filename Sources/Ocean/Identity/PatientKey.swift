// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto

/// Digests by which referrals of one patient are found without keeping the health number: HMAC-SHA256 under a secret
/// of the installation, so that a list of all numbers does not undo them.
package struct PatientKey: Sendable {
    private let secret: SymmetricKey

    /// - Parameter secret: at least 16 random bytes, kept with the store.
    package init(secret: [UInt8]) {
        self.secret = SymmetricKey(data: secret)
    }

    /// The key of the referral's patient in lower-case hexadecimal; nil without a health number.
    package func key(of referral: Referral) -> String? {
        guard let number = referral.patient?.healthNumber, let value = Self.normalised(number) else { return nil }
        let issuer = Self.plain(number.province ?? "")
        return digest(issuer + "|" + value)
    }

    /// A digest of any text, in lower-case hexadecimal.
    func digest(_ text: String) -> String {
        var code = HMAC<SHA256>(key: secret)
        code.update(data: Array(text.utf8))
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in code.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Letters and digits in capitals. Ontario's version code, written behind the ten digits by some senders, changes
    /// with the card and is no part of the number.
    static func normalised(_ number: HealthNumber) -> String? {
        let text = plain(number.value ?? "")
        let digits = text.prefix { ("0"..."9").contains($0) }
        if digits.count == 10, text.count <= 12 { return String(digits) }
        return text.isEmpty ? nil : text
    }

    static func plain(_ text: String) -> String {
        String(
            decoding: text.uppercased().utf8.filter {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
            }, as: UTF8.self)
    }
}
