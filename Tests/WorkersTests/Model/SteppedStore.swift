// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// A defect put in on purpose, which the checker must find.
enum Flaw: Sendable {
    /// The key is done as soon as it is claimed, before anything is confirmed.
    case doneBeforeConfirm
    /// Every claim succeeds.
    case noLease
    /// What was judged or decided is not written down.
    case noNotes
}

/// A state store seen by one worker of the model: every call that matters waits at the turnstile.
struct SteppedStore: StateStore {
    let base: any StateStore
    let turnstile: ModelTurnstile
    let flaw: Flaw?

    static let gone = StoreError(.unavailable, "the process is dead, or the answer lost")

    private func step<Value: Sendable>(
        _ name: String, _ effect: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        switch await turnstile.arrive(name) {
        case .goes: return try await effect()
        case .diesBefore: throw Self.gone
        case .unheard, .diesAfter:
            _ = try await effect()
            throw Self.gone
        }
    }

    func claim(_ claim: Claim) async throws(StoreError) -> Claimed {
        try await step("lease") { () async throws(StoreError) in
            let claimed = try await base.claim(claim)
            switch flaw {
            case .doneBeforeConfirm:
                if case .acquired = claimed.outcome {
                    try await base.complete(key: claim.key, holder: claim.holder, now: claim.now)
                }
            case .noLease: return Claimed(.acquired)
            case .noNotes:
                if case .resumed = claimed.outcome { return Claimed(.acquired, recent: claimed.recent) }
            case nil: break
            }
            return claimed
        }
    }

    func note(
        _ note: String, on key: String, holder: String, replacing expected: String?, saving record: ReferralRecord?
    ) async throws(StoreError) -> Noted {
        try await step("save") { () async throws(StoreError) in
            do throws(StoreError) {
                if flaw == .noNotes {
                    var kept: ReferralRecord?
                    if let record { kept = try await base.save(record) }
                    return Noted(note: note, record: kept)
                }
                return try await base.note(note, on: key, holder: holder, replacing: expected, saving: record)
            } catch {
                // The flawed stores have no lease to hold.
                guard flaw != nil, error.code == .notHolder else { throw error }
                return Noted(note: note)
            }
        }
    }

    func note(of key: String) async throws(StoreError) -> String? {
        try await step("note") { () async throws(StoreError) in
            flaw == .noNotes ? nil : try await base.note(of: key)
        }
    }

    func complete(
        key: String, holder: String, now: Timestamp, delivered: DeliveredContent?
    ) async throws(StoreError) {
        try await step("complete") { () async throws(StoreError) in
            try await base.complete(key: key, holder: holder, now: now, delivered: delivered)
        }
    }

    func seize(
        key: String, from dead: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> Bool {
        try await step("seize") { () async throws(StoreError) in
            try await base.seize(key: key, from: dead, holder: holder, now: now, until: until)
        }
    }

    func release(key: String, holder: String) async throws(StoreError) {
        try await step("release") { () async throws(StoreError) in
            try await base.release(key: key, holder: holder)
        }
    }

    func remember(fingerprint: String, referral: String, now: Timestamp) async throws(StoreError) {
        try await step("remember") { () async throws(StoreError) in
            try await base.remember(fingerprint: fingerprint, referral: referral, now: now)
        }
    }

    func forget(_ fingerprints: [String], referral: String) async throws(StoreError) {
        try await step("forget") { () async throws(StoreError) in
            try await base.forget(fingerprints, referral: referral)
        }
    }

    func remembered(
        _ fingerprints: [String], referral: String, since: Timestamp
    ) async throws(StoreError) -> [String: Timestamp] {
        try await step("remembered") { () async throws(StoreError) in
            try await base.remembered(fingerprints, referral: referral, since: since)
        }
    }

    func referral(_ reference: String) async throws(StoreError) -> ReferralRecord? {
        try await step("referral") { () async throws(StoreError) in try await base.referral(reference) }
    }

    func save(_ record: ReferralRecord) async throws(StoreError) -> ReferralRecord {
        try await step("save") { () async throws(StoreError) in try await base.save(record) }
    }

    // What follows has no part in reconciliation and passes at once.

    func prune(before: Timestamp) async throws(StoreError) -> Int { try await base.prune(before: before) }
    func check() async throws(StoreError) { try await base.check() }

    func park(_ message: ParkedMessage, nextAttempt: Timestamp) async throws(StoreError) {
        try await base.park(message, nextAttempt: nextAttempt)
    }

    func join(_ message: ParkedMessage) async throws(StoreError) -> Bool { try await base.join(message) }

    func claimDueLane(
        stage: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> ParkedLane? {
        try await base.claimDueLane(stage: stage, holder: holder, now: now, until: until)
    }

    func renewClaim(_ lane: Lane, holder: String, until: Timestamp) async throws(StoreError) {
        try await base.renewClaim(lane, holder: holder, until: until)
    }

    func head(of lane: Lane) async throws(StoreError) -> ParkedMessage? { try await base.head(of: lane) }
    func unpark(_ message: ParkedMessage) async throws(StoreError) -> Bool { try await base.unpark(message) }

    func postpone(
        _ lane: Lane, holder: String, reason: String, attempts: Int, until nextAttempt: Timestamp
    ) async throws(StoreError) {
        try await base.postpone(lane, holder: holder, reason: reason, attempts: attempts, until: nextAttempt)
    }

    func releaseLane(_ lane: Lane, holder: String) async throws(StoreError) {
        try await base.releaseLane(lane, holder: holder)
    }

    func wake(_ lane: Lane, now: Timestamp) async throws(StoreError) -> Bool {
        try await base.wake(lane, now: now)
    }

    func parkedLanes(limit: Int) async throws(StoreError) -> [ParkedLane] { try await base.parkedLanes(limit: limit) }
    func parkedCount() async throws(StoreError) -> (lanes: Int, messages: Int) { try await base.parkedCount() }
    func history(of key: String) async throws(StoreError) -> AttemptHistory? { try await base.history(of: key) }

    func noteFailure(of key: String, reason: String, now: Timestamp) async throws(StoreError) -> AttemptHistory {
        try await base.noteFailure(of: key, reason: reason, now: now)
    }

    func begin(suspect key: String, now: Timestamp) async throws(StoreError) -> Int {
        try await base.begin(suspect: key, now: now)
    }

    func end(suspect key: String) async throws(StoreError) { try await base.end(suspect: key) }
    func forgetHistory(of key: String) async throws(StoreError) { try await base.forgetHistory(of: key) }
    func plan(_ entries: [ReplayEntry]) async throws(StoreError) { try await base.plan(entries) }
    func unfinishedReplays() async throws(StoreError) -> [ReplayEntry] { try await base.unfinishedReplays() }

    func advance(batch: String, messageID: String, to state: ReplayEntry.State) async throws(StoreError) {
        try await base.advance(batch: batch, messageID: messageID, to: state)
    }

    func record(_ event: AuditEvent) async throws(StoreError) { try await base.record(event) }
    func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] { try await base.auditEvents(limit: limit) }

    func referrals(matching query: ReferralQuery, limit: Int) async throws(StoreError) -> [ReferralRecord] {
        try await base.referrals(matching: query, limit: limit)
    }

    func pruneReferrals(endedBefore before: Timestamp) async throws(StoreError) -> Int {
        try await base.pruneReferrals(endedBefore: before)
    }
}
