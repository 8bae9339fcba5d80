// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Histories, replays, audit and index in memory.
extension ScriptedStore {
    func history(of key: String) async throws(StoreError) -> AttemptHistory? {
        try enter("history")
        return state.withLock { $0.histories[key] }
    }

    @discardableResult
    func noteFailure(of key: String, reason: String, now: Timestamp) async throws(StoreError) -> AttemptHistory {
        try enter("noteFailure")
        return state.withLock { state in
            var history =
                state.histories[key] ?? AttemptHistory(failures: 0, firstAt: now, lastAt: now, reason: reason)
            history.failures += 1
            history.lastAt = now
            history.reason = reason
            state.histories[key] = history
            return history
        }
    }

    func begin(suspect key: String, now: Timestamp) async throws(StoreError) -> Int {
        try enter("begin")
        return state.withLock { state in
            state.begun[key, default: 0] += 1
            return state.begun[key, default: 0]
        }
    }

    func end(suspect key: String) async throws(StoreError) {
        try enter("end")
        state.withLock { $0.begun[key] = nil }
    }

    func forgetHistory(of key: String) async throws(StoreError) {
        try enter("forgetHistory")
        state.withLock { state in
            state.histories[key] = nil
            state.begun[key] = nil
        }
    }

    func learn(
        _ paths: [String], of partner: String, limit: Int, now: Timestamp
    ) async throws(StoreError) -> LossLesson {
        try enter("learn")
        return state.withLock { state in
            var new: [String] = []
            for path in paths where !state.losses.contains(where: { $0.partner == partner && $0.path == path }) {
                guard state.losses.count(where: { $0.partner == partner }) < limit else {
                    return LossLesson(new: new, isNewlyFull: true)
                }
                state.losses.append(KnownLoss(partner: partner, path: path, firstSeen: now))
                new.append(path)
            }
            return LossLesson(new: new, isNewlyFull: false)
        }
    }

    func losses(of partner: String) async throws(StoreError) -> [String] {
        try enter("losses")
        return state.withLock { $0.losses.filter { $0.partner == partner }.map(\.path).sorted() }
    }

    func losses(limit: Int) async throws(StoreError) -> [KnownLoss] {
        try enter("allLosses")
        return state.withLock { Array($0.losses.suffix(limit).reversed()) }
    }

    func plan(_ entries: [ReplayEntry]) async throws(StoreError) {
        try enter("plan")
        state.withLock { state in
            for entry in entries where !state.replays.contains(where: { $0.identity == entry.identity }) {
                state.replays.append(entry)
            }
        }
    }

    func unfinishedReplays() async throws(StoreError) -> [ReplayEntry] {
        try enter("unfinishedReplays")
        return state.withLock { $0.replays.filter { $0.state == .planned || $0.state == .published } }
    }

    func advance(batch: String, messageID: String, to step: ReplayEntry.State) async throws(StoreError) {
        try enter("advance")
        state.withLock { state in
            for index in state.replays.indices
            where state.replays[index].batch == batch && state.replays[index].messageID == messageID {
                state.replays[index].state = step
            }
        }
    }

    func record(_ event: AuditEvent) async throws(StoreError) {
        try enter("record")
        state.withLock { $0.audit.append(event) }
    }

    func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] {
        try enter("auditEvents")
        return state.withLock { Array($0.audit.reversed().prefix(limit)) }
    }

    func referrals(matching query: ReferralQuery, limit: Int) async throws(StoreError) -> [ReferralRecord] {
        try enter("referrals")
        let matching = state.withLock { state in
            state.records.values.filter { record in
                (query.site == nil || record.site == query.site)
                    && (query.service == nil || record.service == query.service || record.listing == query.service)
                    && (query.statuses.isEmpty || query.statuses.contains(record.status))
                    && (query.patientKey == nil || record.patientKey == query.patientKey)
                    && query.changedSince.map { $0 <= record.sourceTime } ?? true
            }
        }
        return Array(matching.sorted { $0.sourceTime > $1.sourceTime }.prefix(limit))
    }

    @discardableResult
    func pruneReferrals(endedBefore before: Timestamp) async throws(StoreError) -> Int { 0 }
}
