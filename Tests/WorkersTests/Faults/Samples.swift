// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Logging
import Ocean
import Synchronization
import Workers

/// A patient who does not exist; her name must show up nowhere but in bodies.
let canary = "Zzyzx-Canary"

let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

/// No waiting: each pause moves the test's clock instead.
func instantly(_ clock: ManualClock) -> StopSignal.Sleep {
    { duration in
        clock.advance(by: duration)
        await Task.yield()
        try Task.checkCancellation()
    }
}

/// A delivery outside any consumer.
func delivery(_ message: Message, queue: String = "ocean.inbound.0") -> Delivery {
    Delivery(
        message: message, queue: queue, routingKey: message.subject ?? "", redelivered: false,
        settle: { (_) async throws(BusError) in })
}

enum Inbound {
    static func canonical(
        ref: String = "ref-1", code: String = "add-service-request", bundle: String? = "b1", header: String? = "h1",
        timestamp: String? = "2026-01-01T10:00:00Z", digest: String = "d1", thin: Bool = false
    ) -> CanonicalMessage {
        var canonical = CanonicalMessage()
        canonical.event.code = code
        canonical.event.bundleID = bundle
        canonical.event.headerID = header
        canonical.event.timestamp = timestamp
        canonical.event.thin = thin
        canonical.original.dialect = "0.11.1"
        canonical.original.sha256 = digest
        canonical.original.body = "{}"
        if !thin {
            var referral = Referral()
            referral.ref = ref
            referral.status = .received
            var name = PersonName()
            name.family = canary
            var patient = Patient()
            patient.names = [name]
            referral.patient = patient
            canonical.referral = referral
        }
        return canonical
    }

    static func message(
        _ id: String, _ canonical: CanonicalMessage = canonical(), ref: String = "ref-1"
    ) -> Message {
        Message(
            id: id, source: "/ocean/ereferral", type: .referralReceived, subject: ref,
            time: Timestamp(milliseconds: 1_767_225_600_000),
            attributes: MessageAttributes(
                site: "1234", listing: "listing-1", service: "cardiology", event: canonical.event.code,
                dialect: "0.11.1", integration: "ereferral"),
            trace: TraceContext.root(), body: canonical.json.bytes())
    }
}

enum Update {
    static func message(
        _ id: String, ref: String = "ref-1", site: String = "1234", action: UpdateAction = .accept, key: String? = nil,
        occurredAt: String? = nil, text: String = canary
    ) -> Message {
        var update = ReferralUpdate(referral: ref, site: site, action: action)
        update.idempotencyKey = key
        update.text = text
        update.occurredAt = occurredAt
        return Message(
            id: id, source: "/hospital", type: .updateRequested, subject: ref,
            time: Timestamp(milliseconds: 1_767_225_600_000), trace: TraceContext.root(), body: update.json.bytes())
    }
}

/// Canonical updates only.
struct PlainReader: UpdateReader {
    func read(_ message: Message) throws(TranslationError) -> UpdateRequest {
        guard let json = try? JSONValue(parsing: message.body) else { throw TranslationError(.notJSON, "not JSON") }
        var unknown: [JSONPointer] = []
        do throws(RecordError) {
            return UpdateRequest(try ReferralUpdate.read(json, unknown: &unknown))
        } catch {
            throw TranslationError(.invalid, at: error.pointer, error.message)
        }
    }
}

/// A bundle that shows its context.
struct PlainWriter: UpdateWriter {
    func bundle(for update: ReferralUpdate, in context: UpdateContext) throws(TranslationError) -> OutgoingBundle {
        if update.action == .redirect { throw TranslationError(.unsupported, at: "/action", "no form for it") }
        let text = "\(context.dialect.rawValue)|\(update.referral)|\(context.messageID)"
        return OutgoingBundle(
            body: Array(text.utf8), event: "notify-update-status", fingerprints: ["fp-\(context.messageID)"],
            appointmentID: update.action == .book ? "appt-\(context.messageID)" : nil)
    }
}

struct PlainHospitalWriter: HospitalWriter {
    let contentType = "application/fhir+json"
    var failure: TranslationError?

    func write(_ message: Message, _ canonical: CanonicalMessage) throws(TranslationError) -> Translated {
        if let failure { throw failure }
        return Translated(body: Array("fhir".utf8), ledger: Ledger())
    }
}

struct ScriptedEnricher: Enricher {
    let script: @Sendable (Int) -> EnrichmentError?
    private let count = Counted()

    init(_ script: @escaping @Sendable (Int) -> EnrichmentError? = { _ in nil }) {
        self.script = script
    }

    func fetch(_ message: Message, _ canonical: CanonicalMessage) async throws(EnrichmentError) -> FetchedContent {
        if let error = script(count.next()) { throw error }
        return FetchedContent { () throws(EnrichmentError) in Self.content(for: message) }
    }

    private static func content(for message: Message) -> InboundMessage {
        var full = Inbound.canonical(ref: message.subject ?? "")
        full.event.thin = false
        return InboundMessage(
            type: .referralUpdated, subject: message.subject ?? "", time: nil,
            attributes: MessageAttributes(site: "1234", event: "notify-update-service-request"), canonical: full,
            ledger: Ledger())
    }
}

final class Counted: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func next() -> Int {
        count.withLock { value in
            value += 1
            return value
        }
    }
}

/// Keeps the events of all hops.
final class Recorder: HopObserver {
    private let kept = Mutex<[HopEvent]>([])

    var events: [HopEvent] { kept.withLock { $0 } }
    func hop(_ event: HopEvent) { kept.withLock { $0.append(event) } }
}
