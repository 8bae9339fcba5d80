// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

/// Answers the same questions about an update of the hospital's: sent before, or older than what it would overwrite.
/// The decisions are pure (`StaleGuard`, `OutboundIdentity`); here they meet the store.
struct UpdateReconciler: Sendable {
    let store: any StateStore
    let clock: any WallClock
    let lease: Duration
    /// Names this process in leases.
    let holder: String
    let isGuarding: Bool

    /// What a claim of an update came to.
    enum Admission: Sendable, Hashable {
        /// To be carried out; what became of it already, before a crash. `isLeased`: its key is held.
        case admitted(Settled?, isLeased: Bool)
        /// Carried out, or refused, before.
        case duplicate
        /// The key was used for another update.
        case keyReused
        case held(until: Timestamp, by: String)
    }

    func admit(_ identity: OutboundIdentity) async throws(StoreError) -> Admission {
        let now = clock.now()
        let claimed = try await store.claim(
            Claim(
                key: identity.key, holder: holder, now: now, until: now.advanced(by: lease),
                note: UpdateNote(digest: identity.digest).text))
        switch claimed.outcome {
        case .acquired: return .admitted(nil, isLeased: true)
        case .held(let until, let by): return .held(until: until, by: by)
        case .resumed(let text):
            let note = UpdateNote(text: text)
            if let note, note.digest != identity.digest { return .keyReused }
            return .admitted(note?.settled, isLeased: true)
        case .done(_, let text):
            // One put back by hand, without an identity of its own, passes.
            guard identity.isNamed, !identity.isReplay || identity.key.hasPrefix("replay|") else {
                return .admitted(nil, isLeased: false)
            }
            let note = text.flatMap { UpdateNote(text: $0) }
            return note.map { $0.digest != identity.digest } ?? false ? .keyReused : .duplicate
        }
    }

    /// Whether another process has the update now, before a further attempt.
    func isLost(_ identity: OutboundIdentity) async throws(StoreError) -> Bool {
        if case .held = try await admit(identity) { return true }
        return false
    }

    /// Whether it was decided before what became of the update; claims nothing.
    func isSettled(_ identity: OutboundIdentity) async throws(StoreError) -> Bool {
        let note = try await store.note(of: identity.key).flatMap { UpdateNote(text: $0) }
        return note?.settled != nil && note?.digest == identity.digest
    }

    /// Takes the key over from a process that is dead.
    func seize(_ identity: OutboundIdentity, from dead: String) async throws(StoreError) -> Bool {
        let now = clock.now()
        return try await store.seize(
            key: identity.key, from: dead, holder: holder, now: now, until: now.advanced(by: lease))
    }

    /// What the update would undo, by the record as it stands now.
    func staleness(
        of update: ReferralUpdate, appointmentID: String?
    ) async throws(StoreError) -> StaleGuard.Staleness? {
        guard isGuarding, update.occurredAt != nil,
            !ReferralAspect.aspects(of: update, appointmentID: appointmentID).isEmpty
        else { return nil }
        return StaleGuard.staleness(
            of: update, appointmentID: appointmentID, record: try await store.referral(update.referral))
    }

    /// - Returns: what counts: what was decided first, and the record that stands then.
    /// - Throws: `notHolder` when another process has taken the update up.
    func note(
        _ settled: Settled, on identity: OutboundIdentity, saving record: ReferralRecord?
    ) async throws(StoreError) -> (Settled, ReferralRecord?) {
        let open = UpdateNote(digest: identity.digest).text
        let note = UpdateNote(digest: identity.digest, settled: settled).text
        let noted = try await store.note(
            note, on: identity.key, holder: holder, replacing: open, saving: record)
        return (UpdateNote(text: noted.note)?.settled ?? settled, noted.record)
    }

    func complete(_ identity: OutboundIdentity) async throws(StoreError) {
        try await store.complete(key: identity.key, holder: holder, now: clock.now())
    }

    func release(_ identity: OutboundIdentity) async throws(StoreError) {
        try await store.release(key: identity.key, holder: holder)
    }
}
