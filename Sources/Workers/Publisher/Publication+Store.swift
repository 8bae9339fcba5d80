// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging

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

    private func claim(_ key: String) async throws(Halt) -> LeaseOutcome {
        try await store("lease") { () async throws(StoreError) in
            let now = publisher.clock.now()
            return try await publisher.store.lease(
                key: key, holder: publisher.settings.holder, now: now,
                until: now.advanced(by: publisher.settings.lease))
        }
    }

    /// Claims the key; waits while another process has it in work. An operator's replay of a finished update passes, and
    /// so does an update that names neither an id nor a key: accept, decline and accept again are three updates, two of
    /// them with the same body.
    func isDuplicate(_ key: String, hasIdentity: Bool) async throws(Halt) -> Bool {
        while true {
            switch try await claim(key) {
            case .acquired: return false
            case .done: return hasIdentity && !(message.headers[DeadLetter.replayHeader]?.isTrue ?? false)
            case .held(let until, let holder):
                if try await takeOver(key, from: holder) { return false }
                let wait = min(max(until.duration(since: publisher.clock.now()), .milliseconds(10)), .seconds(5))
                guard await stop.pause(for: wait) else { throw Halt() }
            }
        }
    }

    /// Whether the key was completed; leaves it as it was.
    func isDone(_ key: String) async throws(Halt) -> Bool {
        switch try await claim(key) {
        case .done: return true
        case .held: return false
        case .acquired:
            await release(key)
            return false
        }
    }

    /// From a holder that is dead for certain. Ocean may have been told already: it is told again with the same bytes
    /// under the same ids.
    private func takeOver(_ key: String, from holder: String) async throws(Halt) -> Bool {
        guard publisher.settings.isDead(holder) else { return false }
        let taken = try await store("seize") { () async throws(StoreError) in
            let now = publisher.clock.now()
            return try await publisher.store.seize(
                key: key, from: holder, holder: publisher.settings.holder, now: now,
                until: now.advanced(by: publisher.settings.lease))
        }
        if taken { hop.logger.notice("the process that had this update in work is dead; going on with it") }
        return taken
    }

    /// Before a further attempt. When another process took the update up meanwhile, it is that one's.
    func renew(_ key: String) async throws(Halt) {
        if case .held = try await claim(key) {
            hop.logger.warning("another process has taken this update up")
            throw Halt()
        }
    }

    func complete(_ key: String) async throws(Halt) {
        do throws(Interruption<StoreError>) {
            try await publisher.persistence.until(stop, hop, step: "complete") { () async throws(StoreError) in
                try await publisher.store.complete(
                    key: key, holder: publisher.settings.holder, now: publisher.clock.now())
            }
        } catch {
            guard case .final = error else { throw Halt() }
            // A replay of a finished update has no lease; else the lease ran out and another took the update up.
            hop.logger.info("the update was not this process's to complete")
        }
    }

    /// So that the next delivery need not wait for the lease to run out.
    func release(_ key: String) async {
        do throws(StoreError) {
            try await publisher.store.release(key: key, holder: publisher.settings.holder)
        } catch {
            hop.logger.info("the lease stays until it runs out", metadata: ["reason": "\(error.reason)"])
        }
    }
}
