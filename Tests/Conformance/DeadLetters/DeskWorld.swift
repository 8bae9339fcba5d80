// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import JSON
import Logging
import Ocean
import Synchronization
import Testing
import Workers

/// The side lanes on a real bus, a desk over them, and a translator as the worker behind a replay.
struct DeskWorld: Sendable {
    let bus: any MessageBus
    let store: SQLiteStateStore

    static let hospital = "hospital.records"
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)

    static func run(
        on adapter: BusUnderTest, _ body: @escaping @Sendable (DeskWorld) async throws -> Void
    ) async throws {
        try await adapter.withBus { bus in
            try await withTemporaryDirectory { directory in
                let store = try SQLiteStateStore(path: directory + "/state.sqlite", logger: .quiet)
                let outcome: Result<Void, any Error>
                do {
                    try await bus.declare(.bridge(partitions: 1))
                    try await bus.bind(queue: hospital, to: BusNames.hospitalCanonical, routingKey: "#")
                    try await body(DeskWorld(bus: bus, store: store))
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                await store.shutdown()
                try outcome.get()
            }
        }
    }

    func desk(_ book: (any ReplayBook & AuditTrail)? = nil) -> DeadLetterDesk {
        var settings = DeadLetterDesk.Settings()
        settings.patience = .zero
        return DeadLetterDesk(bus: bus, book: book ?? store, settings: settings, logger: .quiet)
    }

    /// A letter as the translator files it, of an invented referral.
    func letter(_ id: String, referral: String = "ref-1", reason: String = "status-404", first: Int = 0) -> Message {
        var canonical = CanonicalMessage()
        canonical.event.code = "add-service-request"
        canonical.event.bundleID = "bundle-\(id)"
        canonical.event.timestamp = "2026-01-01T10:00:00Z"
        canonical.original.sha256 = "digest-\(id)"
        var record = Referral()
        record.ref = referral
        canonical.referral = record
        let message = Message(
            id: id, source: "/ocean/main", type: .referralReceived, subject: referral, time: Self.start,
            attributes: MessageAttributes(site: "1234", service: "cardiology", integration: "main"),
            trace: .root(), body: canonical.json.bytes())
        let at = Self.start.advanced(by: .seconds(first))
        return DeadLetter(
            reason: reason, stage: "translator", queue: "ocean.inbound.0", routingKey: referral, attempts: 3,
            firstAttempt: at, lastAttempt: at.advanced(by: .seconds(60))
        ).applied(to: message, trace: message.trace)
    }

    func file(_ messages: [Message], in lane: String = BusNames.deadLetters) async throws {
        try await bus.publishAll(messages, to: .queue(lane))
    }

    /// Waits until the lane holds `count` messages that nobody has taken.
    func settled(_ lane: String, _ count: Int) async throws {
        _ = try await awaitDepth(of: lane, on: bus) { $0.ready == count && $0.unsettled == 0 }
    }

    /// Lets a translator work off what stands in the partition; returns the message ids in their order.
    @discardableResult
    func work() async throws -> [String] {
        // The end of the line, since a broker's count is late.
        let end = Samples.message("end of the line")
        try await bus.publish(end, to: .exchange(BusNames.inbound, routingKey: "ref-1"))
        let translator = Translator(
            bus: bus, store: store, enricher: NoEnricher(), settings: Translator.Settings(targets: [.canonical]),
            changes: { _, _ in [] }, logger: .quiet)
        let subscription = try await bus.subscribe(to: "ocean.inbound.0", prefetch: 10)
        var handled: [String] = []
        for await delivery in subscription.deliveries {
            if delivery.message.id != end.id {
                #expect(await translator.handle(delivery, stop: StopSignal()) == .done)
                handled.append(delivery.message.id)
            }
            try await delivery.ack()
            if delivery.message.id == end.id { break }
        }
        await subscription.cancel()
        return handled
    }

    /// What has reached the hospital since the last call, in order.
    func delivered() async throws -> [String] {
        let end = Samples.message("end of the day")
        try await bus.publish(end, to: .queue(Self.hospital))
        let subscription = try await bus.subscribe(to: Self.hospital, prefetch: 100)
        var received: [String] = []
        for await delivery in subscription.deliveries {
            try await delivery.ack()
            if delivery.message.id == end.id { break }
            received.append(delivery.message.attributes.causationID ?? "?")
        }
        await subscription.cancel()
        return received
    }
}

/// No thin events here.
private struct NoEnricher: Enricher {
    func fetch(_ message: Message, _ canonical: CanonicalMessage) async throws(EnrichmentError) -> FetchedContent {
        throw .translation(TranslationError(.unsupported, "no thin events in these tests"))
    }
}

/// A book in which the process dies at a chosen step: before or after it is written.
final class CrashingBook: ReplayBook, AuditTrail {
    enum Step: Sendable, Hashable, CaseIterable {
        case beforePlan, afterPlan, beforePublished, afterPublished, beforeDone, afterDone
    }

    private let book: SQLiteStateStore
    private let step: Step?
    private let refusesAudit: Bool
    private let hasCrashed = Mutex(false)

    init(_ book: SQLiteStateStore, at step: Step? = nil, refusesAudit: Bool = false) {
        self.book = book
        self.step = step
        self.refusesAudit = refusesAudit
    }

    private static let crash = StoreError(.unavailable, "the process died here")

    private func pass(_ here: Step) throws(StoreError) {
        guard here == step || hasCrashed.withLock({ $0 }) else { return }
        hasCrashed.withLock { $0 = true }
        throw Self.crash
    }

    func plan(_ entries: [ReplayEntry]) async throws(StoreError) {
        try pass(.beforePlan)
        try await book.plan(entries)
        try pass(.afterPlan)
    }

    func unfinishedReplays() async throws(StoreError) -> [ReplayEntry] { try await book.unfinishedReplays() }

    func advance(batch: String, messageID: String, to state: ReplayEntry.State) async throws(StoreError) {
        if state == .published { try pass(.beforePublished) }
        if state == .done { try pass(.beforeDone) }
        try await book.advance(batch: batch, messageID: messageID, to: state)
        if state == .published { try pass(.afterPublished) }
        if state == .done { try pass(.afterDone) }
    }

    func record(_ event: AuditEvent) async throws(StoreError) {
        if refusesAudit { throw Self.crash }
        try await book.record(event)
    }

    func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] { try await book.auditEvents(limit: limit) }
}
