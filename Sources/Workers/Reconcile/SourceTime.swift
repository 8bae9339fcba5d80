// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// When a message of Ocean's happened, and whether that is earlier than what is known.
enum SourceTime {
    /// How far Ocean's clock may be ahead of ours.
    static let tolerance: Duration = .seconds(600)

    /// What Ocean says; the time of acceptance where it does not say. A time that lies ahead counts as now, or every
    /// later message of the referral would be late.
    static func of(_ message: Message, _ canonical: CanonicalMessage, now: Timestamp) -> Timestamp {
        let stated =
            canonical.event.timestamp.flatMap { Timestamp($0) }
            ?? canonical.referral?.modified.flatMap { Timestamp($0) } ?? message.time
        return stated > now.advanced(by: tolerance) ? now : stated
    }

    /// Older than what was taken over last. At the same time it is not: the later to arrive may say more.
    static func isLate(_ time: Timestamp, known: ReferralRecord?) -> Bool {
        known.map { time < $0.sourceTime } ?? false
    }
}
