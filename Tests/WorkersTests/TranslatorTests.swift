// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Logging
import Ocean
import Testing

@testable import Workers

/// A translator between a scripted bus and a scripted store.
struct TranslatorBench: Sendable {
    let journal = Journal()
    /// Later than what the messages say.
    let clock = ManualClock(Timestamp(milliseconds: 1_767_268_800_000))
    let recorder = Recorder()
    let bus: ScriptedBus
    let store: ScriptedStore
    let translator: Translator

    init(
        targets: [HospitalTarget] = [.fhir(PlainHospitalWriter()), .ocean(PlainHospitalWriter()), .canonical],
        enricher: ScriptedEnricher = ScriptedEnricher(), store: @escaping ScriptedStore.Script = { _, _ in nil },
        publishing: @escaping ScriptedBus.Script = { _, _, _ in nil },
        keepsReceived: @escaping @Sendable (String) -> Bool = { _ in false }, logger: Logger = quiet
    ) {
        bus = ScriptedBus(journal: journal, publishing: publishing)
        self.store = ScriptedStore(journal: journal, store)
        var settings = Translator.Settings(targets: targets)
        settings.keepsReceived = keepsReceived
        translator = Translator(
            bus: bus, store: self.store, enricher: enricher, settings: settings,
            changes: { referral, known in
                guard referral.status != known?.status else { return [] }
                return ["status:\(referral.status?.rawValue ?? "")"]
            }, clock: clock,
            observer: recorder, logger: logger)
    }

    func signal() -> StopSignal { StopSignal(sleep: instantly(clock)) }

    @discardableResult
    func handle(_ message: Message) async -> HandlerOutcome {
        await translator.handle(delivery(message), stop: signal())
    }
}

@Suite("The translator", .timeLimit(.minutes(15)))
struct TranslatorTests {
    @Test("a referral goes to every exchange that is switched on, under its own stable id")
    func delivered() async {
        let bench = TranslatorBench()
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.bus.published.map(\.message.id) == ["m1-fhir", "m1-ocean", "m1-canonical"])
        for exchange in ["hospital.fhir", "hospital.ocean", "hospital.canonical"] {
            #expect(bench.bus.routingKeys(of: exchange) == ["1234.cardiology.add-service-request"])
            #expect(bench.bus.published(to: exchange).first?.attributes.causationID == "m1")
        }
        #expect(bench.bus.published(to: "hospital.canonical").first?.body == Inbound.message("m1").body)
        #expect(bench.bus.published(to: "hospital.fhir").first?.contentType == "application/fhir+json")
    }

    @Test("the key is completed only after all publishes are confirmed, and the record is there before the first")
    func sequence() async {
        let bench = TranslatorBench()
        await bench.handle(Inbound.message("m1"))
        #expect(
            bench.journal.lines == [
                "join", "lease", "referral", "isRemembered", "save", "published m1-fhir", "published m1-ocean",
                "published m1-canonical", "complete",
            ])
        #expect(bench.store.record("ref-1")?.dialect == "0.11.1")
        #expect(bench.store.record("ref-1")?.service == "cardiology")
    }

    @Test("an unknown event code is spelled unknown in the routing key")
    func unknownEvent() async {
        let bench = TranslatorBench(targets: [.canonical])
        await bench.handle(Inbound.message("m1", Inbound.canonical(code: "something.new")))
        #expect(bench.bus.routingKeys(of: "hospital.canonical") == ["1234.cardiology.unknown"])
    }

    @Test("the trace goes on with a new span")
    func trace() async throws {
        let bench = TranslatorBench(targets: [.canonical])
        let message = Inbound.message("m1")
        await bench.handle(message)
        let out = try #require(bench.bus.published.first?.message.trace)
        #expect(out.traceID == message.trace?.traceID)
        #expect(out.spanID != message.trace?.spanID)
    }

    @Test("test data carries the test flag")
    func testData() async {
        let bench = TranslatorBench(targets: [.canonical])
        var canonical = Inbound.canonical()
        canonical.referral?.test = true
        await bench.handle(Inbound.message("m1", canonical))
        #expect(bench.bus.published.first?.message.attributes.test == true)
    }

    @Test("a publish that fails is tried again with the same id; nothing is skipped")
    func publishRetried() async {
        let bench = TranslatorBench(publishing: { _, _, number in
            [2, 3].contains(number) ? BusError(.unknownOutcome, "connection lost") : nil
        })
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.bus.published.map(\.message.id) == ["m1-fhir", "m1-ocean", "m1-canonical"])
        #expect(bench.journal.lines.filter { $0 == "publish failed m1-ocean" }.count == 2)
    }

    @Test("a crash between publish and complete: the redelivery is published again under the same ids")
    func crashBeforeComplete() async {
        let bench = TranslatorBench(store: { step, number in
            step == "complete" && number == 1 ? ScriptedStore.down : nil
        })
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let first = Task { await bench.translator.handle(delivery(Inbound.message("m1")), stop: stop) }
        await bench.journal.wait(for: "complete failed")
        stop.trigger()
        #expect(await first.value == .abandoned)
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        let ids = ["m1-fhir", "m1-ocean", "m1-canonical"]
        #expect(bench.bus.published.map(\.message.id) == ids + ids)
        #expect(bench.store.doneKeys.count == 1)
    }

    @Test("a crash between complete and acknowledgement: the redelivery is known and not delivered again")
    func crashAfterComplete() async {
        let bench = TranslatorBench()
        await bench.handle(Inbound.message("m1"))
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.bus.published.count == 3)
        #expect(bench.recorder.events.contains { $0.outcome == "duplicate" })
    }

    @Test("the same webhook nine times is delivered once")
    func duplicateWebhook() async {
        let bench = TranslatorBench(targets: [.canonical])
        for number in 1...9 { #expect(await bench.handle(Inbound.message("m\(number)")) == .done) }
        #expect(bench.bus.published.map(\.message.id) == ["m1-canonical"])
    }

    @Test("a retry in a new envelope, or under another header, is delivered once within the hour")
    func newEnvelope() async {
        let bench = TranslatorBench(targets: [.canonical])
        await bench.handle(Inbound.message("m1"))
        for (id, canonical) in [
            ("m2", Inbound.canonical(digest: "d2")), ("m3", Inbound.canonical(bundle: "b2")),
            ("m4", Inbound.canonical(header: "h2")),
            ("m5", Inbound.canonical(bundle: "b5", header: "h5", timestamp: "2026-01-01T10:30:00Z")),
        ] {
            #expect(await bench.handle(Inbound.message(id, canonical)) == .done)
        }
        #expect(bench.bus.published.map(\.message.id) == ["m1-canonical"])
        #expect(bench.recorder.events.filter { $0.outcome == "duplicate" }.count == 4)
    }

    @Test("the same content is delivered again after the hour, or when something came between")
    func deliveredAgain() async {
        let bench = TranslatorBench(targets: [.canonical])
        var declined = Inbound.canonical(bundle: "b2", header: "h2", timestamp: "2026-01-01T10:01:00Z")
        declined.referral?.status = .declined
        await bench.handle(Inbound.message("m1"))
        await bench.handle(Inbound.message("m2", declined))
        // The first message once more, in an envelope of now: it is no newer for that.
        let resent = Inbound.canonical(bundle: "b3", header: "h1", timestamp: "2026-01-01T10:03:00Z")
        await bench.handle(Inbound.message("m3", resent))
        let returned = Inbound.canonical(bundle: "b4", header: "h4", timestamp: "2026-01-01T10:04:00Z")
        await bench.handle(Inbound.message("m4", returned))
        #expect(bench.bus.published.map(\.message.id) == ["m1", "m2", "m3", "m4"].map { "\($0)-canonical" })
        #expect(bench.bus.published.map(\.message.attributes.late) == [false, false, true, false])
        bench.clock.advance(by: .seconds(3600))
        let manual = Inbound.canonical(bundle: "b5", header: "h5", timestamp: "2026-01-01T11:10:00Z")
        await bench.handle(Inbound.message("m5", manual))
        #expect(bench.bus.published.last?.message.id == "m5-canonical")
    }

    @Test("the same content is delivered again when the first stands in the dead letters")
    func afterDeadLetter() async {
        let broken = PlainHospitalWriter(failure: TranslationError(.invalid, at: "/referral", "broken"))
        let bench = TranslatorBench(targets: [.fhir(broken), .canonical])
        await bench.handle(Inbound.message("m1"))
        await bench.handle(Inbound.message("m2", Inbound.canonical(bundle: "b2", header: "h2")))
        #expect(bench.bus.published(to: "hospital.canonical").map(\.id) == ["m1-canonical", "m2-canonical"])
    }

    @Test("thin events and undated content with the same bytes are all delivered: each may stand for another change")
    func sameBytes() async {
        let bench = TranslatorBench(targets: [.canonical])
        let undated = Inbound.canonical(bundle: nil, header: nil, timestamp: nil)
        for number in 1...2 {
            await bench.handle(Inbound.message("t\(number)", Inbound.canonical(thin: true)))
            await bench.handle(Inbound.message("u\(number)", undated))
        }
        #expect(bench.bus.published.count == 4)
    }

    @Test("a replay passes the duplicate check and loses its mark")
    func replay() async {
        let bench = TranslatorBench(targets: [.canonical])
        await bench.handle(Inbound.message("m1"))
        var again = Inbound.message("m1")
        again.headers["x-replay"] = .bool(true)
        await bench.handle(again)
        #expect(bench.bus.published.count == 2)
        #expect(bench.bus.published.allSatisfy { $0.message.headers["x-replay"] == nil })
    }

    @Test("the echo of our own change is marked and still delivered")
    func echo() async {
        let bench = TranslatorBench(targets: [.canonical])
        bench.store.put(fingerprint: "status:received")
        await bench.handle(Inbound.message("m1"))
        #expect(bench.bus.published.first?.message.attributes.echo == true)
    }

    @Test("an echo keeps its mark when the process dies after the record was saved")
    func echoAfterCrash() async {
        let bench = TranslatorBench(
            targets: [.canonical],
            publishing: { _, _, number in number == 1 ? BusError(.unavailable, "down") : nil })
        bench.store.put(fingerprint: "status:accepted")
        bench.store.put(known: .received)
        var echo = Inbound.canonical()
        echo.referral?.status = .accepted
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let message = Inbound.message("m1", echo)
        let first = Task { await bench.translator.handle(delivery(message), stop: stop) }
        await bench.journal.wait(for: "publish failed m1-canonical")
        stop.trigger()
        #expect(await first.value == .abandoned)
        #expect(bench.store.record("ref-1")?.status == "accepted")
        #expect(await bench.handle(message) == .done)
        #expect(bench.bus.published.map(\.message.attributes.echo) == [true])
    }

    @Test("somebody else's change is written down by what it changed, an echo is not")
    func aspects() async {
        let bench = TranslatorBench(targets: [.canonical])
        bench.store.put(fingerprint: "status:accepted")
        bench.store.put(known: .received)
        var echo = Inbound.canonical()
        echo.referral?.status = .accepted
        await bench.handle(Inbound.message("m1", echo))
        #expect(bench.store.record("ref-1")?.changedAt == [:])
        var cancelled = Inbound.canonical(bundle: "b2", header: "h2", timestamp: "2026-01-01T10:05:00Z")
        cancelled.referral?.status = .cancelled
        await bench.handle(Inbound.message("m2", cancelled))
        #expect(bench.store.record("ref-1")?.changedAt["status"] == Timestamp("2026-01-01T10:05:00Z"))
    }

    @Test("a message older than the record is marked late, delivered, and changes no record")
    func late() async {
        let bench = TranslatorBench(targets: [.canonical])
        await bench.handle(Inbound.message("m1"))
        let known = bench.store.record("ref-1")
        var older = Inbound.canonical(bundle: "b0", timestamp: "2026-01-01T09:00:00Z")
        older.referral?.status = .cancelled
        await bench.handle(Inbound.message("m2", older))
        #expect(bench.bus.published.map(\.message.attributes.late) == [false, true])
        #expect(bench.store.record("ref-1") == known)
    }

    @Test("a partial event keeps what the record knows and adds its appointment")
    func merged() async throws {
        let bench = TranslatorBench(targets: [.canonical])
        await bench.handle(Inbound.message("m1"))
        var partial = Inbound.canonical(bundle: "b2", timestamp: "2026-01-01T11:00:00Z")
        partial.referral?.patient = nil
        var appointment = Appointment()
        appointment.id = "a1"
        partial.referral?.appointments = [appointment]
        await bench.handle(Inbound.message("m2", partial))
        let record = try #require(bench.store.record("ref-1"))
        #expect(record.appointmentIDs == ["a1"])
        #expect(String(decoding: record.resources ?? [], as: UTF8.self).contains(canary))
    }

    @Test("the last whole bundle is kept for a site whose updates echo it, and for no other", arguments: [true, false])
    func received(keeps: Bool) async {
        let bench = TranslatorBench(targets: [.canonical], keepsReceived: { $0 == "1234" && keeps })
        await bench.handle(Inbound.message("m1"))
        var partial = Inbound.canonical(bundle: "b2", timestamp: "2026-01-01T11:00:00Z", digest: "d2")
        partial.referral?.patient = nil
        partial.original.body = #"{"partial":true}"#
        await bench.handle(Inbound.message("m2", partial))
        let expected: [UInt8]? = keeps ? Array("{}".utf8) : nil
        #expect(bench.store.record("ref-1")?.received == expected)
    }

    @Test("what cannot be decoded goes to the invalid lane with its bytes and reason", arguments: ["nonsense", "{}"])
    func undecodable(_ body: String) async throws {
        let bench = TranslatorBench()
        var message = Inbound.message("m1")
        message.body = Array(body.utf8)
        #expect(await bench.handle(message) == .done)
        let kept = try #require(bench.bus.published(to: "ocean.invalid").first)
        #expect(kept.body == message.body)
        #expect(kept.id == "m1")
        #expect(kept.headers["x-reason"] == .string(body == "{}" ? "invalid" : "not-json"))
        #expect(kept.headers["x-stage"] == .string("translator"))
        #expect(kept.headers["x-queue"] == .string("ocean.inbound.0"))
    }

    @Test("a thin event is completed before it goes on, also when Ocean fails first")
    func enriched() async throws {
        let enricher = ScriptedEnricher { $0 < 3 ? .service(ScriptedOcean.unavailable()) : nil }
        let bench = TranslatorBench(targets: [.canonical], enricher: enricher)
        #expect(await bench.handle(Inbound.message("m1", Inbound.canonical(thin: true))) == .done)
        let out = try #require(bench.bus.published.first?.message)
        #expect(out.type == .referralUpdated)
        #expect(out.attributes.event == "notify-update-service-request")
        #expect(out.attributes.integration == "ereferral")
        #expect(String(decoding: out.body, as: UTF8.self).contains(canary))
    }

    @Test("a thin event that cannot be completed is a dead letter with Ocean's status")
    func notEnriched() async throws {
        let enricher = ScriptedEnricher { _ in
            .service(OceanServiceError(.notFound, "GET patient: HTTP 404", status: 404))
        }
        let bench = TranslatorBench(enricher: enricher)
        #expect(await bench.handle(Inbound.message("m1", Inbound.canonical(thin: true))) == .done)
        let letter = try #require(bench.bus.published(to: "ocean.dead-letters").first)
        #expect(letter.headers["x-reason"] == .string("not-found"))
        #expect(letter.headers["x-status"] == .integer(404))
        #expect(bench.bus.published.count == 1)
    }

    @Test("a message that no queue takes is kept in the unrouted lane, and the others go on")
    func unrouted() async throws {
        let bench = TranslatorBench(publishing: { _, destination, _ in
            if case .exchange("hospital.ocean", _) = destination { BusError(.unroutable, "no queue") } else { nil }
        })
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        let kept = try #require(bench.bus.published(to: "ocean.unrouted").first)
        #expect(kept.id == "m1-ocean")
        #expect(kept.headers["x-exchange"] == .string("hospital.ocean"))
        #expect(kept.headers["x-routing-key"] == .string("1234.cardiology.add-service-request"))
        #expect(bench.bus.published.map(\.message.id) == ["m1-fhir", "m1-ocean", "m1-canonical"])
    }

    @Test("a form that cannot be written is a dead letter; the other forms are delivered")
    func notWritable() async {
        let broken = PlainHospitalWriter(failure: TranslationError(.invalid, at: "/referral", "broken"))
        let bench = TranslatorBench(targets: [.fhir(broken), .canonical])
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.bus.published(to: "ocean.dead-letters").map(\.id) == ["m1"])
        #expect(bench.bus.published(to: "hospital.canonical").count == 1)
    }

    @Test("a message that no form can hold is a dead letter, not gone")
    func unsupportedEverywhere() async {
        let writer = PlainHospitalWriter(failure: TranslationError(.unsupported, "no form for it"))
        let bench = TranslatorBench(targets: [.fhir(writer), .ocean(writer)])
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.bus.published(to: "ocean.dead-letters").map(\.id) == ["m1"])
    }

    @Test("a store that is down delays a message and loses nothing")
    func storeDown() async {
        let bench = TranslatorBench(
            targets: [.canonical], store: { _, number in number < 3 ? ScriptedStore.down : nil })
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.bus.published.count == 1)
        #expect(bench.store.doneKeys.count == 1)
    }

    @Test("the stop signal ends a wait for the store; the message goes back unsettled")
    func stopped() async {
        let bench = TranslatorBench(store: { step, _ in step == "save" ? ScriptedStore.down : nil })
        let stop = bench.signal()
        let task = Task { await bench.translator.handle(delivery(Inbound.message("m1")), stop: stop) }
        await bench.journal.wait(for: "save failed")
        stop.trigger()
        #expect(await task.value == .abandoned)
        #expect(bench.bus.published.isEmpty)
        #expect(bench.store.leasedKeys.isEmpty)
    }

    @Test("no header, routing key or event tells of the patient")
    func privacy() async {
        let broken = PlainHospitalWriter(failure: TranslationError(.invalid, at: "/referral/patient", "broken"))
        let bench = TranslatorBench(
            targets: [.fhir(broken), .canonical],
            publishing: { _, destination, _ in
                if case .exchange = destination { BusError(.unroutable, "no queue") } else { nil }
            })
        await bench.handle(Inbound.message("m1"))
        var shown = bench.recorder.events.map { "\($0)" }
        for entry in bench.bus.published {
            var envelope = entry.message
            envelope.body = []
            shown.append("\(envelope) \(entry.destination)")
        }
        #expect(shown.count > 2)
        #expect(shown.allSatisfy { !$0.contains(canary) })
    }
}
