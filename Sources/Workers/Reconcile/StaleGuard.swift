// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

/// Whether an update would undo a newer change of the referral.
///
/// It is stale when the hospital says when it happened, and what it overwrites was changed after that: in Ocean by
/// somebody else, or by another update that went out through the bridge. One that does not say when it happened is left
/// to Ocean's own judgement.
enum StaleGuard {
    struct Staleness: Sendable, Hashable {
        /// `ReferralAspect`.
        let aspect: String
        let changedAt: Timestamp
    }

    /// Of the times in `ReferralRecord.changedAt`, those of our own updates: an echo may still come in of what was
    /// changed by them only.
    static func own(_ aspect: String) -> String { "sent:\(aspect)" }

    /// - Returns: what was changed since; nil when the update may go.
    static func staleness(
        of update: ReferralUpdate, appointmentID: String?, record: ReferralRecord?
    ) -> Staleness? {
        guard let time = update.occurredAt.flatMap({ Timestamp($0) }), let record else { return nil }
        for aspect in ReferralAspect.aspects(of: update, appointmentID: appointmentID).sorted() {
            // To say again what is so already undoes nothing.
            if aspect == ReferralAspect.status, update.action.resultingStatus?.rawValue == record.status { continue }
            if let found = change(of: aspect, after: time, record) { return found }
        }
        if bookings.contains(update.action), ended.contains(record.status) {
            return change(of: ReferralAspect.status, after: time, record)
        }
        return nil
    }

    /// What is written down once an update went out.
    ///
    /// - Parameter sentAt: when it went out: a hospital's clock may be ahead.
    static func changes(
        by update: ReferralUpdate, appointmentID: String?, sentAt: Timestamp
    ) -> [String: Timestamp] {
        guard let time = update.occurredAt.flatMap({ Timestamp($0) }) else { return [:] }
        var aspects = ReferralAspect.aspects(of: update, appointmentID: appointmentID)
        // An older acceptance or completion would undo the booking.
        if bookings.contains(update.action) { aspects.insert(ReferralAspect.status) }
        return Dictionary(aspects.map { (own($0), min(time, sentAt)) }) { $1 }
    }

    private static func change(of aspect: String, after time: Timestamp, _ record: ReferralRecord) -> Staleness? {
        var related = [aspect]
        // Once forwarded, it is somebody else's to accept or decline.
        if aspect == ReferralAspect.status { related.append(ReferralAspect.listing) }
        // Some appointment was removed, and it is not known which.
        if aspect.hasPrefix(ReferralAspect.appointment("")) { related.append(ReferralAspect.appointments) }
        for name in related {
            for key in [name, own(name)] {
                if let changed = record.changedAt[key], changed > time {
                    return Staleness(aspect: name, changedAt: changed)
                }
            }
        }
        return nil
    }

    /// Actions that need a referral that has not ended, and give it another state.
    private static let bookings: Set<UpdateAction> = [.book, .confirmBooking, .reschedule]

    private static let ended = Set(
        [ReferralStatus.declined, .cancelled, .completed, .forwarded, .external].map(\.rawValue))
}
