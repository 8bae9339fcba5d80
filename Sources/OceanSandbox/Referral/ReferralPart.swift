// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// One part of a split referral: what is asked for, and of whom.
package struct ReferralPart: JSONRecord {
    package var kind: SyntheticReferral.Kind = .backPain
    /// Directory listing that receives the part.
    package var listing = ""
    /// Name under which later steps of a scenario know it.
    package var name: String?

    package init() {}

    package init(_ kind: SyntheticReferral.Kind, listing: String) {
        self.kind = kind
        self.listing = listing
    }

    package static let fields: [Field<ReferralPart>] = [
        .required("kind", \.kind), .required("listing", \.listing), .optional("as", \.name),
    ]
}
