// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging

extension Translation {
    func store<Value: Sendable>(
        _ step: String, _ body: () async throws(StoreError) -> Value
    ) async throws(Halt) -> Value {
        do throws(Interruption<StoreError>) {
            // Only a lost lease is final, and no step here but completing has one.
            return try await translator.persistence.until(
                stop, hop, step: step, isFinal: { (_: StoreError) in false }, body)
        } catch {
            throw Halt()
        }
    }

    /// Claims the message; waits while another of the same content is in work.
    func admit(_ identity: InboundIdentity) async throws(Halt) -> Admission {
        while true {
            let answer = try await store("lease") { () async throws(StoreError) in
                try await translator.reconciler.admit(identity, delivery.message)
            }
            guard case .held(let until) = answer else { return answer }
            let wait = min(max(until.duration(since: translator.clock.now()), .milliseconds(10)), .seconds(5))
            guard await stop.pause(for: wait) else { throw Halt() }
        }
    }

    /// Writes down what was judged, with the record: before the hospital hears of it, since its answer may come at once
    /// and needs the record.
    ///
    /// - Returns: what counts.
    func note(
        _ judgement: Judgement, _ identity: InboundIdentity, earlier: Judgement?
    ) async throws(Halt) -> Judgement {
        do throws(Interruption<StoreError>) {
            return try await translator.persistence.until(stop, hop, step: "save") { () async throws(StoreError) in
                try await translator.reconciler.note(judgement, identity, delivery.message, earlier: earlier)
            }
        } catch {
            if case .final = error {
                // Left unsettled, it is known as a duplicate when it comes again, or is this one's again.
                hop.logger.warning("the lease ran out before the message was judged; another has taken it up")
            }
            throw Halt()
        }
    }

    func complete(
        _ identity: InboundIdentity, isDelivered: Bool, sourceTime: Timestamp?
    ) async throws(Halt) {
        guard identity.isLeased else { return }
        do throws(Interruption<StoreError>) {
            try await translator.persistence.until(stop, hop, step: "complete") { () async throws(StoreError) in
                try await translator.reconciler.complete(
                    identity, delivery.message, isDelivered: isDelivered, sourceTime: sourceTime)
            }
        } catch {
            guard case .final = error else { throw Halt() }
            // The lease ran out and another took the same content up: it is delivered twice rather than not at all.
            hop.logger.warning("the lease ran out before the message was delivered")
        }
    }

    /// So that the next delivery need not wait for the lease to run out.
    func release(_ identity: InboundIdentity) async {
        guard identity.isLeased else { return }
        do throws(StoreError) {
            try await translator.reconciler.release(identity, delivery.message)
        } catch {
            hop.logger.info("the lease stays until it runs out", metadata: ["reason": "\(error.reason)"])
        }
    }

    /// Puts the message into a side lane, with its reason.
    ///
    /// - Parameter kept: what stands in the letter in place of the message's own data.
    func file(
        reason: String, detail: String?, in queue: String, attempts: Int, since started: Timestamp,
        status: Int? = nil, outcome: String, keeping kept: CanonicalMessage? = nil
    ) async throws(Halt) -> String {
        let letter = DeadLetter(
            reason: reason, detail: detail, stage: Translator.name, queue: delivery.queue,
            routingKey: delivery.routingKey, attempts: attempts,
            firstAttempt: started, lastAttempt: translator.clock.now(), status: status)
        var message = delivery.message
        if let kept { message.body = kept.json.bytes() }
        do throws(Interruption<BusError>) {
            try await translator.outlet.store(
                letter.applied(to: message, trace: hop.trace), in: queue, hop, until: stop, tally)
        } catch {
            throw error.halt
        }
        hop.note(.translate, outcome, detail: reason)
        hop.logger.error(
            "message set aside", metadata: ["queue": "\(queue)", "reason": "\(reason)", "attempts": "\(attempts)"])
        return outcome
    }
}
