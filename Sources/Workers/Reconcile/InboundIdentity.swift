// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

/// How a message of Ocean's is known again.
struct InboundIdentity: Sendable, Hashable {
    /// What is leased while the message is in work and done once the next hop has confirmed.
    let key: String
    /// The key of the message itself; another one only for a replay.
    let ownKey: String
    /// An operator put it back: it passes every duplicate check but that of its own identity.
    let isReplay: Bool
    /// Put back by hand, without an identity: no lease can be kept for it.
    let isLeased: Bool
    /// What it is compared by; nil for a thin event, whose content is fetched later, and for content without any id or
    /// time: a referral that changes twice may give the same bytes twice.
    let content: DeliveredContent?

    init(_ message: Message, _ canonical: CanonicalMessage, now: Timestamp) {
        let event = canonical.event
        let time = event.timestamp ?? canonical.referral?.modified
        let isDated = event.bundleID != nil || event.headerID != nil || time != nil
        let stream = [message.attributes.integration ?? message.source, message.subject ?? ""].joined(separator: "|")
        if event.thin || !isDated || canonical.original.sha256.isEmpty {
            content = nil
            ownKey = "message|\(message.id)"
        } else {
            let content = DeliveredContent(
                stream: stream, bundleID: event.bundleID, headerID: event.headerID,
                digest: ContentDigest.digest(of: canonical),
                sourceTime: SourceTime.of(message, canonical, now: now), deliveredAt: now)
            self.content = content
            // A state that returns has the same content: only both ids, or the time, make it the same message.
            let hasBothIDs = event.bundleID != nil && event.headerID != nil
            ownKey = [
                "inbound", stream, event.bundleID ?? "", event.headerID ?? "", hasBothIDs ? "" : time ?? "",
                content.digest,
            ].joined(separator: "|")
        }
        if let identity = DeadLetter.replayIdentity(of: message) {
            key = "replay|\(identity)"
            isReplay = true
            isLeased = true
        } else {
            key = ownKey
            isReplay = message.headers[DeadLetter.replayHeader]?.isTrue ?? false
            isLeased = !isReplay
        }
    }
}

/// What a claim of a message came to.
enum Admission: Sendable, Hashable {
    /// To be delivered; with what was judged of it before a crash.
    case admitted(DuplicateRule.Cell, sourceTime: Timestamp?, earlier: Judgement?)
    /// The hospital has it. `isDone`: its key says so already.
    case duplicate(DuplicateRule.Cell, isDone: Bool)
    case held(until: Timestamp)
}
