// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Histories, replays, audit and index in memory.
extension MemoryStore {
    package func history(of key: String) async throws(StoreError) -> AttemptHistory? {
        try await call("history") { $0.attempts[key]?.history }
    }

    @discardableResult
    package func noteFailure(
        of key: String, reason: String, now: Timestamp
    ) async throws(StoreError) -> AttemptHistory {
        try await call("noteFailure") { state in
            var history =
                state.attempts[key]?.history
                ?? AttemptHistory(failures: 0, firstAt: now, lastAt: now, reason: reason)
            history.failures += 1
            history.lastAt = now
            history.reason = reason
            var attempts = state.attempts[key] ?? Attempts(touched: now)
            attempts.history = history
            attempts.touched = now
            state.attempts[key] = attempts
            return history
        }
    }

    package func begin(suspect key: String, now: Timestamp) async throws(StoreError) -> Int {
        try await call("begin") { state in
            var attempts = state.attempts[key] ?? Attempts(touched: now)
            attempts.begun += 1
            attempts.touched = now
            state.attempts[key] = attempts
            return attempts.begun
        }
    }

    package func end(suspect key: String) async throws(StoreError) {
        try await call("end") { state in
            state.attempts[key]?.begun = 0
            if state.attempts[key]?.history == nil { state.attempts[key] = nil }
        }
    }

    package func forgetHistory(of key: String) async throws(StoreError) {
        try await call("forgetHistory") { $0.attempts[key] = nil }
    }

    package func plan(_ entries: [ReplayEntry]) async throws(StoreError) {
        try await call("plan") { state in
            for entry in entries where !state.replays.contains(where: { $0.identity == entry.identity }) {
                state.replays.append(entry)
            }
        }
    }

    package func unfinishedReplays() async throws(StoreError) -> [ReplayEntry] {
        try await call("unfinishedReplays") { $0.replays.filter { $0.state == .planned || $0.state == .published } }
    }

    package func advance(
        batch: String, messageID: String, to step: ReplayEntry.State
    ) async throws(StoreError) {
        try await call("advance") { state in
            for index in state.replays.indices
            where state.replays[index].batch == batch && state.replays[index].messageID == messageID {
                state.replays[index].state = step
            }
        }
    }

    package func record(_ event: AuditEvent) async throws(StoreError) {
        try await call("record") { $0.audit.append(event) }
    }

    package func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] {
        try await call("auditEvents") { state in
            let newest = state.audit.enumerated().sorted { ($0.element.at, $0.offset) > ($1.element.at, $1.offset) }
            return newest.prefix(limit).map(\.element)
        }
    }

    package func referrals(matching query: ReferralQuery, limit: Int) async throws(StoreError) -> [ReferralRecord] {
        try await call("referrals") { state in
            let matching = state.records.keys.compactMap { state.record($0) }.filter { record in
                (query.site == nil || record.site == query.site)
                    && (query.service == nil || record.service == query.service || record.listing == query.service)
                    && (query.statuses.isEmpty || query.statuses.contains(record.status))
                    && (query.patientKey == nil || record.patientKey == query.patientKey)
                    && (query.matchKey.map { record.matchKeys.values.contains($0) } ?? true)
                    && query.changedSince.map { $0 <= record.sourceTime } ?? true
            }
            return Array(matching.sorted { $0.sourceTime > $1.sourceTime }.prefix(limit))
        }
    }

    @discardableResult
    package func pruneReferrals(endedBefore before: Timestamp) async throws(StoreError) -> Int {
        try await call("pruneReferrals") { state in
            let ended: [ReferralStatus] = [.declined, .cancelled, .completed]
            let old = state.records.values.filter { record in
                ended.contains { $0.rawValue == record.status } && record.sourceTime < before
            }
            for record in old {
                state.records[record.reference] = nil
                state.changes[record.reference] = nil
            }
            return old.count
        }
    }
}
