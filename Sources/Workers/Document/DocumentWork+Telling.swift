// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Ocean

extension DocumentWork {
    /// The event's word in routing keys.
    static let event = "document-available"

    /// Tells hospital systems where the document is, again with the same ids when in doubt.
    ///
    /// - Returns: the outcome for the metric.
    func tell(
        _ claim: DocumentClaim, _ request: DocumentRequest, since started: Timestamp
    ) async throws(Halt) -> String {
        let notice = DocumentAvailable(
            claim, request: request, address: worker.claims.address(sha256: claim.sha256),
            service: message.attributes.service ?? message.attributes.listing)
        if worker.settings.tellsCanonical {
            var output = envelope(of: claim, suffix: "canonical")
            output.dataSchema = Schemas.root + Schemas.documentAvailableName
            output.body = notice.json.bytes()
            try await publish(output, to: BusNames.hospitalCanonical, since: started)
        }
        if worker.settings.tellsFHIR {
            var output = envelope(of: claim, suffix: "fhir")
            output.contentType = "application/fhir+json"
            output.body = DocumentNotice.fhir(notice, messageID: output.id, isTest: message.attributes.test)
            try await publish(output, to: BusNames.hospitalFHIR, since: started)
        }
        return "delivered"
    }

    private func envelope(of claim: DocumentClaim, suffix: String) -> Message {
        var attributes = message.attributes
        attributes.event = Self.event
        attributes.causationID = message.attributes.causationID ?? message.id
        attributes.sequence = nil
        return Message(
            id: "\(claim.id)-\(suffix)", source: "/bridge/\(DocumentWorker.name)", type: .documentAvailable,
            subject: claim.referral, time: Timestamp(claim.storedAt) ?? message.time, attributes: attributes,
            trace: hop.trace, body: [])
    }

    private func publish(_ output: Message, to exchange: String, since started: Timestamp) async throws(Halt) {
        let routingKey = RoutingKey.make(
            site: output.attributes.site, service: output.attributes.service ?? output.attributes.listing,
            last: Self.event)
        do throws(Interruption<BusError>) {
            let taken = try await worker.outlet.publishOrKeep(
                output, exchange: exchange, routingKey: routingKey, hop, until: stop, tally)
            hop.note(.document, taken ? "told" : "unrouted", detail: "\(exchange) \(routingKey)", as: output)
        } catch {
            guard case .final(let failure) = error else { throw error.halt }
            _ = try await file(
                reason: failure.reason, detail: "\(exchange): the message cannot be published",
                in: BusNames.deadLetters, attempts: tally.attempt, since: started)
        }
    }

    /// Puts the request into a side lane, with its reason.
    ///
    /// - Returns: the outcome for the metric.
    func file(
        reason: String, detail: String?, in queue: String, attempts: Int, since started: Timestamp,
        status: Int? = nil
    ) async throws(Halt) -> String {
        let letter = DeadLetter(
            reason: reason, detail: detail, stage: DocumentWorker.name, queue: delivery.queue,
            routingKey: delivery.routingKey, attempts: attempts, firstAttempt: started,
            lastAttempt: worker.clock.now(), status: status)
        do throws(Interruption<BusError>) {
            try await worker.outlet.store(
                letter.applied(to: message, trace: hop.trace), in: queue, hop, until: stop, tally)
        } catch {
            throw error.halt
        }
        hop.note(.document, "dead-letter", detail: reason)
        hop.logger.error(
            "a document was not taken", metadata: ["reason": "\(reason)", "attempts": "\(attempts)"])
        return queue == BusNames.invalid ? "invalid" : "dead-letter"
    }
}
