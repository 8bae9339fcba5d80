// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("Parking of Ocean's messages", .timeLimit(.minutes(15)))
struct TranslatorParkingTests {
    @Test("a thin event that cannot be completed past the limit is parked; its referral's full events wait behind it")
    func thin() async {
        let isDown = Flag(true)
        let bench = TranslatorBench(
            targets: [.canonical],
            enricher: ScriptedEnricher { _ in isDown.value ? .service(ScriptedOcean.unavailable()) : nil })
        let start = bench.clock.now()
        #expect(await bench.handle(Inbound.message("m1", Inbound.canonical(thin: true))) == .done)
        #expect(bench.clock.now().duration(since: start) > .seconds(300))
        #expect(await bench.handle(Inbound.message("m2", Inbound.canonical(bundle: "b2"))) == .done)
        #expect(await bench.handle(Inbound.message("x1", Inbound.canonical(ref: "ref-2"), ref: "ref-2")) == .done)
        #expect(bench.parked == ["m1", "m2"])
        #expect(bench.bus.published.map(\.message.id) == ["x1-canonical"])
        #expect(bench.store.leasedKeys.isEmpty)
        isDown.value = false
        await attend(bench.attendant, bench.journal) { $0.count { $0 == "unpark" } == 2 }
        #expect(bench.bus.published.map(\.message.id) == ["x1-canonical", "m1-canonical", "m2-canonical"])
        #expect(bench.parked.isEmpty)
    }

    @Test("a hospital queue that is full past the limit parks the referral; the same ids go out afterwards")
    func fullHospitalQueue() async {
        let isFull = Flag(true)
        let bench = TranslatorBench(
            targets: [.fhir(PlainHospitalWriter()), .canonical],
            publishing: { _, destination, _ in
                if case .exchange("hospital.canonical", _) = destination, isFull.value {
                    BusError(.refused, "full")
                } else {
                    nil
                }
            })
        let start = bench.clock.now()
        #expect(await bench.handle(Inbound.message("m1")) == .done)
        #expect(bench.clock.now().duration(since: start) > .seconds(300))
        #expect(bench.parked == ["m1"])
        #expect(bench.store.parked.first?.reason == "refused")
        isFull.value = false
        await attend(bench.attendant, bench.journal) { $0.contains("unpark") }
        #expect(bench.bus.published.map(\.message.id) == ["m1-fhir", "m1-fhir", "m1-canonical"])
        #expect(bench.store.doneKeys.count == 1)
    }

    @Test("attempts are counted over restarts and stand in the dead letter")
    func attempts() async throws {
        let enricher = ScriptedEnricher { number in
            number <= 3
                ? .service(ScriptedOcean.unavailable())
                : .service(OceanServiceError(.notFound, "HTTP 404", status: 404))
        }
        let bench = TranslatorBench(enricher: enricher)
        let start = bench.clock.now()
        let thin = Inbound.message("m1", Inbound.canonical(thin: true))
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let first = Task { await bench.translator.handle(delivery(thin), stop: stop) }
        await bench.journal.wait(for: "noteFailure")
        stop.trigger()
        #expect(await first.value == .abandoned)
        bench.clock.advance(by: .seconds(30))
        let again = Delivery(
            message: thin, queue: "ocean.inbound.0", routingKey: "ref-1", redelivered: true,
            settle: { (_) async throws(BusError) in })
        #expect(await bench.translator.handle(again, stop: bench.signal()) == .done)
        let letter = try #require(bench.bus.published(to: "ocean.dead-letters").first)
        #expect(letter.headers["x-attempts"] == .integer(4))
        #expect(letter.headers["x-first-at"] == .string(start.description))
        #expect(!bench.store.hasHistories)
    }
}
