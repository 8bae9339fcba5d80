// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Metrics
import Ocean

/// One inbound message on its way through the translator.
struct Translation: Sendable {
    let translator: Translator
    let delivery: Delivery
    let hop: Hop
    let stop: StopSignal
    let tally: Tally
    var window = CrashWindow.none

    private var reconciler: Reconciler { translator.reconciler }

    /// - Returns: the outcome for the metric.
    func run() async throws(Halt) -> String {
        let started = tally.firstAt ?? translator.clock.now()
        if let crashes = try await enter() { return try await setAside(crashes, since: started) }
        Failpoint.translate.hit(delivery.message.subject ?? delivery.message.id)
        let received: CanonicalMessage
        do throws(TranslationError) {
            received = try Self.decode(delivery.message.body)
        } catch {
            await window.close()
            return try await file(
                reason: error.reason, detail: error.description, in: BusNames.invalid, attempts: tally.attempt,
                since: started,
                outcome: "invalid")
        }
        await window.close()
        let identity = reconciler.identity(of: delivery.message, received)
        let cell: DuplicateRule.Cell
        let sourceTime: Timestamp?
        let earlier: Judgement?
        switch try await admit(identity) {
        case .duplicate(let cell, let isDone):
            if !isDone { try await complete(identity, isDelivered: false, sourceTime: nil) }
            count(cell, "suppressed")
            hop.note(.translate, "duplicate", detail: cell.rawValue)
            return "duplicate"
        case .held: throw Halt()
        case .admitted(let known, let time, let judged): (cell, sourceTime, earlier) = (known, time, judged)
        }
        if cell != .neither { count(cell, "delivered") }
        let outcome: Outcome
        do throws(Halt) {
            outcome = try await translate(
                received, Admitted(identity: identity, sourceTime: sourceTime, earlier: earlier), since: started)
        } catch {
            await release(identity)
            throw error
        }
        try await complete(identity, isDelivered: outcome.isWhole, sourceTime: sourceTime)
        return outcome.word
    }

    /// What became of a message that was translated.
    private struct Outcome: Sendable {
        /// For the metric.
        let word: String
        /// The hospital has it in every form; nothing of it stands in a side lane.
        var isWhole = false
    }

    /// A message that is no duplicate.
    private struct Admitted: Sendable {
        let identity: InboundIdentity
        let sourceTime: Timestamp?
        let earlier: Judgement?
    }

    /// Messages whose ids, or one of them, were known.
    private func count(_ cell: DuplicateRule.Cell, _ outcome: String) {
        Counter(
            label: "ocean_bridge_repetitions_total", dimensions: [("ids", cell.rawValue), ("outcome", outcome)]
        ).increment()
    }

    private static func decode(_ body: [UInt8]) throws(TranslationError) -> CanonicalMessage {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw TranslationError(.notJSON, "\(error)")
        }
        // What a newer ingress adds is not this version's to judge.
        var unknown: [JSONPointer] = []
        do throws(RecordError) {
            return try CanonicalMessage(json: json, at: .root, unknown: &unknown)
        } catch {
            throw TranslationError(.invalid, at: error.pointer, error.message)
        }
    }

    private func translate(
        _ received: CanonicalMessage, _ admitted: Admitted, since started: Timestamp
    ) async throws(Halt) -> Outcome {
        var message = delivery.message
        var canonical = received
        if received.event.thin {
            switch try await enriched(received, since: started) {
            case .completed(let inbound):
                canonical = inbound.canonical
                message = Self.completed(message, by: inbound)
                try await match(&canonical, &message)
            case .filed(let outcome): return Outcome(word: outcome)
            }
        }
        translator.settings.judge.received(canonical, partner: message.attributes.site, hop.logger)
        let (asked, fullContent) = (message, canonical)
        var judgement = try await store("judge") { () async throws(StoreError) in
            try await reconciler.judge(
                asked, fullContent, sourceTime: admitted.sourceTime, earlier: admitted.earlier)
        }
        message.attributes.test = message.attributes.test || (canonical.referral?.test ?? false)
        // Also when there is no record to save: a worker that lost the message long ago must not judge it by what came
        // since, and learns here that another has finished it.
        if judgement != admitted.earlier {
            judgement = try await note(judgement, admitted.identity, earlier: admitted.earlier)
        }
        message.attributes.echo = judgement.isEcho
        message.attributes.late = judgement.isLate
        if judgement.isEcho { hop.note(.translate, "echo", as: message) }
        if judgement.isLate { hop.note(.translate, "late", as: message) }
        if let crashes = try await enter("write") {
            return Outcome(word: try await setAside(crashes, since: started))
        }
        let outcome = try await publish(message, canonical, since: started)
        // After the referral itself: who hears of a document has heard of its referral.
        try await requestDocuments(of: message, canonical)
        return outcome
    }

    private func publish(
        _ message: Message, _ canonical: CanonicalMessage, since started: Timestamp
    ) async throws(Halt) -> Outcome {
        var published = 0
        var isWhole = true
        var firstFailure: TranslationError?
        var ledgers: [(exchange: String, ledger: Ledger)] = []
        for (target, form) in await forms(of: message, canonical) {
            let translated: Translated
            do throws(TranslationError) {
                translated = try form.get()
            } catch {
                hop.note(.deliver, error.reason, detail: target.exchange, as: message)
                if error.code == .unsupported {
                    firstFailure = firstFailure ?? error
                } else {
                    _ = try await file(
                        reason: error.reason, detail: "\(target.exchange): \(error.description)",
                        in: BusNames.deadLetters, attempts: tally.attempt, since: started, outcome: "dead-letter")
                    published += 1
                    isWhole = false
                }
                continue
            }
            translator.settings.judge.written(
                translated.body, contentType: target.writer.contentType, to: .hospital,
                partner: message.attributes.site, hop.logger)
            if try await !deliver(message, translated, to: target, since: started) { isWhole = false }
            ledgers.append((target.exchange, translated.ledger))
            published += 1
        }
        await translator.settings.losses?.judge(message, canonical, ledgers, logger: hop.logger)
        // A form that no target knows must not vanish.
        if published == 0, let firstFailure {
            let word = try await file(
                reason: firstFailure.reason, detail: firstFailure.description, in: BusNames.deadLetters,
                attempts: tally.attempt, since: started, outcome: "dead-letter")
            return Outcome(word: word)
        }
        return Outcome(word: "delivered", isWhole: isWhole)
    }

    /// - Returns: false when it stands in the dead letters instead.
    private func deliver(
        _ message: Message, _ translated: Translated, to target: HospitalTarget, since started: Timestamp
    ) async throws(Halt) -> Bool {
        var output = message
        // Stable, so that a retry repeats it and a consumer can tell.
        output.id = "\(delivery.message.id)-\(target.suffix)"
        output.attributes.causationID = delivery.message.id
        output.trace = hop.trace
        output.headers[DeadLetter.replayHeader] = nil
        output.headers[DeadLetter.firstAttemptHeader] = nil
        output.contentType = target.writer.contentType
        output.body = translated.body
        if target.exchange != BusNames.hospitalCanonical { output.dataSchema = nil }
        let event = message.attributes.event.flatMap { EventCode(code: $0) }
        let routingKey = RoutingKey.make(
            site: message.attributes.site, service: message.attributes.service, last: event?.rawValue ?? "unknown")
        do throws(Interruption<BusError>) {
            let taken = try await translator.outlet.publishOrKeep(
                output, exchange: target.exchange, routingKey: routingKey, hop, until: stop, tally)
            hop.note(
                .deliver, taken ? "delivered" : "unrouted", detail: "\(target.exchange) \(routingKey)", as: output)
            return true
        } catch {
            guard case .final(let failure) = error else { throw error.halt }
            _ = try await file(
                reason: failure.reason, detail: "\(target.exchange): the message cannot be published",
                in: BusNames.deadLetters, attempts: tally.attempt, since: started, outcome: "dead-letter")
            return false
        }
    }
}
