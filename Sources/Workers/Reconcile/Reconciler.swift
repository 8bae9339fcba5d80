// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON
import Ocean

/// Answers three questions about a message of Ocean's, in one place: seen before, our own echo, older than what we
/// have. The decisions are pure (`DuplicateRule`, `EchoRule`, `SourceTime`); here they meet the store.
package struct Reconciler: Sendable {
    /// What a received referral says that its last known state did not say, in the same form as
    /// `OutgoingBundle.fingerprints`.
    package typealias Changes = @Sendable (_ received: Referral, _ known: Referral?) -> [String]

    /// The digest by which referrals of one patient are found; nil when the referral names none.
    package typealias PatientKey = @Sendable (Referral) -> String?

    /// The digests by which a form finds the referrals of its patient, by `MatchRule`.
    package typealias MatchKeys = @Sendable (Patient) -> [String: String]

    /// How long Ocean may take to send a change back.
    static let echoWindow: Duration = .seconds(30 * 86_400)

    let store: any StateStore
    let clock: any WallClock
    let lease: Duration
    /// See `DuplicateRule.verdict`.
    let repeatWindow: Duration
    let changes: Changes
    let patientKey: PatientKey
    var matchKeys: MatchKeys = { _ in [:] }
    /// Whether the updates of a site echo what was received.
    var keepsReceived: @Sendable (_ site: String) -> Bool = { _ in false }

    func identity(of message: Message, _ canonical: CanonicalMessage) -> InboundIdentity {
        InboundIdentity(message, canonical, now: clock.now())
    }

    /// Claims the message's key. The message's own id holds the lease: the same message redelivered after a crash goes
    /// on at once, another with the same content waits.
    func admit(_ identity: InboundIdentity, _ message: Message) async throws(StoreError) -> Admission {
        guard identity.isLeased else {
            let note = try await store.note(of: identity.ownKey)
            return .admitted(.neither, sourceTime: nil, earlier: note.flatMap { Judgement(note: $0) })
        }
        let now = clock.now()
        let claimed = try await store.claim(
            Claim(
                key: identity.key, holder: message.id, now: now, until: now.advanced(by: lease),
                stream: identity.content?.stream))
        var note: String?
        switch claimed.outcome {
        case .done: return .duplicate(.both, isDone: true)
        case .held(let until, _): return .held(until: until)
        case .resumed(let left): note = left
        case .acquired: if identity.isReplay { note = try await store.note(of: identity.ownKey) }
        }
        let earlier = note.flatMap { Judgement(note: $0) }
        guard let content = identity.content else { return .admitted(.neither, sourceTime: nil, earlier: earlier) }
        let verdict = DuplicateRule.verdict(on: content, among: claimed.recent, window: repeatWindow)
        if verdict.isDuplicate, !identity.isReplay { return .duplicate(verdict.cell, isDone: false) }
        return .admitted(verdict.cell, sourceTime: verdict.sourceTime, earlier: earlier)
    }

    /// Looks the referral up.
    ///
    /// - Parameters:
    ///   - sourceTime: when it happened, where the duplicate rule knows better than the message.
    ///   - earlier: what was judged of it before a crash. A record that was saved then hides what is new; so what was
    ///     no echo then is none now.
    func judge(
        _ message: Message, _ canonical: CanonicalMessage, sourceTime stated: Timestamp?, earlier: Judgement?
    ) async throws(StoreError) -> Judgement {
        var judgement = Judgement(digest: ContentDigest.digest(of: canonical))
        if var earlier, earlier.digest == judgement.digest {
            earlier.record = nil
            return earlier
        }
        guard let referral = canonical.referral, !referral.ref.isEmpty else { return judgement }
        let now = clock.now()
        let known = try await store.referral(referral.ref)
        let sourceTime = stated ?? SourceTime.of(message, canonical, now: now)
        judgement.isLate = SourceTime.isLate(sourceTime, known: known)
        let before = known.flatMap { Self.referral(in: $0) }
        let changes = changes(referral, before)
        let remembered = try await store.remembered(
            changes, referral: referral.ref, since: now.advanced(by: .zero - Self.echoWindow))
        let finding = EchoRule.finding(
            on: changes, in: referral, remembered: remembered, changedAt: known?.changedAt ?? [:])
        judgement.isEcho = finding.isEcho && earlier?.isEcho ?? true
        if !judgement.isLate {
            var record = record(referral, message, canonical, sourceTime: sourceTime, known: known)
            // Of a referral that was not known nothing has changed yet.
            let changed = before.map { ReferralAspect.changed(finding.foreign, in: $0) } ?? []
            record.changedAt = Dictionary(changed.map { ($0, sourceTime) }) { $1 }
            judgement.record = record
        }
        return judgement
    }

    /// Writes down what was judged, with the record.
    ///
    /// - Returns: what counts: the judgement of the same message that was written first.
    /// - Throws: `notHolder` when another message of the same content has taken the key.
    func note(
        _ judgement: Judgement, _ identity: InboundIdentity, _ message: Message, earlier: Judgement?
    ) async throws(StoreError) -> Judgement {
        guard identity.isLeased else {
            if let record = judgement.record { try await store.save(record) }
            return judgement
        }
        let noted = try await store.note(
            judgement.note, on: identity.key, holder: message.id, replacing: earlier?.note, saving: judgement.record)
        // Before it was judged anew here, a worker that was thought dead has judged it.
        guard let first = Judgement(note: noted.note), first.digest == judgement.digest else { return judgement }
        return first
    }

    /// Marks the key done: every hop behind has confirmed.
    ///
    /// - Parameter isDelivered: the hospital has it; else it stands in a side lane, and the same content sent again is
    ///   no repetition.
    func complete(
        _ identity: InboundIdentity, _ message: Message, isDelivered: Bool, sourceTime: Timestamp?
    ) async throws(StoreError) {
        let now = clock.now()
        var delivered = isDelivered ? identity.content : nil
        delivered?.deliveredAt = now
        if let sourceTime { delivered?.sourceTime = sourceTime }
        try await store.complete(key: identity.key, holder: message.id, now: now, delivered: delivered)
    }

    func release(_ identity: InboundIdentity, _ message: Message) async throws(StoreError) {
        try await store.release(key: identity.key, holder: message.id)
    }
}
