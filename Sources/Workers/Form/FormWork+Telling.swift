// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Ocean

extension FormWork {
    /// The second part of a result's routing key.
    static let service = "forms"

    func result(of request: FormRequest, _ outcome: FormOutcome) -> FormResult {
        var result = FormResult()
        result.site = request.site
        result.outcome = outcome
        result.requestID = message.id
        result.idempotencyKey = request.idempotencyKey
        result.forms = request.forms
        result.patientRef = request.patientRef
        result.externalPatientRef = request.externalPatientRef ?? request.patient?.chartNumber
        result.attempts = tally.failures
        result.finishedAt = worker.clock.now()
        return result
    }

    /// Tells the hospital and the operator that it will not be.
    ///
    /// - Parameter isFiled: false for what is no fault.
    /// - Returns: the outcome for the metric.
    func refused(
        _ refusal: FormRefusal, _ request: FormRequest?, since started: Timestamp, isFiled: Bool = true
    ) async throws(Halt) -> String {
        if isFiled { try await file(refusal, attempts: tally.attempt, since: started) }
        var asked = request ?? FormRequest()
        if request == nil {
            // Not JSON at all is one of the reasons to be here.
            let json = try? JSONValue(parsing: message.body)
            asked.site = json?["site"]?.stringValue ?? message.attributes.site ?? ""
            asked.idempotencyKey = json?["idempotencyKey"]?.stringValue
            asked.externalPatientRef = json?["externalPatientRef"]?.stringValue
            guard !asked.site.isEmpty else { return "unreadable" }
        }
        var result = result(of: asked, .refused)
        result.attempts = tally.attempt
        result.reason = refusal.reason
        result.explanation = refusal.explanation
        result.remedy = refusal.remedy
        result.status = refusal.status
        result.answer = refusal.answer
        try await publish(result)
        return FormOutcome.refused.rawValue
    }

    /// To `ocean.results`. A link that nobody takes is kept in `ocean.unrouted`: it is not made a second time.
    func publish(_ told: FormResult) async throws(Halt) {
        var result = told
        // It may be of an earlier message under the same key.
        result.requestID = message.id
        let (output, routingKey) = output(for: result)
        do throws(Interruption<BusError>) {
            let isTaken: Bool
            if result.outcome == .created {
                isTaken = try await worker.outlet.publishOrKeep(
                    output, exchange: BusNames.results, routingKey: routingKey, hop, until: stop, tally)
            } else {
                isTaken = try await tell(output, routingKey)
            }
            hop.note(
                .form, isTaken ? result.outcome.rawValue : "unheard", detail: "\(BusNames.results) \(routingKey)",
                as: output)
        } catch {
            throw error.halt
        }
    }

    /// That nobody listens is fine: the request stands in the dead letters.
    private func tell(_ output: Message, _ routingKey: String) async throws(Interruption<BusError>) -> Bool {
        do throws(Interruption<BusError>) {
            try await worker.outlet.publish(
                output, to: .exchange(BusNames.results, routingKey: routingKey), hop, until: stop, tally)
            return true
        } catch {
            guard case .final = error else { throw error }
            return false
        }
    }

    /// Tells that the request waits in the parking lot; what cannot be read waits untold.
    func announceParked(_ reason: String) async throws(Halt) {
        guard let request = try? FormRequestReader.read(message.body, site: message.attributes.site) else { return }
        var result = result(of: request, .parked)
        result.reason = reason
        result.explanation =
            "Ocean cannot create this form now. It is tried again by itself; nothing needs to be done, and it must not "
            + "be asked for again."
        let (output, routingKey) = output(for: result)
        do throws(Interruption<BusError>) {
            try await worker.outlet.tell(
                output, to: .exchange(BusNames.results, routingKey: routingKey), hop, until: stop)
        } catch {
            if case .stopped = error { throw Halt() }
            hop.logger.info("nobody was told that the request waits")
        }
    }

    private func output(for result: FormResult) -> (Message, routingKey: String) {
        let output = Message(
            id: "\(message.id)-result" + (result.outcome == .parked ? "-parked" : ""),
            source: "/bridge/\(FormWorker.name)", type: result.outcome.messageType, subject: message.subject,
            time: worker.clock.now(), dataSchema: Schemas.root + Schemas.formResultName,
            attributes: MessageAttributes(
                site: result.site, test: message.attributes.test, causationID: message.id),
            trace: hop.trace, body: result.json.bytes())
        return (
            output, RoutingKey.make(site: result.site, service: Self.service, last: result.outcome.rawValue)
        )
    }

    func file(_ refusal: FormRefusal, attempts: Int, since started: Timestamp) async throws(Halt) {
        let letter = DeadLetter(
            reason: refusal.reason, detail: refusal.detail, stage: FormWorker.name, queue: delivery.queue,
            routingKey: delivery.routingKey, attempts: attempts, firstAttempt: started,
            lastAttempt: worker.clock.now(), status: refusal.status)
        do throws(Interruption<BusError>) {
            try await worker.outlet.store(
                letter.applied(to: message, trace: hop.trace), in: BusNames.deadLetters, hop, until: stop, tally)
        } catch {
            throw error.halt
        }
        hop.note(.form, "dead-letter", detail: refusal.reason)
        hop.logger.error(
            "form request refused",
            metadata: [
                "reason": "\(refusal.reason)", "status": "\(refusal.status ?? 0)", "attempts": "\(attempts)",
            ])
    }
}
