// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Logging
import Ocean
import Synchronization
import Testing

@testable import Workers

/// A publisher between a scripted bus, store and Ocean.
struct PublisherBench: Sendable {
    let journal = Journal()
    let clock = ManualClock()
    let recorder = Recorder()
    let bus: ScriptedBus
    let store: ScriptedStore
    let ocean: ScriptedOcean
    let publisher: Publisher
    let availability: OceanAvailability

    init(
        store: @escaping ScriptedStore.Script = { _, _ in nil },
        publishing: @escaping ScriptedBus.Script = { _, _, _ in nil },
        probing: @escaping @Sendable (Int) -> OceanServiceError? = { _ in nil }, threshold: Int = 5,
        backoff: Backoff = Backoff { attempt, after in after ?? .seconds(attempt) }, logger: Logger = quiet,
        settings: Publisher.Settings = Self.settings, answer: [UInt8] = [],
        reader: any UpdateReader = PlainReader(), writer: any UpdateWriter = PlainWriter(),
        ocean: @escaping ScriptedOcean.Script = { _, _ in nil }
    ) {
        bus = ScriptedBus(journal: journal, publishing: publishing)
        self.store = ScriptedStore(journal: journal, store)
        self.ocean = ScriptedOcean(journal: journal, answer: answer, probing: probing, ocean)
        availability = OceanAvailability(threshold: threshold, backoff: backoff, clock: clock, logger: logger)
        publisher = Publisher(
            bus: bus, store: self.store, ocean: self.ocean, reader: reader, writer: writer,
            settings: settings, availability: availability, clock: clock, backoff: backoff, observer: recorder,
            logger: logger)
    }

    static var settings: Publisher.Settings {
        var settings = Publisher.Settings(
            oceanHost: "https://ocean.example", sourceEndpoint: "https://bridge.example", holder: "process-1")
        settings.dialects = ["77": .fhir0100]
        return settings
    }

    static func answering(_ ocean: @escaping ScriptedOcean.Script) -> PublisherBench { PublisherBench(ocean: ocean) }

    func signal() -> StopSignal { StopSignal(sleep: instantly(clock)) }

    @discardableResult
    func handle(_ message: Message) async -> HandlerOutcome {
        await publisher.handle(delivery(message, queue: "ocean.updates.0"), stop: signal())
    }

    func results() throws -> [UpdateResult] {
        try bus.published(to: "ocean.results").map { message in
            var unknown: [JSONPointer] = []
            return try UpdateResult(json: JSONValue(parsing: message.body), at: .root, unknown: &unknown)
        }
    }
}

@Suite("The publisher", .timeLimit(.minutes(15)))
struct PublisherTests {
    @Test("a delivered update: fingerprint before the call, result and completion after")
    func delivered() async throws {
        let bench = PublisherBench()
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(
            bench.journal.lines == [
                "join", "referral", "lease", "remember", "process", "save", "published u1-result", "complete",
            ])
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .delivered)
        #expect(result.attempts == 1)
        #expect(result.status == 200)
        #expect(result.updateID == "u1")
        #expect(bench.bus.routingKeys(of: "ocean.results") == ["1234.unknown.delivered"])
        #expect(bench.bus.published.first?.message.type == .updateDelivered)
    }

    @Test("Ocean is told under the trace of the message")
    func trace() async {
        let bench = PublisherBench()
        let message = Update.message("u1")
        await bench.handle(message)
        #expect(bench.ocean.calls.first?.trace?.traceID == message.trace?.traceID)
    }

    @Test("503 three times, then 200: the same bytes four times, one result")
    func retried() async throws {
        let bench = PublisherBench.answering { _, number in number <= 3 ? ScriptedOcean.unavailable() : nil }
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(bench.ocean.calls.count == 4)
        #expect(Set(bench.ocean.calls.map(\.body)).count == 1)
        #expect(try bench.results().map(\.attempts) == [4])
        #expect(bench.bus.published(to: "ocean.dead-letters").isEmpty)
    }

    @Test("an update that names no id is carried out each time it comes, one with an id once")
    func identity() async throws {
        for (id, calls) in [("amqp-00ff-3a", 2), ("u1", 1)] {
            let bench = PublisherBench { _, _ in nil }
            await bench.handle(Update.message(id))
            await bench.handle(Update.message(id))
            #expect(bench.ocean.calls.count == calls, "\(id)")
            #expect(try bench.results().count == calls, "\(id)")
        }
    }

    @Test("Retry-After is what the wait is computed from")
    func retryAfter() async {
        let bench = PublisherBench.answering { _, number in
            number == 1 ? ScriptedOcean.unavailable(after: .seconds(40)) : nil
        }
        let start = bench.clock.now()
        await bench.handle(Update.message("u1"))
        #expect(bench.clock.now().duration(since: start) == .seconds(40))
    }

    @Test(
        "a refusal is final: dead letter, and a result in words that help",
        arguments: [
            (401, "credentials"), (403, "forwarded"), (409, "forwarded"), (404, "does not know this referral"),
            (400, "content"), (422, "content"), (413, "larger"), (418, "HTTP 418"),
        ])
    func refused(_ status: Int, _ words: String) async throws {
        let bench = PublisherBench.answering { _, _ in ScriptedOcean.refused(status) }
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(bench.ocean.calls.count == 1)
        let letter = try #require(bench.bus.published(to: "ocean.dead-letters").first)
        #expect(letter.id == "u1")
        #expect(letter.body == Update.message("u1").body)
        #expect(letter.headers["x-status"] == .integer(Int64(status)))
        #expect(letter.headers["x-attempts"] == .integer(1))
        #expect(letter.headers["x-stage"] == .string("publisher"))
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .refused)
        #expect(result.status == status)
        #expect(result.explanation?.contains(words) == true)
        #expect(result.answer?["resourceType"]?.stringValue == "OperationOutcome")
        #expect(bench.bus.routingKeys(of: "ocean.results") == ["1234.unknown.refused"])
        #expect(bench.store.doneKeys.count == 1)
    }

    @Test("a site without credentials is refused with the remedy, and says nothing about Ocean")
    func notConfigured() async throws {
        let bench = PublisherBench.answering { _, _ in OceanServiceError(.notConfigured, "no credentials") }
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(try bench.results().first?.remedy?.contains("administrator") == true)
        #expect(bench.bus.published(to: "ocean.dead-letters").count == 1)
    }

    @Test("an update that cannot be read is a dead letter; with referral and site known also a result")
    func unreadable() async throws {
        let bench = PublisherBench()
        var message = Update.message("u1")
        message.body = Array("nonsense".utf8)
        #expect(await bench.handle(message) == .done)
        #expect(bench.bus.published(to: "ocean.dead-letters").first?.headers["x-reason"] == .string("not-json"))
        #expect(try bench.results().isEmpty)

        message.id = "u2"
        message.attributes.site = "1234"
        #expect(await bench.handle(message) == .done)
        #expect(try bench.results().map(\.outcome) == [.refused])

        var half = Update.message("u3")
        half.body = Array(#"{"referral":"ref-9","site":"55","action":"dance"}"#.utf8)
        #expect(await bench.handle(half) == .done)
        #expect(try bench.results().last?.referral == "ref-9")
        #expect(bench.ocean.calls.isEmpty)
    }

    @Test("what the dialect has no form for is refused without a call")
    func unsupported() async throws {
        let bench = PublisherBench()
        #expect(await bench.handle(Update.message("u1", action: .redirect)) == .done)
        #expect(bench.ocean.calls.isEmpty)
        #expect(try bench.results().map(\.outcome) == [.refused])
    }

    @Test("the same idempotency key twice tells Ocean once; for another referral it is another update")
    func idempotency() async throws {
        let bench = PublisherBench()
        await bench.handle(Update.message("u1", key: "k"))
        #expect(await bench.handle(Update.message("u2", key: "k")) == .done)
        await bench.handle(Update.message("u3", ref: "ref-2", key: "k"))
        #expect(bench.ocean.calls.count == 2)
        #expect(try bench.results().count == 2)
    }

    @Test("an operator's replay of a finished update is sent")
    func replay() async {
        let bench = PublisherBench.answering { _, number in number == 1 ? ScriptedOcean.refused(403) : nil }
        await bench.handle(Update.message("u1"))
        var again = Update.message("u1")
        again.headers["x-replay"] = .bool(true)
        #expect(await bench.handle(again) == .done)
        #expect(bench.ocean.calls.count == 2)
    }

    @Test("a process that died with the update in hand: the next waits for its lease, then sends")
    func deadHolder() async {
        let bench = PublisherBench()
        let start = bench.clock.now()
        bench.store.leaveLease(key: "update|1234|ref-1|message|u1", until: start.advanced(by: .seconds(60)))
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(bench.clock.now() >= start.advanced(by: .seconds(60)))
        #expect(bench.ocean.calls.count == 1)
    }

    @Test("a crash after Ocean's answer: the redelivery does not ask again, and ends as the first would have")
    func crashAfterAnswer() async throws {
        for refusal in [nil, ScriptedOcean.refused(403)] {
            let bench = PublisherBench(
                publishing: { message, _, number in number == 1 ? BusError(.unavailable, "down") : nil },
                ocean: { _, number in number == 1 ? refusal : nil })
            let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
            let first = Task {
                await bench.publisher.handle(delivery(Update.message("u1"), queue: "ocean.updates.0"), stop: stop)
            }
            await bench.journal.wait { $0.contains { $0.hasPrefix("publish failed") } }
            stop.trigger()
            #expect(await first.value == .abandoned)
            #expect(await bench.handle(Update.message("u1")) == .done)
            #expect(bench.ocean.calls.count == 1)
            #expect(try bench.results().map(\.outcome) == [refusal == nil ? .delivered : .refused])
            #expect(try bench.results().first?.status == refusal?.status ?? 200)
        }
    }

    @Test("another update under the same key, or message id, is refused and not sent")
    func reusedKey() async throws {
        let bench = PublisherBench()
        await bench.handle(Update.message("u1", key: "k"))
        #expect(await bench.handle(Update.message("u2", action: .decline, key: "k")) == .done)
        #expect(await bench.handle(Update.message("u3")) == .done)
        #expect(await bench.handle(Update.message("u3", action: .decline)) == .done)
        #expect(bench.ocean.calls.count == 2)
        #expect(try bench.results().map(\.outcome) == [.delivered, .refused, .delivered, .refused])
        #expect(try bench.results()[1].explanation?.contains("idempotency key") == true)
        #expect(try bench.results()[3].explanation?.contains("message id") == true)
        #expect(bench.bus.published(to: "ocean.dead-letters").map(\.id) == ["u2", "u3"])
        #expect(bench.bus.published(to: "ocean.dead-letters").first?.headers["x-reason"] == .string("key-reused"))
    }

    /// Somebody declined in Ocean at half past ten.
    private static var declined: ReferralRecord {
        let time = Timestamp("2026-01-01T10:30:00Z") ?? Timestamp(milliseconds: 0)
        return ReferralRecord(
            reference: "ref-1", site: "1234", service: "cardiology", status: "declined", sourceTime: time,
            changedAt: ["status": time])
    }

    @Test("an update that would undo a newer change is refused as stale, visibly, and not sent")
    func stale() async throws {
        let bench = PublisherBench()
        bench.store.put(Self.declined)
        let old = Update.message("u1", occurredAt: "2026-01-01T10:00:00Z")
        #expect(await bench.handle(old) == .done)
        #expect(bench.ocean.calls.isEmpty)
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .stale)
        #expect(result.explanation?.contains("2026-01-01T10:30:00.000Z") == true)
        #expect(bench.bus.routingKeys(of: "ocean.results") == ["1234.cardiology.stale"])
        #expect(bench.bus.published(to: "ocean.results").first?.type == .updateStale)
        #expect(bench.bus.published(to: "ocean.dead-letters").first?.headers["x-reason"] == .string("stale"))
        #expect(!bench.journal.lines.contains("remember"))
        #expect(bench.store.doneKeys.count == 1)
        // Put back by an operator it is no newer.
        var again = old
        again.headers["x-replay"] = .string("batch:u1")
        #expect(await bench.handle(again) == .done)
        #expect(try bench.results().map(\.outcome) == [.stale, .stale])
        // What happened after the change goes, as does a message of any time.
        await bench.handle(Update.message("u2", occurredAt: "2026-01-01T10:31:00Z"))
        await bench.handle(Update.message("u3", action: .message, occurredAt: "2026-01-01T10:00:00Z"))
        #expect(bench.ocean.calls.count == 2)
    }

    @Test("an older update does not undo a newer one that went out through the bridge")
    func overtaken() async throws {
        let bench = PublisherBench()
        await bench.handle(Update.message("u1", action: .decline, occurredAt: "2026-01-01T00:00:00Z"))
        await bench.handle(Update.message("u2", action: .accept, occurredAt: "2025-12-31T23:59:00Z"))
        #expect(try bench.results().map(\.outcome) == [.delivered, .stale])
        await bench.handle(Update.message("u3", action: .accept, occurredAt: "2026-01-01T00:00:00Z"))
        #expect(try bench.results().last?.outcome == .delivered)
    }

    @Test("an update becomes stale while it is tried again")
    func staleWhileTrying() async throws {
        let store = Mutex<ScriptedStore?>(nil)
        let bench = PublisherBench.answering { _, _ in
            store.withLock { $0 }?.put(Self.declined)
            return ScriptedOcean.unavailable()
        }
        store.withLock { $0 = bench.store }
        await bench.handle(Update.message("u1", occurredAt: "2026-01-01T10:00:00Z"))
        #expect(bench.ocean.calls.count == 1)
        #expect(try bench.results().map(\.outcome) == [.stale])
    }

    @Test("with the guard off a stale update is Ocean's to judge")
    func unguarded() async {
        var settings = PublisherBench.settings
        settings.refusesStale = false
        let bench = PublisherBench(settings: settings)
        bench.store.put(Self.declined)
        await bench.handle(Update.message("u1", occurredAt: "2026-01-01T10:00:00Z"))
        #expect(bench.ocean.calls.count == 1)
    }

    @Test("what Ocean refused leaves no fingerprint: the same change of somebody else's is no echo")
    func refusedFingerprint() async {
        let bench = PublisherBench.answering { _, _ in ScriptedOcean.refused(403) }
        await bench.handle(Update.message("u1"))
        #expect(bench.store.state.withLock { $0.fingerprints["ref-1"] ?? [:] }.isEmpty)
    }

    @Test("nobody listening for results is no failure")
    func unheard() async {
        let bench = PublisherBench(publishing: { _, _, _ in BusError(.unroutable, "no queue") })
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(bench.store.doneKeys.count == 1)
    }

    @Test("the record's dialect wins over the site's, the site's over the default; 0.12 is never written")
    func dialects() async {
        let bench = PublisherBench()
        for (ref, dialect) in [("r1", "0.10.0"), ("r2", "0.12"), ("r3", "ocean-json")] {
            bench.store.put(
                ReferralRecord(
                    reference: ref, site: "1", dialect: dialect, status: "received",
                    sourceTime: Timestamp(milliseconds: 1)))
        }
        await bench.handle(Update.message("u1", ref: "r1"))
        await bench.handle(Update.message("u2", ref: "r2"))
        await bench.handle(Update.message("u3", ref: "r3", site: "77"))
        await bench.handle(Update.message("u4", ref: "r4"))
        #expect(
            bench.ocean.calls.map { String(decoding: $0.body.prefix(6), as: UTF8.self) }
                == ["0.10.0", "0.11.1", "0.10.0", "0.11.1"])
    }

    @Test("a booking leaves its appointment id in the record, beside what is known")
    func appointment() async {
        let bench = PublisherBench()
        bench.store.put(
            ReferralRecord(
                reference: "ref-1", site: "1234", service: "cardiology", status: "received",
                sourceTime: Timestamp(milliseconds: 5), appointmentIDs: ["old"]))
        await bench.handle(Update.message("u1", action: .book))
        let record = bench.store.record("ref-1")
        #expect(record?.appointmentIDs == ["old", "appt-u1"])
        #expect(record?.status == "booked")
        #expect(record?.sourceTime == Timestamp(milliseconds: 5))
        #expect(bench.bus.routingKeys(of: "ocean.results") == ["1234.cardiology.delivered"])
    }

    @Test("an update for a referral never seen leaves a record that any message of Ocean's outdates")
    func unseenReferral() async {
        let bench = PublisherBench()
        await bench.handle(Update.message("u1", action: .book))
        #expect(bench.store.record("ref-1")?.sourceTime == Timestamp(milliseconds: 0))
        #expect(bench.store.record("ref-1")?.appointmentIDs == ["appt-u1"])
    }

    @Test("when the translator saves a newer record meanwhile, that one gets the appointment")
    func racingRecord() async {
        let store = Mutex<ScriptedStore?>(nil)
        let newer = ReferralRecord(
            reference: "ref-1", site: "1234", status: "received", sourceTime: Timestamp(milliseconds: 9))
        let bench = PublisherBench.answering { _, _ in
            store.withLock { $0 }?.put(newer)
            return nil
        }
        store.withLock { $0 = bench.store }
        await bench.handle(Update.message("u1", action: .book))
        #expect(bench.store.record("ref-1")?.sourceTime == Timestamp(milliseconds: 9))
        #expect(bench.store.record("ref-1")?.appointmentIDs == ["appt-u1"])
    }

    @Test("the stop signal during a wait gives the update back and its lease with it")
    func stopped() async {
        let bench = PublisherBench.answering { _, _ in ScriptedOcean.unavailable() }
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let task = Task {
            await bench.publisher.handle(delivery(Update.message("u1"), queue: "ocean.updates.0"), stop: stop)
        }
        await bench.journal.wait(for: "process")
        stop.trigger()
        #expect(await task.value == .abandoned)
        #expect(bench.store.leasedKeys.isEmpty)
        #expect(bench.store.doneKeys.isEmpty)
    }

    @Test("no header, routing key or event tells of the patient")
    func privacy() async {
        let bench = PublisherBench.answering { _, _ in ScriptedOcean.refused(400) }
        await bench.handle(Update.message("u1"))
        var shown = bench.recorder.events.map { "\($0)" }
        for entry in bench.bus.published {
            var envelope = entry.message
            envelope.body = []
            shown.append("\(envelope) \(entry.destination)")
        }
        #expect(shown.count >= 4)
        #expect(shown.allSatisfy { !$0.contains(canary) })
    }
}
