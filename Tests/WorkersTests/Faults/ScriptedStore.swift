// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// A state store whose failures a test scripts.
final class ScriptedStore: StateStore {
    struct Key {
        var holder: String
        var until: Timestamp
        var done: Timestamp?
    }

    struct State {
        var keys: [String: Key] = [:]
        var fingerprints: Set<String> = []
        var records: [String: ReferralRecord] = [:]
        var calls: [String: Int] = [:]
        var parked: [ParkedMessage] = []
        var lanes: [ParkedLane] = []
        var claims: [Lane: (holder: String, until: Timestamp)] = [:]
        var lastPosition: Int64 = 0
        var histories: [String: AttemptHistory] = [:]
        var begun: [String: Int] = [:]
        var replays: [ReplayEntry] = []
        var audit: [AuditEvent] = []
        var losses: [KnownLoss] = []
    }

    /// Step (`lease`, `complete`, `save`, …) and its number from 1; an error fails the call.
    typealias Script = @Sendable (String, Int) -> StoreError?

    let state = Mutex(State())
    private let journal: Journal
    private let script: Script

    init(journal: Journal = Journal(), _ script: @escaping Script = { _, _ in nil }) {
        self.journal = journal
        self.script = script
    }

    static let down = StoreError(.unavailable, "the disk is full")

    func enter(_ step: String) throws(StoreError) {
        let number = state.withLock { state in
            state.calls[step, default: 0] += 1
            return state.calls[step, default: 0]
        }
        if let error = script(step, number) {
            journal.write("\(step) failed")
            throw error
        }
        journal.write(step)
    }

    func put(_ record: ReferralRecord) { state.withLock { $0.records[record.reference] = record } }
    func record(_ reference: String) -> ReferralRecord? { state.withLock { $0.records[reference] } }
    func put(fingerprint: String) { state.withLock { _ = $0.fingerprints.insert(fingerprint) } }

    /// A process that died took this key and never came back.
    func leaveLease(key: String, until: Timestamp) {
        state.withLock { $0.keys[key] = Key(holder: "dead", until: until) }
    }

    var leasedKeys: [String] { state.withLock { $0.keys.filter { $0.value.done == nil }.map(\.key) } }
    var doneKeys: [String] { state.withLock { $0.keys.filter { $0.value.done != nil }.map(\.key) } }

    func lease(
        key: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> LeaseOutcome {
        try enter("lease")
        return state.withLock { state in
            if let known = state.keys[key] {
                if let done = known.done { return .done(at: done) }
                if known.until > now, known.holder != holder { return .held(until: known.until, by: known.holder) }
            }
            state.keys[key] = Key(holder: holder, until: until)
            return .acquired
        }
    }

    func seize(
        key: String, from dead: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> Bool {
        try enter("seize")
        return state.withLock { state in
            guard let known = state.keys[key], known.holder == dead, known.done == nil else { return false }
            state.keys[key] = Key(holder: holder, until: until)
            return true
        }
    }

    func complete(key: String, holder: String, now: Timestamp) async throws(StoreError) {
        try enter("complete")
        let isHolder = state.withLock { state -> Bool in
            guard state.keys[key]?.holder == holder else { return false }
            state.keys[key]?.done = now
            return true
        }
        if !isHolder { throw StoreError(.notHolder, "not the holder") }
    }

    func release(key: String, holder: String) async throws(StoreError) {
        try enter("release")
        state.withLock { state in
            if state.keys[key]?.holder == holder, state.keys[key]?.done == nil { state.keys[key] = nil }
        }
    }

    func remember(fingerprint: String, referral: String, now: Timestamp) async throws(StoreError) {
        try enter("remember")
        state.withLock { _ = $0.fingerprints.insert(fingerprint) }
    }

    func isRemembered(fingerprint: String, referral: String, since: Timestamp) async throws(StoreError) -> Bool {
        try enter("isRemembered")
        return state.withLock { $0.fingerprints.contains(fingerprint) }
    }

    func referral(_ reference: String) async throws(StoreError) -> ReferralRecord? {
        try enter("referral")
        return record(reference)
    }

    @discardableResult
    func save(_ record: ReferralRecord) async throws(StoreError) -> ReferralRecord {
        try enter("save")
        return state.withLock { state in
            if let known = state.records[record.reference], known.sourceTime > record.sourceTime { return known }
            state.records[record.reference] = record
            return record
        }
    }

    @discardableResult
    func prune(before: Timestamp) async throws(StoreError) -> Int { 0 }
    func check() async throws(StoreError) {}
}
