// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What the bridge remembers between messages. SQLite on one machine; PostgreSQL when several instances share the work.
///
/// Keys and fingerprints are digests or references, never patient data, except in `ReferralRecord.resources` and
/// `.received`.
package protocol StateStore: ParkingLot, MessageHistory, ReplayBook, AuditTrail, ReferralIndex, Sendable {
    /// Claims an idempotency key until `until`. A lease that ran out counts as free: its holder died.
    func lease(key: String, holder: String, now: Timestamp, until: Timestamp) async throws(StoreError) -> LeaseOutcome

    /// Marks the key done: the next hop has confirmed. Only the holder of the lease may.
    func complete(key: String, holder: String, now: Timestamp) async throws(StoreError)

    /// Takes the lease over from a holder that is known to be dead.
    ///
    /// - Returns: false when the lease is not `dead`'s any more.
    func seize(
        key: String, from dead: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> Bool

    /// Gives the lease back, so that the next delivery may try at once.
    func release(key: String, holder: String) async throws(StoreError)

    /// Remembers the fingerprint of a change that goes out to Ocean, to know its echo.
    func remember(fingerprint: String, referral: String, now: Timestamp) async throws(StoreError)

    /// Whether this fingerprint went out for the referral since `since`.
    func isRemembered(fingerprint: String, referral: String, since: Timestamp) async throws(StoreError) -> Bool

    /// The last known state of a referral.
    func referral(_ reference: String) async throws(StoreError) -> ReferralRecord?

    /// Writes the record, unless a newer one (by `sourceTime`) is there; then returns that one.
    @discardableResult
    func save(_ record: ReferralRecord) async throws(StoreError) -> ReferralRecord

    /// Removes idempotency keys, fingerprints, message histories and finished replays older than `before`; audit events
    /// have a keeping time of their own, parked messages and unfinished replays stay. Returns how many were removed.
    @discardableResult
    func prune(before: Timestamp) async throws(StoreError) -> Int

    /// Proves that the store can be read and written.
    func check() async throws(StoreError)
}

/// Answer to a claim of an idempotency key.
package enum LeaseOutcome: Sendable, Hashable {
    case acquired
    /// Somebody else holds it until then.
    case held(until: Timestamp, by: String)
    /// Done before, at that time.
    case done(at: Timestamp)
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

    package init(
        reference: String, site: String, listing: String? = nil, service: String? = nil, dialect: String? = nil,
        status: String, sourceTime: Timestamp, appointmentIDs: [String] = [], resources: [UInt8]? = nil,
        received: [UInt8]? = nil, patientKey: String? = nil
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
