// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A claim of an idempotency key.
package struct Claim: Sendable, Hashable {
    package var key: String
    /// Who claims it.
    package var holder: String
    package var now: Timestamp
    /// When the lease runs out.
    package var until: Timestamp
    /// Written on the key when it has no note yet.
    package var note: String?
    /// Whose deliveries are to be recalled: `DeliveredContent.stream`.
    package var stream: String?

    package init(
        key: String, holder: String, now: Timestamp, until: Timestamp, note: String? = nil, stream: String? = nil
    ) {
        self.key = key
        self.holder = holder
        self.now = now
        self.until = until
        self.note = note
        self.stream = stream
    }
}

/// The answer to a claim.
package struct Claimed: Sendable, Hashable {
    package var outcome: LeaseOutcome
    /// What was delivered in the claim's stream, newest first, at most `DeliveredContent.recalled`; empty unless the
    /// key was acquired.
    package var recent: [DeliveredContent]

    package init(_ outcome: LeaseOutcome, recent: [DeliveredContent] = []) {
        self.outcome = outcome
        self.recent = recent
    }
}

/// What became of a claim.
package enum LeaseOutcome: Sendable, Hashable {
    case acquired
    /// Acquired; an earlier holder, or this one, left a note on the key.
    case resumed(note: String)
    /// Somebody else holds it until then.
    case held(until: Timestamp, by: String)
    /// Done before, at that time.
    case done(at: Timestamp, note: String? = nil)
}

/// What stands after a note was to be written.
package struct Noted: Sendable, Hashable {
    package var note: String
    /// Nil when none was given, or nothing was written.
    package var record: ReferralRecord?

    package init(note: String, record: ReferralRecord? = nil) {
        self.note = note
        self.record = record
    }
}

/// A message that was delivered: what a repetition of it is known by. References and digests only.
package struct DeliveredContent: Sendable, Hashable {
    /// What is compared with each other: the messages of one referral that came by one integration.
    package var stream: String
    /// `Bundle.id`.
    package var bundleID: String?
    /// `MessageHeader.id`.
    package var headerID: String?
    /// Digest of the content, without ids and times that change when it is sent again.
    package var digest: String
    /// When the source says that it happened.
    package var sourceTime: Timestamp
    package var deliveredAt: Timestamp

    /// How many deliveries of a stream are recalled.
    package static let recalled = 20

    package init(
        stream: String, bundleID: String?, headerID: String?, digest: String, sourceTime: Timestamp,
        deliveredAt: Timestamp
    ) {
        self.stream = stream
        self.bundleID = bundleID
        self.headerID = headerID
        self.digest = digest
        self.sourceTime = sourceTime
        self.deliveredAt = deliveredAt
    }
}

extension StateStore {
    /// Claims a key and recalls nothing.
    package func lease(
        key: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> LeaseOutcome {
        try await claim(Claim(key: key, holder: holder, now: now, until: until)).outcome
    }

    /// Marks the key done without anything to recall.
    package func complete(key: String, holder: String, now: Timestamp) async throws(StoreError) {
        try await complete(key: key, holder: holder, now: now, delivered: nil)
    }

    /// Whether this fingerprint went out for the referral since `since`.
    package func isRemembered(
        fingerprint: String, referral: String, since: Timestamp
    ) async throws(StoreError) -> Bool {
        try await remembered([fingerprint], referral: referral, since: since)[fingerprint] != nil
    }
}
