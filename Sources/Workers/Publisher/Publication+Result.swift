// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Metrics
import Ocean

extension Publication {
    func result(
        of update: ReferralUpdate, _ outcome: UpdateOutcome, attempts: Int, status: Int? = nil
    ) -> UpdateResult {
        var result = UpdateResult()
        result.referral = update.referral
        result.site = update.site
        result.action = update.action
        result.outcome = outcome
        result.updateID = delivery.message.id
        result.part = part.isEmpty ? nil : part
        result.idempotencyKey = update.idempotencyKey
        result.status = status
        result.attempts = attempts
        result.finishedAt = publisher.clock.now()
        return result
    }

    /// Dead letter first, then the result: who hears `refused` finds the letter.
    func refused(
        _ refusal: Refusal, _ update: ReferralUpdate, _ record: ReferralRecord?, event: String?, attempts: Int,
        since started: Timestamp, as outcome: UpdateOutcome = .refused
    ) async throws(Halt) -> String {
        try await file(refusal, attempts: attempts, since: started)
        var result = result(of: update, outcome, attempts: attempts, status: refusal.status)
        result.reason = refusal.word ?? refusal.reason
        result.explanation = refusal.explanation
        result.remedy = refusal.remedy
        result.issues = refusal.issues
        result.answer = refusal.answer
        try await publish(result, update, record, event: event)
        return outcome.rawValue
    }

    /// To `ocean.results`; that nobody listens there is fine.
    func publish(
        _ result: UpdateResult, _ update: ReferralUpdate, _ record: ReferralRecord?, event: String?
    ) async throws(Halt) {
        let (output, routingKey) = message(for: result, update, record, event: event)
        var taken = "delivered"
        do throws(Interruption<BusError>) {
            try await publisher.outlet.publish(
                output, to: .exchange(BusNames.results, routingKey: routingKey), hop, until: stop, tally)
        } catch {
            taken = try unheard(error)
        }
        hop.note(.result, taken, detail: "\(BusNames.results) \(routingKey)", as: output)
    }

    /// Tells that the update waits in the parking lot; what cannot be read waits untold.
    func announceParked(_ reason: String) async throws(Halt) {
        // Over which the process died: it waits untold, and is set aside when its turn comes.
        if try await enter("announce") != nil { return }
        let request: UpdateRequest
        do throws(TranslationError) {
            request = try publisher.reader.read(message)
        } catch {
            await window.close()
            hop.logger.info("an update that cannot be read waits in the parking lot")
            return
        }
        await window.close()
        let record = try await store("record") { () async throws(StoreError) in
            try await publisher.store.referral(request.referral)
        }
        let changes: [RequestedChange]
        do throws(TranslationError) {
            changes = try request.changes(since: record)
        } catch {
            hop.logger.info("an update that cannot be read waits in the parking lot")
            return
        }
        for change in try await due(changes, of: request) {
            var waiting = separate(change)
            waiting.said = request.isCompared ? ContentDigest.digest(of: message.body) : nil
            // Those before the one that fails are done.
            if !waiting.part.isEmpty, try await waiting.isDone(waiting.identity(of: change.update)) { continue }
            try await waiting.announceParked(reason, change.update, record)
        }
    }

    private func announceParked(
        _ reason: String, _ update: ReferralUpdate, _ record: ReferralRecord?
    ) async throws(Halt) {
        var result = result(of: update, .parked, attempts: tally.failures)
        result.explanation =
            reason == LaneParking.behind
            ? "An earlier update of this referral waits for Ocean; this one waits behind it. It is sent by itself in "
                + "its turn; nothing needs to be done, and it must not be sent again."
            : "Ocean cannot take this update now, although it answers others. It is tried again by itself; nothing "
                + "needs to be done, and it must not be sent again."
        let (output, routingKey) = message(for: result, update, record, event: nil)
        var taken = "delivered"
        do throws(Interruption<BusError>) {
            try await publisher.outlet.tell(
                output, to: .exchange(BusNames.results, routingKey: routingKey), hop, until: stop)
        } catch {
            taken = try unheard(error)
        }
        hop.note(.result, taken, detail: "\(BusNames.results) \(routingKey)", as: output)
    }

    private func unheard(_ interruption: Interruption<BusError>) throws(Halt) -> String {
        switch interruption {
        case .stopped: throw Halt()
        case .enough(let setback): throw Halt(setback)
        case .final(let failure):
            Counter(label: "ocean_bridge_results_unheard_total", dimensions: [("reason", failure.reason)]).increment()
            return failure.reason
        }
    }

    private func message(
        for result: UpdateResult, _ update: ReferralUpdate, _ record: ReferralRecord?, event: String?
    ) -> (Message, routingKey: String) {
        let service = record?.service ?? update.service ?? record?.listing ?? update.listing
        let output = Message(
            id: "\(message.id)-result" + (result.outcome == .parked ? "-parked" : ""), source: "/bridge/publisher",
            type: result.outcome.messageType,
            subject: update.referral, time: publisher.clock.now(),
            attributes: MessageAttributes(
                site: update.site, listing: record?.listing ?? update.listing, service: service, event: event,
                test: message.attributes.test, causationID: delivery.message.id),
            trace: hop.trace, body: result.json.bytes())
        return (output, RoutingKey.make(site: update.site, service: service, last: result.outcome.rawValue))
    }

    func file(_ refusal: Refusal, attempts: Int, since started: Timestamp) async throws(Halt) {
        let letter = DeadLetter(
            reason: refusal.reason, detail: refusal.detail, stage: Publisher.name, queue: delivery.queue,
            routingKey: delivery.routingKey,
            attempts: attempts, firstAttempt: started, lastAttempt: publisher.clock.now(), status: refusal.status,
            refusal: refusal.word, issues: refusal.issues.map(\.summary))
        do throws(Interruption<BusError>) {
            try await publisher.outlet.store(
                letter.applied(to: message, trace: hop.trace), in: BusNames.deadLetters, hop, until: stop, tally)
        } catch {
            throw error.halt
        }
        hop.note(.publish, "dead-letter", detail: refusal.reason)
        hop.logger.error(
            "update refused",
            metadata: [
                "reason": "\(refusal.word ?? refusal.reason)", "status": "\(refusal.status ?? 0)",
                "attempts": "\(attempts)", "issues": "\(refusal.issues.map(\.summary).joined(separator: "; "))",
            ])
    }

    /// Nobody could read it: dead letter, and a result when it can be told whose it is.
    func unreadable(
        _ error: TranslationError, of request: UpdateRequest? = nil, since started: Timestamp
    ) async throws(Halt) -> String {
        let refusal = Refusal(translation: error)
        // Not JSON at all is one of the reasons to be here.
        let body = try? JSONValue(parsing: message.body)
        let referral = request?.referral ?? body?["referral"]?.stringValue ?? message.subject
        var update = ReferralUpdate(referral: referral ?? "", site: "", action: .message)
        if let action = body?["action"]?.stringValue.flatMap({ UpdateAction(rawValue: $0) }) { update.action = action }
        update.idempotencyKey = body?["idempotencyKey"]?.stringValue
        var record: ReferralRecord?
        if let referral, !referral.isEmpty {
            record = try await store("record") { () async throws(StoreError) in
                try await publisher.store.referral(referral)
            }
        }
        update.site = request?.site ?? body?["site"]?.stringValue ?? message.attributes.site ?? record?.site ?? ""
        guard !update.referral.isEmpty, !update.site.isEmpty else {
            try await file(refusal, attempts: tally.failures, since: started)
            return "unreadable"
        }
        return try await refused(refusal, update, record, event: nil, attempts: tally.failures, since: started)
    }
}
