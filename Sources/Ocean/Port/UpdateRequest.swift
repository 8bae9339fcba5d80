// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What one message of a hospital asks for: one change of a referral, or several in the order in which Ocean is to be
/// told.
package struct UpdateRequest: Sendable {
    /// Finds the changes in what is known of the referral.
    package typealias Comparison = @Sendable (ReferralRecord?) throws(TranslationError) -> [RequestedChange]

    /// Ocean's referral reference.
    package let referral: String
    /// Site number of the receiver.
    package let site: String
    /// Whether what is known of the referral decides what the message means: then its parts are to be noted before the
    /// first one is carried out, lest a redelivery takes a part that was carried out for one that was never asked for.
    package let isCompared: Bool
    private let comparison: Comparison

    /// A message that says one thing, whatever is known.
    package init(_ update: ReferralUpdate) {
        self.init(referral: update.referral, site: update.site, isCompared: false) { _ throws(TranslationError) in
            [RequestedChange(update)]
        }
    }

    package init(referral: String, site: String, isCompared: Bool, comparison: @escaping Comparison) {
        self.referral = referral
        self.site = site
        self.isCompared = isCompared
        self.comparison = comparison
    }

    /// - Parameter record: what is known of the referral, if anything.
    /// - Returns: at least one change.
    /// - Throws: `TranslationError` `.invalid` or `.unsupported` with the place and what to send instead.
    package func changes(since record: ReferralRecord?) throws(TranslationError) -> [RequestedChange] {
        try comparison(record)
    }
}

/// One change that a message asks for.
package struct RequestedChange: Sendable, Hashable {
    package var update: ReferralUpdate
    /// Names the change within its message, the same on every delivery: letters, digits and `-`. Empty where the message
    /// can hold only one.
    package let part: String
    /// Ocean's referral shows it already.
    package let isKnown: Bool

    package init(_ update: ReferralUpdate, part: String = "", isKnown: Bool = false) {
        self.update = update
        self.part = part
        self.isKnown = isKnown
    }
}
