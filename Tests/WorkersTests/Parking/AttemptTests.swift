// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("Attempts over restarts", .timeLimit(.minutes(15)))
struct AttemptTests {
    @Test("failed attempts and the time of the first survive a restart, into result and dead letter")
    func survive() async throws {
        let bench = PublisherBench.answering { _, number in
            number <= 2 ? ScriptedOcean.unavailable() : ScriptedOcean.refused(400)
        }
        let start = bench.clock.now()
        for _ in 1...2 {
            let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
            let noted = bench.journal.lines.count { $0 == "noteFailure" }
            let task = Task {
                let again = Delivery(
                    message: Update.message("u1"), queue: "ocean.updates.0", routingKey: "ref-1",
                    redelivered: noted > 0, settle: { (_) async throws(BusError) in })
                return await bench.publisher.handle(again, stop: stop)
            }
            await bench.journal.wait { $0.count { $0 == "noteFailure" } == noted + 1 }
            stop.trigger()
            #expect(await task.value == .abandoned)
            bench.clock.advance(by: .seconds(10))
        }
        #expect(await bench.again(Update.message("u1")) == .done)
        let letter = try #require(bench.bus.published(to: "ocean.dead-letters").first)
        #expect(letter.headers["x-attempts"] == .integer(3))
        #expect(letter.headers["x-first-at"] == .string(start.description))
        #expect(try bench.results().map(\.attempts) == [3])
        #expect(!bench.store.hasHistories)
    }

    @Test("an update handed from process to process is parked by the time of its first failure")
    func parkedOverRestarts() async throws {
        let bench = PublisherBench.failing(for: ["ref-1"], while: Flag(true))
        _ = try await bench.store.noteFailure(
            of: "publisher|ocean.updates.0|u1", reason: "network", now: bench.clock.now())
        bench.clock.advance(by: .seconds(301))
        #expect(await bench.again(Update.message("u1")) == .done)
        #expect(bench.ocean.calls.count == 1)
        #expect(bench.parked == ["u1"])
        #expect(bench.store.parked.first?.attempts == 2)
    }

    @Test("a store that cannot count does not hold the update up")
    func uncounted() async throws {
        let bench = PublisherBench(
            store: { step, _ in step == "noteFailure" ? ScriptedStore.down : nil },
            ocean: { _, number in number <= 2 ? ScriptedOcean.unavailable() : nil })
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(try bench.results().map(\.attempts) == [3])
    }

    @Test("the lease of a holder that is dead for certain is taken over at once, another is waited for")
    func deadHolders() async {
        let key = "update|1234|ref-1|message|u1"
        var settings = PublisherBench.settings
        settings.isDead = { $0 == "dead" }
        let dead = PublisherBench(settings: settings)
        let start = dead.clock.now()
        dead.store.leaveLease(key: key, until: start.advanced(by: .seconds(60)))
        #expect(await dead.handle(Update.message("u1")) == .done)
        #expect(dead.clock.now() == start)
        #expect(dead.journal.lines.contains("seize"))
        #expect(dead.ocean.calls.count == 1)

        let alive = PublisherBench()
        alive.store.leaveLease(key: key, until: start.advanced(by: .seconds(60)))
        #expect(await alive.handle(Update.message("u1")) == .done)
        #expect(alive.clock.now() >= start.advanced(by: .seconds(60)))
        #expect(!alive.journal.lines.contains("seize"))
    }
}
