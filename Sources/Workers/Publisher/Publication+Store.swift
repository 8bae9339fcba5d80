// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Ocean

extension Publication {
    @discardableResult
    func store<Value: Sendable>(
        _ step: String, _ body: () async throws(StoreError) -> Value
    ) async throws(Halt) -> Value {
        do throws(Interruption<StoreError>) {
            // Only a lost lease is final, and no step here but completing has one.
            return try await publisher.persistence.until(
                stop, hop, step: step, isFinal: { (_: StoreError) in false }, body)
        } catch {
            throw Halt()
        }
    }

    /// Claims the update's key; waits while another process has it in work.
    func admit(_ identity: OutboundIdentity) async throws(Halt) -> UpdateReconciler.Admission {
        while true {
            let answer = try await store("lease") { () async throws(StoreError) in
                try await publisher.reconciler.admit(identity)
            }
            guard case .held(let until, let holder) = answer else { return answer }
            if try await takeOver(identity, from: holder) { continue }
            let wait = min(max(until.duration(since: publisher.clock.now()), .milliseconds(10)), .seconds(5))
            guard await stop.pause(for: wait) else { throw Halt() }
        }
    }

    /// Whether the update was carried out, or refused by Ocean, before.
    func isDone(_ identity: OutboundIdentity) async throws(Halt) -> Bool {
        try await store("lease") { () async throws(StoreError) in try await publisher.reconciler.isSettled(identity) }
    }

    /// From a holder that is dead for certain. Ocean may have been told already: it is told again with the same bytes
    /// under the same ids.
    private func takeOver(_ identity: OutboundIdentity, from holder: String) async throws(Halt) -> Bool {
        guard publisher.settings.isDead(holder) else { return false }
        let taken = try await store("seize") { () async throws(StoreError) in
            try await publisher.reconciler.seize(identity, from: holder)
        }
        if taken { hop.logger.notice("the process that had this update in work is dead; going on with it") }
        return taken
    }

    /// Before a further attempt. When another process took the update up meanwhile, it is that one's.
    func renew(_ work: Work) async throws(Halt) {
        guard work.isLeased else { return }
        let isLost = try await store("lease") { () async throws(StoreError) in
            try await publisher.reconciler.isLost(work.identity)
        }
        if isLost {
            hop.logger.warning("another process has taken this update up")
            throw Halt()
        }
    }

    /// What the update would undo, if it went out now.
    func staleness(of work: Work) async throws(Halt) -> StaleGuard.Staleness? {
        try await store("record") { () async throws(StoreError) in
            try await publisher.reconciler.staleness(of: work.update, appointmentID: work.bundle.appointmentID)
        }
    }

    /// Writes down what became of the update, and with it what the next one of this referral needs: the appointment's id
    /// and, until Ocean says more, the state.
    ///
    /// - Returns: what counts.
    func remember(_ work: Work, _ settled: Settled, sentAt: Timestamp) async throws(Halt) -> Settled {
        var next = Self.record(after: work, settled, sentAt: sentAt)
        var standing = settled
        if work.isLeased {
            let wanted = next
            let (first, kept) = try await note(settled, work.identity, saving: wanted)
            standing = first
            guard let wanted, let kept, kept.sourceTime > wanted.sourceTime else { return standing }
            next = Self.extended(kept, by: work)
        }
        // The translator may save a newer record meanwhile; then that one gets the appointment. A few rounds: each
        // needs another message of the same referral in the same instant.
        for _ in 0..<5 {
            guard let wanted = next else { break }
            let kept = try await store("save") { () async throws(StoreError) in
                try await publisher.store.save(wanted)
            }
            guard kept.sourceTime > wanted.sourceTime else { break }
            next = Self.extended(kept, by: work)
        }
        return standing
    }

    /// - Returns: nil when there is nothing to write down.
    private static func record(after work: Work, _ settled: Settled, sentAt: Timestamp) -> ReferralRecord? {
        guard case .delivered = settled else { return nil }
        let update = work.update
        let changes = StaleGuard.changes(by: update, appointmentID: work.bundle.appointmentID, sentAt: sentAt)
        guard work.bundle.appointmentID != nil || update.action.resultingStatus != nil || !changes.isEmpty else {
            return nil
        }
        // A referral that Ocean has not sent to us: any word of Ocean's is newer than what we know.
        var record =
            work.record
            ?? ReferralRecord(
                reference: update.referral, site: update.site, listing: update.listing, service: update.service,
                status: ReferralStatus.unknown.rawValue, sourceTime: Timestamp(milliseconds: 0))
        record.changedAt = changes
        return extended(record, by: work)
    }

    private static func extended(_ record: ReferralRecord, by work: Work) -> ReferralRecord {
        var output = record
        if let status = work.update.action.resultingStatus { output.status = status.rawValue }
        if let id = work.bundle.appointmentID, !output.appointmentIDs.contains(id) { output.appointmentIDs.append(id) }
        return output
    }

    private func note(
        _ settled: Settled, _ identity: OutboundIdentity, saving record: ReferralRecord?
    ) async throws(Halt) -> (Settled, ReferralRecord?) {
        do throws(Interruption<StoreError>) {
            return try await publisher.persistence.until(stop, hop, step: "save") { () async throws(StoreError) in
                try await publisher.reconciler.note(settled, on: identity, saving: record)
            }
        } catch {
            if case .final = error { hop.logger.warning("the lease ran out and another process took this update up") }
            throw Halt()
        }
    }

    /// Ocean changed nothing: what somebody else changes so is no echo of ours.
    func forget(_ work: Work) async throws(Halt) {
        try await store("forget") { () async throws(StoreError) in
            try await publisher.store.forget(work.bundle.fingerprints, referral: work.update.referral)
        }
    }

    func complete(_ work: Work) async throws(Halt) {
        guard work.isLeased else { return }
        do throws(Interruption<StoreError>) {
            try await publisher.persistence.until(stop, hop, step: "complete") { () async throws(StoreError) in
                try await publisher.reconciler.complete(work.identity)
            }
        } catch {
            guard case .final = error else { throw Halt() }
            hop.logger.info("the lease ran out and another process took this update up")
        }
    }

    /// So that the next delivery need not wait for the lease to run out.
    func release(_ identity: OutboundIdentity) async {
        do throws(StoreError) {
            try await publisher.reconciler.release(identity)
        } catch {
            hop.logger.info("the lease stays until it runs out", metadata: ["reason": "\(error.reason)"])
        }
    }
}
