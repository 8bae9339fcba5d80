// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// One dead letter on its way back, written down before each step so that a crash between two steps neither loses it
/// nor leaves it half done.
package struct ReplayEntry: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// Asked for; the dead letter stands in its lane.
        case planned
        /// Published again and confirmed; the dead letter is to be removed.
        case published
        /// Removed from the lane.
        case done
        /// No such dead letter any more, or its origin is unknown.
        case failed
    }

    /// All entries of one request.
    package var batch: String
    package var messageID: String
    package var lane: String
    package var state: State
    /// Who asked, and why: for the audit.
    package var actor: String
    package var reason: String
    package var requestedAt: Timestamp

    package init(
        batch: String, messageID: String, lane: String, state: State, actor: String, reason: String,
        requestedAt: Timestamp
    ) {
        self.batch = batch
        self.messageID = messageID
        self.lane = lane
        self.state = state
        self.actor = actor
        self.reason = reason
        self.requestedAt = requestedAt
    }

    /// What the published message carries in `x-replay`: it passes the duplicate check of the original and has one of
    /// its own, so that a crash between publishing and writing `published` is no second effect.
    package var identity: String { "\(batch):\(messageID)" }
}

/// The staged replays.
package protocol ReplayBook: Sendable {
    /// Writes new entries down, all or none; one that stands already (same batch and message id) stays as it is.
    func plan(_ entries: [ReplayEntry]) async throws(StoreError)

    /// Entries that are planned or published, oldest first.
    func unfinishedReplays() async throws(StoreError) -> [ReplayEntry]

    /// Moves an entry on; does nothing when there is no such entry.
    func advance(batch: String, messageID: String, to state: ReplayEntry.State) async throws(StoreError)
}

/// Who looked at or changed what: never a value of the patient's.
package struct AuditEvent: Sendable, Hashable {
    package var at: Timestamp
    package var actor: String
    /// A stable word: `dead-letter.show`, `dead-letter.replay`, `dead-letter.discard`, `parking.wake`,
    /// `document.read`.
    package var action: String
    /// The referral reference, where there is one.
    package var referral: String?
    package var messageID: String?
    /// Why, in the actor's words.
    package var reason: String

    package init(
        at: Timestamp, actor: String, action: String, referral: String?, messageID: String?, reason: String
    ) {
        self.at = at
        self.actor = actor
        self.action = action
        self.referral = referral
        self.messageID = messageID
        self.reason = reason
    }
}

/// The record of who did what.
package protocol AuditTrail: Sendable {
    func record(_ event: AuditEvent) async throws(StoreError)

    /// The newest events, newest first.
    func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent]
}
