// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What the bridge remembers between messages. SQLite on one machine; PostgreSQL when several instances share the work.
///
/// Keys and fingerprints are digests or references, never patient data, except in `ReferralRecord.resources` and
/// `.received`.
package protocol StateStore: ParkingLot, MessageHistory, ReplayBook, AuditTrail, ReferralIndex, LossBook, Sendable {
    /// Claims an idempotency key and recalls what was delivered, of one moment. A lease that ran out counts as free: its
    /// holder died.
    func claim(_ claim: Claim) async throws(StoreError) -> Claimed

    /// Writes a note on a key, and the record as `save` does, in one transaction, unless the key has another note than
    /// `expected`: then nothing is written, for whoever wrote that one was first. The note stays with the key when the
    /// lease is released or runs out, and when the key is done.
    ///
    /// - Returns: the note and, where one was given, the record that stand then.
    /// - Throws: `notHolder`, with nothing written, unless `holder` has the key's lease.
    func note(
        _ note: String, on key: String, holder: String, replacing expected: String?, saving record: ReferralRecord?
    ) async throws(StoreError) -> Noted

    /// The note of a key, whoever holds it.
    func note(of key: String) async throws(StoreError) -> String?

    /// Marks the key done: the next hop has confirmed. Only the holder of the lease may.
    ///
    /// - Parameter delivered: what to recall with later claims, written in the same transaction, once per key.
    func complete(
        key: String, holder: String, now: Timestamp, delivered: DeliveredContent?
    ) async throws(StoreError)

    /// Takes the lease over from a holder that is known to be dead.
    ///
    /// - Returns: false when the lease is not `dead`'s any more.
    func seize(
        key: String, from dead: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> Bool

    /// Gives the lease back, so that the next delivery may try at once. A note on the key stays.
    func release(key: String, holder: String) async throws(StoreError)

    /// Remembers the fingerprint of a change that goes out to Ocean, to know its echo.
    func remember(fingerprint: String, referral: String, now: Timestamp) async throws(StoreError)

    /// Ocean did not take the change: forgets its fingerprints.
    func forget(_ fingerprints: [String], referral: String) async throws(StoreError)

    /// Which of these fingerprints went out for the referral since `since`, and when last.
    func remembered(
        _ fingerprints: [String], referral: String, since: Timestamp
    ) async throws(StoreError) -> [String: Timestamp]

    /// The last known state of a referral.
    func referral(_ reference: String) async throws(StoreError) -> ReferralRecord?

    /// Writes the record, unless a newer one (by `sourceTime`) is there; then returns that one. The times in `changedAt`
    /// are kept either way: of two for one aspect the later stands.
    @discardableResult
    func save(_ record: ReferralRecord) async throws(StoreError) -> ReferralRecord

    /// Removes idempotency keys, fingerprints, deliveries, message histories and finished replays older than `before`; audit events
    /// have a keeping time of their own, parked messages and unfinished replays stay. Returns how many were removed.
    @discardableResult
    func prune(before: Timestamp) async throws(StoreError) -> Int

    /// Proves that the store can be read and written.
    func check() async throws(StoreError)
}

/// The last state of one referral, as far as answering it needs.
package struct ReferralRecord: Sendable, Hashable {
    package let reference: String
    package var site: String
    package var listing: String?
    package var service: String?
    /// The dialect in which Ocean speaks for this referral.
    package var dialect: String?
    package var status: String
    /// Bundle.timestamp or modification date of what was last taken over.
    package var sourceTime: Timestamp
    /// Ids of the appointments known to Ocean, oldest first: an update must reuse the id.
    package var appointmentIDs: [String]
    /// The last canonical referral, JSON bytes, for updates that carry parts of it. Holds patient data.
    package var resources: [UInt8]?
    /// The last bundle with the whole referral, as Ocean sent it; kept only for sites whose updates echo it. Holds
    /// patient data.
    package var received: [UInt8]?
    /// A keyed digest of the patient's identity, to find other referrals of the same person; not reversible.
    package var patientKey: String?
    /// Keyed digests by which a form finds the referral, by `MatchRule`; not reversible.
    package var matchKeys: [String: String]
    /// When each aspect of the referral was last changed by somebody else, or by an update that went out: what an older
    /// update must not overwrite.
    package var changedAt: [String: Timestamp]

    package init(
        reference: String, site: String, listing: String? = nil, service: String? = nil, dialect: String? = nil,
        status: String, sourceTime: Timestamp, appointmentIDs: [String] = [], resources: [UInt8]? = nil,
        received: [UInt8]? = nil, patientKey: String? = nil,
        matchKeys: [String: String] = [:], changedAt: [String: Timestamp] = [:]
    ) {
        self.reference = reference
        self.site = site
        self.listing = listing
        self.service = service
        self.dialect = dialect
        self.status = status
        self.sourceTime = sourceTime
        self.appointmentIDs = appointmentIDs
        self.resources = resources
        self.received = received
        self.patientKey = patientKey
        self.matchKeys = matchKeys
        self.changedAt = changedAt
    }
}

/// A failure of the state store.
package struct StoreError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// Cannot be reached, read or written now (disk full, locked, connection lost).
        case unavailable
        /// The lease is not this holder's.
        case notHolder = "not-holder"
        /// The parking lot holds as much as it may.
        case full
        /// The file or schema is not one that this version can use.
        case incompatible
    }

    package let code: Code
    /// Names the store and the remedy.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var disposition: Disposition {
        switch code {
        case .unavailable, .full: .retry(after: nil)
        case .notHolder: .reject
        case .incompatible: .fatal
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
