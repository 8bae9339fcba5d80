// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Synchronization

/// A state store in memory whose failures a test scripts.
typealias ScriptedStore = MemoryStore

extension MemoryStore {
    /// Step (`lease`, `complete`, `save`, …) and its number from 1; an error fails the call.
    typealias Script = @Sendable (String, Int) -> StoreError?

    convenience init(journal: Journal, _ script: @escaping Script = { _, _ in nil }) {
        let calls = Counts()
        self.init { (step) async throws(StoreError) in
            if let error = script(step, calls.next(step)) {
                journal.write("\(step) failed")
                throw error
            }
            journal.write(step)
        }
    }

    static let down = StoreError(.unavailable, "the disk is full")

    func put(_ record: ReferralRecord) {
        state.withLock { state in
            state.changes[record.reference] = record.changedAt
            state.records[record.reference] = record
            state.records[record.reference]?.changedAt = [:]
        }
    }

    /// A referral that Ocean has sent before.
    func put(known status: ReferralStatus, at time: Timestamp = Timestamp(milliseconds: 1)) {
        var referral = Referral()
        referral.ref = "ref-1"
        referral.status = status
        put(
            ReferralRecord(
                reference: "ref-1", site: "1234", status: status.rawValue, sourceTime: time,
                resources: referral.json.bytes()))
    }

    func record(_ reference: String) -> ReferralRecord? {
        state.withLock { state in
            var record = state.records[reference]
            record?.changedAt = state.changes[reference] ?? [:]
            return record
        }
    }

    func put(fingerprint: String, referral: String = "ref-1", at time: Timestamp = ManualClock().now()) {
        state.withLock { $0.fingerprints[referral, default: [:]][fingerprint] = time }
    }

    /// A process that died took this key and never came back.
    func leaveLease(key: String, until: Timestamp) {
        state.withLock { $0.keys[key] = Key(holder: "dead", until: until, agedFrom: until) }
    }

    /// Held by somebody.
    var leasedKeys: [String] {
        state.withLock { $0.keys.filter { $0.value.done == nil && $0.value.until.milliseconds > 0 }.map(\.key) }
    }
    var doneKeys: [String] { state.withLock { $0.keys.filter { $0.value.done != nil }.map(\.key) } }
    /// What is parked, in order.
    var parked: [ParkedMessage] { state.withLock { $0.parked } }
    var hasHistories: Bool { state.withLock { $0.attempts.contains { $0.value.history != nil } } }
}

private final class Counts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func next(_ step: String) -> Int {
        counts.withLock { counts in
            counts[step, default: 0] += 1
            return counts[step, default: 0]
        }
    }
}
