// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Synchronization

/// The state store's contract in memory, proven by the store conformance suite: for tests that make it fail, and for the
/// model checker, which compares whole states.
package final class MemoryStore: StateStore {
    package struct Key: Sendable, Hashable {
        package var holder: String
        package var until: Timestamp
        package var done: Timestamp?
        package var note: String?
        /// What pruning looks at.
        package var agedFrom: Timestamp

        package init(
            holder: String, until: Timestamp, done: Timestamp? = nil, note: String? = nil, agedFrom: Timestamp
        ) {
            self.holder = holder
            self.until = until
            self.done = done
            self.note = note
            self.agedFrom = agedFrom
        }
    }

    package struct LaneClaim: Sendable, Hashable {
        package var holder: String
        package var until: Timestamp
    }

    package struct Attempts: Sendable, Hashable {
        package var history: AttemptHistory?
        package var begun = 0
        package var touched: Timestamp
    }

    package struct State: Sendable, Hashable {
        package var keys: [String: Key] = [:]
        package var delivered: [DeliveredContent] = []
        /// By referral, then by fingerprint.
        package var fingerprints: [String: [String: Timestamp]] = [:]
        package var records: [String: ReferralRecord] = [:]
        package var changes: [String: [String: Timestamp]] = [:]
        package var parked: [ParkedMessage] = []
        package var lanes: [ParkedLane] = []
        package var claims: [Lane: LaneClaim] = [:]
        package var lastPosition: Int64 = 0
        package var attempts: [String: Attempts] = [:]
        package var replays: [ReplayEntry] = []
        package var audit: [AuditEvent] = []
        package var losses: [KnownLoss] = []
        /// Partners of whom it was said that their list is full.
        package var fullPartners: Set<String> = []

        package init() {}
    }

    /// Called with the name of each call before it has an effect; what it throws fails the call.
    package typealias Hook = @Sendable (String) async throws(StoreError) -> Void

    package let state: Mutex<State>
    let limits: ParkingLimits
    private let hook: Hook

    package init(
        _ state: State = State(), limits: ParkingLimits = ParkingLimits(),
        hook: @escaping Hook = { (_) async throws(StoreError) in }
    ) {
        self.state = Mutex(state)
        self.limits = limits
        self.hook = hook
    }

    /// One call: the hook, then the effect as a whole or not at all.
    func call<Value>(
        _ name: String, _ body: (inout State) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await hook(name)
        let result: Result<Value, StoreError> = state.withLock { state in
            var next = state
            do throws(StoreError) {
                let value = try body(&next)
                state = next
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    package func claim(_ claim: Claim) async throws(StoreError) -> Claimed {
        try await call("lease") { state in
            let known = state.keys[claim.key]
            if let known {
                if let done = known.done { return Claimed(.done(at: done, note: known.note)) }
                if known.until > claim.now, known.holder != claim.holder {
                    return Claimed(.held(until: known.until, by: known.holder))
                }
            }
            state.keys[claim.key] = Key(
                holder: claim.holder, until: claim.until, note: known?.note ?? claim.note, agedFrom: claim.until)
            let recent = state.delivered.reversed().filter { $0.stream == claim.stream }
            return Claimed(
                known?.note.map { .resumed(note: $0) } ?? .acquired,
                recent: Array(recent.prefix(DeliveredContent.recalled)))
        }
    }

    package func note(
        _ note: String, on key: String, holder: String, replacing expected: String?, saving record: ReferralRecord?
    ) async throws(StoreError) -> Noted {
        try await call("save") { (state) throws(StoreError) in
            try state.require(key, holder: holder, open: true)
            if let standing = state.keys[key]?.note, standing != expected { return Noted(note: standing) }
            state.keys[key]?.note = note
            return Noted(note: note, record: record.map { state.save($0) })
        }
    }

    package func note(of key: String) async throws(StoreError) -> String? {
        try await call("note") { $0.keys[key]?.note }
    }

    package func complete(
        key: String, holder: String, now: Timestamp, delivered: DeliveredContent?
    ) async throws(StoreError) {
        try await call("complete") { (state) throws(StoreError) in
            try state.require(key, holder: holder, open: false)
            guard state.keys[key]?.done == nil else { return }
            state.keys[key]?.done = now
            state.keys[key]?.agedFrom = now
            if let delivered { state.delivered.append(delivered) }
        }
    }

    package func seize(
        key: String, from dead: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> Bool {
        try await call("seize") { state in
            guard let known = state.keys[key], known.holder == dead, known.done == nil else { return false }
            state.keys[key]?.holder = holder
            state.keys[key]?.until = until
            state.keys[key]?.agedFrom = until
            return true
        }
    }

    package func release(key: String, holder: String) async throws(StoreError) {
        try await call("release") { (state) throws(StoreError) in
            guard let known = state.keys[key] else { return }
            try state.require(key, holder: holder, open: true)
            if known.note == nil {
                state.keys[key] = nil
            } else {
                state.keys[key]?.until = Timestamp(milliseconds: 0)
            }
        }
    }

    package func remember(fingerprint: String, referral: String, now: Timestamp) async throws(StoreError) {
        try await call("remember") { state in
            let known = state.fingerprints[referral]?[fingerprint] ?? now
            state.fingerprints[referral, default: [:]][fingerprint] = max(known, now)
        }
    }

    package func forget(_ fingerprints: [String], referral: String) async throws(StoreError) {
        try await call("forget") { state in
            for fingerprint in fingerprints { state.fingerprints[referral]?[fingerprint] = nil }
        }
    }

    package func remembered(
        _ fingerprints: [String], referral: String, since: Timestamp
    ) async throws(StoreError) -> [String: Timestamp] {
        try await call("isRemembered") { state in
            (state.fingerprints[referral] ?? [:]).filter { fingerprints.contains($0.key) && $0.value >= since }
        }
    }

    package func referral(_ reference: String) async throws(StoreError) -> ReferralRecord? {
        try await call("referral") { $0.record(reference) }
    }

    @discardableResult
    package func save(_ record: ReferralRecord) async throws(StoreError) -> ReferralRecord {
        try await call("save") { $0.save(record) }
    }

    @discardableResult
    package func prune(before: Timestamp) async throws(StoreError) -> Int {
        try await call("prune") { state in
            var removed = 0
            for (key, value) in state.keys where value.agedFrom < before {
                state.keys[key] = nil
                removed += 1
            }
            for (referral, known) in state.fingerprints {
                state.fingerprints[referral] = known.filter { $0.value >= before }
                removed += known.count(where: { $0.value < before })
            }
            for (key, value) in state.attempts where value.touched < before {
                state.attempts[key] = nil
                removed += 1
            }
            let isOld = { (entry: ReplayEntry) in
                (entry.state == .done || entry.state == .failed) && entry.requestedAt < before
            }
            removed += state.delivered.count(where: { $0.deliveredAt < before }) + state.replays.count(where: isOld)
            state.delivered.removeAll { $0.deliveredAt < before }
            state.replays.removeAll(where: isOld)
            return removed
        }
    }

    package func check() async throws(StoreError) {}
}

extension MemoryStore.State {
    fileprivate func require(_ key: String, holder: String, open: Bool) throws(StoreError) {
        guard let known = keys[key], known.holder == holder, !open || known.done == nil else {
            throw StoreError(.notHolder, "the key is leased to another holder or done")
        }
    }

    func record(_ reference: String) -> ReferralRecord? {
        var record = records[reference]
        record?.changedAt = changes[reference] ?? [:]
        return record
    }

    fileprivate mutating func save(_ record: ReferralRecord) -> ReferralRecord {
        changes[record.reference, default: [:]].merge(record.changedAt) { max($0, $1) }
        if let known = self.record(record.reference), known.sourceTime > record.sourceTime { return known }
        var stored = record
        stored.changedAt = [:]
        records[record.reference] = stored
        var output = record
        output.changedAt = changes[record.reference] ?? [:]
        return output
    }
}
