// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// In which form a referral of the Open eReferral API brings its one-time key.
package enum WrappedReferralKey: Sendable, Equatable {
    /// With the site's Shared Encryption Key: the way that Ocean recommends.
    case shared(EncryptedBlock)
    /// With the site's public RSA key, base64.
    case rsa(String)
    /// There is a member of the name, but nothing in it that could be a key.
    case malformed
    case none

    /// Where the first form stands.
    package static let sharedPlace = "/oneTimeKeyEncryptedWithSiteSEK"
    /// Where the second form stands.
    package static let rsaPlace = "/oneTimeKeyEncryptedWithTargetPublicKey"

    /// - Parameter referral: as Ocean serves it. The Shared Encryption Key comes first where both forms are there.
    package init(of referral: JSONValue) {
        if let wrapped = referral["oneTimeKeyEncryptedWithSiteSEK"], !wrapped.isNull {
            self = EncryptedBlock(json: wrapped).map { .shared($0) } ?? .malformed
        } else if let wrapped = referral["oneTimeKeyEncryptedWithTargetPublicKey"]?.stringValue, !wrapped.isEmpty {
            self = .rsa(wrapped)
        } else {
            self = .none
        }
    }
}
