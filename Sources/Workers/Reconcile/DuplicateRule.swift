// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Whether a message of Ocean's was delivered before: FHIR messaging's rule on the pair (Bundle.id, MessageHeader.id),
/// then the content.
///
/// FHIR lets a receiver reprocess what is sent again under a known MessageHeader.id. Here a message is kept back only
/// when the hospital is certain to have it already as the last word on the referral; whatever is in doubt is delivered,
/// for a message too many is a nuisance and a message too few a patient lost.
enum DuplicateRule {
    /// The four cells of the rule, among what is recalled of the referral.
    enum Cell: String, Sendable, CaseIterable {
        /// Neither id is known: the normal case.
        case neither = "new"
        /// Both are: the sender did not see our answer.
        case both = "both-known"
        /// A known message in a new envelope: sent again.
        case header = "header-known"
        /// A known envelope round a new message: the sender's mistake.
        case bundle = "bundle-known"
    }

    struct Verdict: Sendable, Hashable {
        let cell: Cell
        let isDuplicate: Bool
        /// When the message happened: a message sent again happened when it was sent first.
        let sourceTime: Timestamp
    }

    /// - Parameters:
    ///   - incoming: the message; its `deliveredAt` is the time now.
    ///   - recent: what was delivered in its stream, newest first.
    ///   - window: how long after a delivery the same content, with nothing between, counts as the sender's retry.
    static func verdict(on incoming: DeliveredContent, among recent: [DeliveredContent], window: Duration) -> Verdict {
        let same = recent.filter { $0.digest == incoming.digest }
        let cell = cell(of: incoming, among: recent)
        let first = same.last { isSet(incoming.headerID) && $0.headerID == incoming.headerID }
        let time = min(incoming.sourceTime, first?.sourceTime ?? incoming.sourceTime)
        if same.contains(where: { hasBothIDs(of: incoming, $0) }) {
            return Verdict(cell: .both, isDuplicate: true, sourceTime: time)
        }
        // The last word is the newest by its own time: one that came late said nothing of the present.
        let last = recent.reduce(nil as DeliveredContent?) { found, next in
            found.map { next.sourceTime > $0.sourceTime ? next : $0 } ?? next
        }
        guard let last, last.digest == incoming.digest, incoming.sourceTime >= last.sourceTime else {
            return Verdict(cell: cell, isDuplicate: false, sourceTime: time)
        }
        let age = incoming.deliveredAt.duration(since: last.deliveredAt)
        return Verdict(cell: cell, isDuplicate: age < window, sourceTime: time)
    }

    private static func cell(of incoming: DeliveredContent, among recent: [DeliveredContent]) -> Cell {
        let isBundleKnown = isSet(incoming.bundleID) && recent.contains { $0.bundleID == incoming.bundleID }
        let isHeaderKnown = isSet(incoming.headerID) && recent.contains { $0.headerID == incoming.headerID }
        return switch (isBundleKnown, isHeaderKnown) {
        case (false, false): .neither
        case (true, true): .both
        case (false, true): .header
        case (true, false): .bundle
        }
    }

    private static func hasBothIDs(of incoming: DeliveredContent, _ known: DeliveredContent) -> Bool {
        isSet(incoming.bundleID) && isSet(incoming.headerID) && known.bundleID == incoming.bundleID
            && known.headerID == incoming.headerID
    }

    private static func isSet(_ id: String?) -> Bool { id.map { !$0.isEmpty } ?? false }
}
