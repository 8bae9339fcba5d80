// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("Pace and turns", .timeLimit(.minutes(15)))
struct SitePaceTests {
    private let start = Timestamp(milliseconds: 1_767_225_600_000)

    @Test("between the beginnings of two calls to a site its interval passes; other sites are not held")
    func interval() {
        let pace = SitePace(intervals: ["1": .seconds(2)])
        #expect(pace.turn(of: "1", now: start) == nil)
        #expect(pace.turn(of: "1", now: start.advanced(by: .milliseconds(500))) == .milliseconds(1500))
        #expect(pace.turn(of: "2", now: start) == nil)
        #expect(pace.turn(of: "2", now: start) == nil)
        #expect(pace.turn(of: "1", now: start.advanced(by: .seconds(2))) == nil)
        #expect(pace.turn(of: "1", now: start.advanced(by: .seconds(2))) == .seconds(2))
    }

    @Test("a clock that goes back holds nobody up")
    func clockBack() {
        let pace = SitePace(intervals: ["1": .seconds(2)])
        #expect(pace.turn(of: "1", now: start) == nil)
        #expect(pace.turn(of: "1", now: start.advanced(by: .seconds(-3600))) == nil)
    }

    @Test("a hold is bounded, and a shorter one does not cut a longer one")
    func hold() {
        let pace = SitePace()
        pace.hold("1", for: .seconds(86_400), now: start)
        #expect(pace.turn(of: "1", now: start) == SitePace.longestHold)
        pace.hold("1", for: .seconds(1), now: start)
        #expect(pace.turn(of: "1", now: start.advanced(by: .seconds(2))) != nil)
        #expect(pace.turn(of: "1", now: start.advanced(by: SitePace.longestHold)) == nil)
    }

    @Test("the publisher keeps a site's pace")
    func paced() async throws {
        var settings = PublisherBench.settings
        var policy = SitePolicy()
        policy.interval = .seconds(2)
        settings.sites = ["1234": policy]
        let times = Mutex<[Timestamp]>([])
        let clocks = Mutex<ManualClock?>(nil)
        let bench = PublisherBench(settings: settings) { _, _ in
            if let clock = clocks.withLock({ $0 }) { times.withLock { $0.append(clock.now()) } }
            return nil
        }
        clocks.withLock { $0 = bench.clock }
        for number in 1...4 { await bench.handle(Update.message("u\(number)", ref: "ref-\(number)")) }
        let seen = times.withLock { $0 }
        #expect(seen.count == 4)
        for (earlier, later) in zip(seen, seen.dropFirst()) {
            #expect(later.duration(since: earlier) >= .seconds(2))
        }
    }

    @Test("429 with Retry-After holds the whole site, not only the referral that heard it")
    func tooMany() async throws {
        let times = Mutex<[Timestamp]>([])
        let clocks = Mutex<ManualClock?>(nil)
        let bench = PublisherBench.answering { _, number in
            if let clock = clocks.withLock({ $0 }) { times.withLock { $0.append(clock.now()) } }
            return number == 1
                ? OceanServiceError(.unavailable, "HTTP 429", status: 429, retryAfter: .seconds(30)) : nil
        }
        clocks.withLock { $0 = bench.clock }
        let begun = bench.clock.now()
        bench.publisher.pace.hold("1234", for: .seconds(7), now: begun)
        await bench.handle(Update.message("u1"))
        let seen = times.withLock { $0 }
        #expect(seen.first?.duration(since: begun) ?? .zero >= .seconds(7))
        #expect(seen.last?.duration(since: begun) ?? .zero >= .seconds(37))
        #expect(try bench.results().map(\.outcome) == [.delivered])
    }

    @Test("the stop signal ends the wait for the pace, and permit and lease come back")
    func stopped() async {
        let bench = PublisherBench.answering { _, _ in nil }
        bench.publisher.pace.hold("1234", for: .seconds(60), now: bench.clock.now())
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let task = Task {
            await bench.publisher.handle(delivery(Update.message("u1"), queue: "ocean.updates.0"), stop: stop)
        }
        await bench.journal.wait(for: "remember")
        stop.trigger()
        #expect(await task.value == .abandoned)
        #expect(bench.ocean.calls.isEmpty)
        #expect(bench.store.leasedKeys.isEmpty)
        #expect(bench.publisher.turns.count == 0)
        bench.clock.advance(by: .seconds(60))
        #expect(await bench.handle(Update.message("u1")) == .done)
    }

    @Test("each site has as many calls at once as its settings say")
    func concurrency() async {
        let permits = SitePermits(limit: 8, limits: ["1": 1, "2": 3])
        #expect(permits.ceiling(of: "1") == 1)
        #expect(permits.ceiling(of: "2") == 3)
        #expect(permits.ceiling(of: "3") == 8)
        permits.restrict()
        for _ in 0..<20 {
            for site in ["1", "2", "3"] {
                await permits.acquire(site)
                permits.release(site)
            }
        }
        #expect(permits.ceiling(of: "1") == 1)
        #expect(permits.ceiling(of: "2") == 3)
        #expect(permits.ceiling(of: "3") == 8)
    }

    @Test("two updates of one referral are never with Ocean at once, whichever lanes they came by")
    func oneAtATime() async throws {
        let most = Peak()
        let bench = PublisherBench.answering { _, _ in
            most.enter()
            for _ in 0..<20 { await Task.yield() }
            most.leave()
            return nil
        }
        await withDiscardingTaskGroup { group in
            for number in 0..<40 { group.addTask { await bench.handle(Update.message("u\(number)", ref: "same")) } }
        }
        #expect(bench.ocean.calls.count == 40)
        #expect(most.highest == 1)
        #expect(bench.publisher.turns.count == 0)
    }

    @Test("turns are given in the order of asking, and different referrals do not wait for each other")
    func order() async {
        let turns = ReferralTurns()
        await turns.begin("a")
        await turns.begin("b")
        let journal = Journal()
        await withDiscardingTaskGroup { group in
            for number in 0..<5 {
                group.addTask {
                    await turns.begin("a")
                    journal.write("\(number)")
                    turns.end("a")
                }
                while turns.waiting(for: "a") <= number { await Task.yield() }
            }
            turns.end("a")
        }
        #expect(journal.lines == ["0", "1", "2", "3", "4"])
        turns.end("b")
        #expect(turns.count == 0)
    }
}
