// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON
import Ocean

/// Answers three questions about a message of Ocean's, in one place: seen before, our own echo, older than what we
/// have.
package struct Reconciler: Sendable {
    /// What a received referral says that its last known state did not say, in the same form as
    /// `OutgoingBundle.fingerprints`.
    package typealias Changes = @Sendable (_ received: Referral, _ known: Referral?) -> [String]

    /// The digest by which referrals of one patient are found; nil when the referral names none.
    package typealias PatientKey = @Sendable (Referral) -> String?

    /// How long Ocean may take to send a change back.
    static let echoWindow: Duration = .seconds(30 * 86_400)

    let store: any StateStore
    let clock: any WallClock
    let lease: Duration
    let changes: Changes
    let patientKey: PatientKey
    /// Whether the updates of a site echo what was received.
    var keepsReceived: @Sendable (_ site: String) -> Bool = { _ in false }

    /// What the store knows of a message.
    struct Judgement: Sendable {
        var isEcho = false
        var isLate = false
        /// The record to save; nil when the message says nothing of a referral or is late.
        var record: ReferralRecord?
    }

    /// The identity of a message's content.
    ///
    /// The rule of FHIR messaging works on the pair (Bundle.id, MessageHeader.id); here only both the same, with the
    /// same bytes, for the same referral, is the same message. A new envelope round a known header is a deliberate
    /// resend, known ids round new content a careless sender: both are delivered, for a message too many is a
    /// nuisance and a message too few a patient lost. A thin event has no content yet: a referral that changes twice
    /// gives the same bytes twice, so it is known by its message alone.
    static func key(_ message: Message, _ canonical: CanonicalMessage) -> String {
        if let identity = DeadLetter.replayIdentity(of: message) { return "replay|\(identity)" }
        let event = canonical.event
        let isDated =
            event.bundleID != nil || event.headerID != nil || event.timestamp != nil
            || canonical.referral?.modified != nil
        guard !event.thin, isDated, !canonical.original.sha256.isEmpty else { return "message|\(message.id)" }
        return [
            "inbound", message.attributes.integration ?? message.source, message.subject ?? "",
            event.bundleID ?? "", event.headerID ?? "", canonical.original.sha256,
        ].joined(separator: "|")
    }

    /// The message's own id holds the lease: the same message redelivered after a crash goes on at once, another with
    /// the same content waits.
    func claim(_ key: String, _ message: Message) async throws(StoreError) -> LeaseOutcome {
        let now = clock.now()
        return try await store.lease(key: key, holder: message.id, now: now, until: now.advanced(by: lease))
    }

    func complete(_ key: String, _ message: Message) async throws(StoreError) {
        try await store.complete(key: key, holder: message.id, now: clock.now())
    }

    func release(_ key: String, _ message: Message) async throws(StoreError) {
        try await store.release(key: key, holder: message.id)
    }

    /// Looks the referral up.
    ///
    /// An echo is a message all of whose changes went out before: one remembered change beside a new one proves
    /// nothing, and a sender's message that passes for an echo is a question that nobody answers. So when in doubt it
    /// is none; asked again after a crash, when the record was saved already, an echo comes unmarked.
    func judge(_ message: Message, _ canonical: CanonicalMessage) async throws(StoreError) -> Judgement {
        guard let referral = canonical.referral, !referral.ref.isEmpty else { return Judgement() }
        var judgement = Judgement()
        let known = try await store.referral(referral.ref)
        let sourceTime = Self.sourceTime(message, canonical)
        judgement.isLate = known.map { sourceTime < $0.sourceTime } ?? false
        let since = clock.now().advanced(by: Duration.zero - Self.echoWindow)
        let changes = changes(referral, known.flatMap { Self.referral(in: $0) })
        judgement.isEcho = !changes.isEmpty
        for change in changes where judgement.isEcho {
            judgement.isEcho = try await store.isRemembered(fingerprint: change, referral: referral.ref, since: since)
        }
        if !judgement.isLate {
            judgement.record = record(referral, message, canonical, sourceTime: sourceTime, known: known)
        }
        return judgement
    }

    func save(_ record: ReferralRecord) async throws(StoreError) {
        try await store.save(record)
    }

    /// When Ocean says that it happened; the time of acceptance where it does not say.
    static func sourceTime(_ message: Message, _ canonical: CanonicalMessage) -> Timestamp {
        canonical.event.timestamp.flatMap { Timestamp($0) }
            ?? canonical.referral?.modified.flatMap { Timestamp($0) } ?? message.time
    }

    private func record(
        _ referral: Referral, _ message: Message, _ canonical: CanonicalMessage, sourceTime: Timestamp,
        known: ReferralRecord?
    ) -> ReferralRecord {
        let attributes = message.attributes
        let dialect = Dialect(rawValue: canonical.original.dialect).flatMap { $0.isFHIR ? $0.rawValue : nil }
        var appointments = known?.appointmentIDs ?? []
        for id in referral.appointments.compactMap(\.id) where !appointments.contains(id) { appointments.append(id) }
        let site = attributes.site ?? referral.receiver?.site ?? known?.site ?? ""
        // A bundle without the patient is no whole referral.
        let isWhole = dialect != nil && referral.patient != nil
        let received = isWhole ? canonical.original.bytes ?? known?.received : known?.received
        return ReferralRecord(
            reference: referral.ref, site: site,
            listing: attributes.listing ?? referral.receiver?.ref ?? known?.listing,
            service: attributes.service ?? referral.receiver?.service ?? known?.service,
            dialect: dialect ?? known?.dialect,
            status: referral.status?.rawValue ?? known?.status ?? ReferralStatus.unknown.rawValue,
            sourceTime: sourceTime, appointmentIDs: appointments,
            resources: Self.merged(referral.json, over: known?.resources).bytes(),
            received: keepsReceived(site) ? received : nil, patientKey: patientKey(referral) ?? known?.patientKey)
    }

    /// The stored referral; nil when there is none or another version stored it in another form.
    private static func referral(in record: ReferralRecord) -> Referral? {
        guard let bytes = record.resources, let json = try? JSONValue(parsing: bytes) else { return nil }
        var unknown: [JSONPointer] = []
        return try? Referral(json: json, at: .root, unknown: &unknown)
    }

    /// Later events carry parts of a referral only (a Task, an appointment): what they leave out stays.
    private static func merged(_ new: JSONValue, over known: [UInt8]?) -> JSONValue {
        // What an older version stored and this one cannot read is replaced.
        guard let known, case .object(var object)? = try? JSONValue(parsing: known), case .object(let members) = new
        else { return new }
        for member in members { object[member.name] = member.value }
        return .object(object)
    }
}
