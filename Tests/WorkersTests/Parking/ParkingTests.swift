// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("Parking of updates", .timeLimit(.minutes(15)))
struct ParkingTests {
    @Test("an update that fails past the limit while Ocean answers is parked, told of, and its lease given back")
    func parks() async throws {
        let bench = PublisherBench.failing(for: ["ref-1"], while: Flag(true))
        let start = bench.clock.now()
        #expect(await bench.handle(Update.message("u1")) == .done)
        let parked = try #require(bench.store.parked.first)
        #expect(parked.message == Update.message("u1").withTrace(parked.message.trace))
        #expect(parked.lane == Lane(stage: "publisher", key: "ref-1"))
        #expect(parked.reason == "unavailable")
        #expect(parked.attempts == bench.ocean.calls.count)
        #expect(parked.firstAttempt == start)
        #expect(bench.clock.now().duration(since: start) > .seconds(300))
        #expect(bench.clock.now().duration(since: start) < .seconds(400))
        #expect(bench.store.leasedKeys.isEmpty)
        #expect(bench.ocean.probes == 1)
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .parked)
        #expect(result.updateID == "u1")
        #expect(result.attempts == parked.attempts)
        #expect(bench.bus.published(to: "ocean.results").map(\.id) == ["u1-result-parked"])
        #expect(bench.bus.routingKeys(of: "ocean.results") == ["1234.unknown.parked"])
    }

    @Test("later updates of a parked referral join it without a call; other referrals go their way")
    func joins() async throws {
        let bench = PublisherBench.failing(for: ["ref-1"], while: Flag(true))
        await bench.handle(Update.message("u1"))
        let calls = bench.ocean.calls.count
        #expect(await bench.handle(Update.message("u2")) == .done)
        #expect(await bench.handle(Update.message("u3")) == .done)
        #expect(bench.ocean.calls.count == calls)
        await bench.handle(Update.message("x1", ref: "ref-2"))
        #expect(bench.parked == ["u1", "u2", "u3"])
        #expect(bench.store.parked.map(\.reason) == ["unavailable", "behind", "behind"])
        #expect(try bench.results().map(\.outcome) == [.parked, .parked, .parked, .delivered])
        #expect(try bench.results().map(\.updateID) == ["u1", "u2", "u3", "x1"])
    }

    @Test("a crash between joining and acknowledging parks the update once")
    func joinsOnce() async {
        let bench = PublisherBench.failing(for: ["ref-1"], while: Flag(true))
        for id in ["u1", "u2", "u2", "u1"] { await bench.handle(Update.message(id)) }
        #expect(bench.parked == ["u1", "u2"])
    }

    @Test("the attendant carries parked updates out in order and frees the referral; new ones go the direct way")
    func attends() async throws {
        let isBroken = Flag(true)
        let bench = PublisherBench.failing(for: ["ref-1"], while: isBroken)
        for id in ["u1", "u2", "u3"] { await bench.handle(Update.message(id)) }
        let failed = bench.ocean.calls.count
        isBroken.value = false
        await attend(bench.attendant, bench.journal) { $0.count { $0 == "unpark" } == 3 }
        #expect(bench.ocean.calls.dropFirst(failed).map { PublisherBench.part(2, of: $0) } == ["u1", "u2", "u3"])
        #expect(bench.parked.isEmpty)
        #expect(try bench.results().suffix(3).map(\.outcome) == [.delivered, .delivered, .delivered])
        // The attempts before parking count.
        #expect(try bench.results().suffix(3).map(\.attempts) == [failed + 1, 1, 1])
        await bench.handle(Update.message("u4"))
        #expect(bench.parked.isEmpty)
        #expect(try bench.results().last?.outcome == .delivered)
        #expect(!bench.store.hasHistories)
    }

    @Test("a head that fails again costs one call a round and waits longer each time; nothing passes it")
    func postpones() async throws {
        let isBroken = Flag(true)
        let bench = PublisherBench.failing(for: ["ref-1"], while: isBroken)
        for id in ["u1", "u2"] { await bench.handle(Update.message(id)) }
        let calls = bench.ocean.calls.count
        await attend(bench.attendant, bench.journal) { $0.count { $0 == "postpone" } >= 3 }
        let lane = try #require(try await bench.store.parkedLanes(limit: 1).first)
        #expect(lane.rounds >= 3)
        #expect(bench.ocean.calls.count == calls + lane.rounds)
        #expect(bench.parked == ["u1", "u2"])
        #expect(bench.store.parked.first?.attempts == calls + lane.rounds)
        let history = try #require(try await bench.store.history(of: "publisher|ocean.updates.0|u1"))
        #expect(lane.nextAttempt.duration(since: history.lastAt) > .seconds(300))
        // Parked was told once each.
        #expect(try bench.results().map(\.updateID) == ["u1", "u2"])
    }

    @Test("an operator's wake is heard long before the next attempt is due")
    func wakes() async throws {
        let isBroken = Flag(true)
        let bench = PublisherBench.failing(for: ["ref-1"], while: isBroken)
        await bench.handle(Update.message("u1"))
        isBroken.value = false
        let start = bench.clock.now()
        #expect(try await bench.store.wake(Lane(stage: "publisher", key: "ref-1"), now: start))
        let before = bench.journal.lines.count
        await attend(bench.attendant, bench.journal) { $0.contains("unpark") }
        let calls = bench.ocean.calls.count
        #expect(calls > 1)
        // While the lane is worked on, the attendant goes on asking: on a busy machine often.
        let rounds = bench.journal.lines.dropFirst(before).prefix {
            ["claimDueLane", "parkedCount", "renewClaim"].contains($0)
        }
        #expect((1..<20).contains(rounds.count { $0 == "claimDueLane" }))
        #expect(bench.parked.isEmpty)
    }

    @Test("waits between rounds double from the first to the longest, and never undercut Retry-After")
    func schedule() {
        let schedule = ParkingSchedule(first: .seconds(60), longest: .seconds(900))
        for (round, ceiling) in [(0, 60), (1, 120), (2, 240), (3, 480), (4, 900), (40, 900)] {
            let delay = schedule.delay(afterRound: round, retryAfter: nil)
            #expect(delay <= .seconds(ceiling), "\(round)")
            #expect(delay >= .seconds(ceiling) * 3 / 4, "\(round)")
        }
        #expect(schedule.delay(afterRound: 0, retryAfter: .seconds(500)) == .seconds(500))
    }

    @Test("a Retry-After beyond the limit parks at once instead of holding the referral's queue")
    func longRetryAfter() async {
        let bench = PublisherBench.answering { _, _ in ScriptedOcean.unavailable(after: .seconds(550)) }
        let start = bench.clock.now()
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(bench.clock.now() == start)
        #expect(bench.parked == ["u1"])
        let lanes = bench.store.state.withLock { $0.lanes }
        #expect(lanes.first?.nextAttempt == start.advanced(by: .seconds(550)))
    }

    @Test("when Ocean gives no other sign of life the update is given back, not parked: few updates, long outage")
    func silentOcean() async throws {
        let bench = PublisherBench(probing: { _ in ScriptedOcean.unavailable() }) { _, _ in
            ScriptedOcean.unavailable()
        }
        #expect(await bench.handle(Update.message("u1")) == .giveUp)
        #expect(bench.availability.isDown)
        #expect(bench.parked.isEmpty)
        #expect(try bench.results().isEmpty)
        #expect(bench.store.leasedKeys.isEmpty)
        // While it is down nothing joins either.
        #expect(await bench.handle(Update.message("u2")) == .giveUp)
        #expect(bench.parked.isEmpty)
    }

    @Test("time in which Ocean was down does not count against an update")
    func outageDoesNotCount() async throws {
        let bench = PublisherBench(threshold: 2) { call, number in
            number <= 2 || number == 4 ? ScriptedOcean.unavailable() : nil
        }
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let first = Task {
            await bench.publisher.handle(delivery(Update.message("u1"), queue: "ocean.updates.0"), stop: stop)
        }
        await bench.journal.wait(for: "noteFailure")
        #expect(await bench.handle(Update.message("x1", ref: "ref-2")) == .giveUp)
        stop.trigger()
        #expect(await first.value == .giveUp)
        bench.clock.advance(by: .seconds(36_000))
        await bench.publisher.awaitOcean(stop: bench.signal())
        #expect(await bench.handle(Update.message("x1", ref: "ref-2")) == .done)
        // Hours after its first failure it fails again, and is tried in place all the same.
        #expect(await bench.again(Update.message("u1")) == .done)
        #expect(bench.parked.isEmpty)
        #expect(try bench.results().map(\.outcome) == [.delivered, .delivered])
    }

    @Test("a full lot leaves the update in hand, tells once, and parks nothing behind its back")
    func fullLot() async throws {
        let (lines, logger) = lines()
        let isBroken = Flag(true)
        let full = Counted()
        let bench = PublisherBench.failing(
            for: ["ref-1"], while: isBroken,
            store: { step, _ in
                guard step == "park" else { return nil }
                if full.next() == 5 { isBroken.value = false }
                return StoreError(.full, "the lot is full")
            }, logger: logger)
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(bench.parked.isEmpty)
        #expect(try bench.results().map(\.outcome) == [.delivered])
        #expect(lines.all.count { $0.hasPrefix("the parking lot is full") } == 1)
    }

    @Test("a lot that gets room again takes the update, and says so")
    func roomAgain() async throws {
        let (lines, logger) = lines()
        let bench = PublisherBench.failing(
            for: ["ref-1"], while: Flag(true),
            store: { step, number in step == "park" && number < 4 ? StoreError(.full, "full") : nil }, logger: logger)
        #expect(await bench.handle(Update.message("u1")) == .done)
        #expect(bench.parked == ["u1"])
        #expect(lines.all.contains("the parking lot has room again"))
    }

    @Test("the stop signal while the lot is full gives the update back")
    func stoppedWhileFull() async {
        let bench = PublisherBench.failing(
            for: ["ref-1"], while: Flag(true),
            store: { step, _ in step == "park" || step == "join" ? StoreError(.full, "full") : nil })
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let task = Task {
            await bench.publisher.handle(delivery(Update.message("u1"), queue: "ocean.updates.0"), stop: stop)
        }
        await bench.journal.wait(for: "join failed")
        stop.trigger()
        #expect(await task.value == .abandoned)
    }
}

extension Message {
    func withTrace(_ trace: TraceContext?) -> Message {
        var output = self
        output.trace = trace
        return output
    }
}

extension PublisherBench {
    /// The message comes again.
    func again(_ message: Message) async -> HandlerOutcome {
        let second = Delivery(
            message: message, queue: "ocean.updates.0", routingKey: message.subject ?? "", redelivered: true,
            settle: { (_) async throws(BusError) in })
        return await publisher.handle(second, stop: signal())
    }
}
