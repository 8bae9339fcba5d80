// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension Translation {
    enum Enriched: Sendable {
        case completed(InboundMessage)
        /// Stands in the dead-letter lane.
        case filed(String)
    }

    /// Fetches what a thin event leaves out; tries again in place while Ocean cannot answer.
    func enriched(_ canonical: CanonicalMessage, since started: Timestamp) async throws(Halt) -> Enriched {
        var message = delivery.message
        message.trace = hop.trace
        var canonical = canonical
        // Of an event that was put back: it is looked into first, and fetched anew only when it does not open.
        var kept = canonical.engagement?.sealed == nil ? nil : canonical
        var tries = 0
        while true {
            tries += 1
            let failure: EnrichmentError
            switch try await enrichedOnce(message, canonical) {
            case .completed(let inbound):
                hop.note(.translate, "enriched", detail: "attempt \(tally.attempt)")
                return .completed(inbound)
            case .crashed(let crashes): return .filed(try await setAside(crashes, since: started))
            case .failed(let error, let sealed):
                if canonical.engagement?.sealed != nil {
                    canonical.engagement?.sealed = nil
                    continue
                }
                failure = error
                kept = sealed ?? kept
            }
            if Task.isCancelled { throw Halt() }
            guard case .retry(let after) = failure.disposition else {
                var status: Int?
                if case .service(let error) = failure { status = error.status }
                return .filed(
                    try await file(
                        reason: failure.reason, detail: Self.detail(failure), in: BusNames.deadLetters,
                        attempts: tally.attempt, since: started, status: status, outcome: "dead-letter",
                        keeping: kept))
            }
            hop.retrying("enrich", failure, attempt: tries)
            await tally.note(failure.reason, hop)
            if tally.isOverdue(wait: after ?? .zero) { throw Halt(Setback(reason: failure.reason, retryAfter: after)) }
            let delay = translator.persistence.backoff.delay(afterAttempt: tries, retryAfter: after)
            guard await stop.pause(for: delay) else { throw Halt() }
        }
    }

    private enum Try: Sendable {
        case completed(InboundMessage)
        case failed(EnrichmentError, keeping: CanonicalMessage?)
        /// The process died over what was fetched, so many times.
        case crashed(Int)
    }

    private func enrichedOnce(_ message: Message, _ canonical: CanonicalMessage) async throws(Halt) -> Try {
        await translator.permits.acquire(message.attributes.site)
        let fetched: FetchedContent
        do throws(EnrichmentError) {
            fetched = try await translator.enricher.fetch(message, canonical)
            translator.permits.release(message.attributes.site)
        } catch {
            translator.permits.release(message.attributes.site)
            return .failed(error, keeping: nil)
        }
        // Not while it waits for Ocean: whoever waits in the window keeps the whole process waiting.
        if let crashes = try await enter("enrich") { return .crashed(crashes) }
        let output: Try
        do throws(EnrichmentError) {
            output = .completed(try fetched.read())
        } catch {
            output = .failed(error, keeping: fetched.sealed)
        }
        await window.close()
        return output
    }

    private static func detail(_ failure: EnrichmentError) -> String {
        switch failure {
        case .service(let error): error.message
        case .translation(let error): error.description
        }
    }

    /// The envelope keeps id, subject and way in; the content decides the rest.
    static func completed(_ message: Message, by inbound: InboundMessage) -> Message {
        var output = message
        output.type = inbound.type
        if let time = inbound.time { output.time = time }
        var attributes = inbound.attributes
        attributes.site = attributes.site ?? message.attributes.site
        attributes.listing = attributes.listing ?? message.attributes.listing
        attributes.service = attributes.service ?? message.attributes.service
        attributes.event = attributes.event ?? message.attributes.event
        attributes.dialect = attributes.dialect ?? message.attributes.dialect
        attributes.sequence = message.attributes.sequence
        attributes.integration = message.attributes.integration
        attributes.test = attributes.test || message.attributes.test
        output.attributes = attributes
        output.body = inbound.canonical.json.bytes()
        return output
    }
}
