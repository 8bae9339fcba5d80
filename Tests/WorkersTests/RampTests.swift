// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Synchronization
import Testing

@testable import Workers

@Suite("Recovery of Ocean", .timeLimit(.minutes(15)))
struct RampTests {
    @Test("after an outage one call goes at a time, then twice as many with each answered round, up to the limit")
    func ramp() async {
        let permits = SitePermits(limit: 10)
        #expect(permits.ceiling(of: "1") == 10)
        permits.restrict()
        var seen: [Int] = []
        for _ in 1...5 {
            let ceiling = permits.ceiling(of: "1")
            seen.append(ceiling)
            for _ in 0..<ceiling { await permits.acquire("1") }
            for _ in 0..<ceiling { permits.release("1") }
        }
        #expect(seen == [1, 2, 4, 8, 10])
        #expect(permits.ceiling(of: "2") == 1)
    }

    @Test("a call that Ocean did not answer begins the round anew")
    func brokenRound() async {
        let permits = SitePermits(limit: 4)
        permits.restrict()
        await permits.acquire("1")
        permits.release("1")
        #expect(permits.ceiling(of: "1") == 2)
        for answered in [true, false, true] {
            await permits.acquire("1")
            permits.release("1", answered: answered)
        }
        #expect(permits.ceiling(of: "1") == 2)
        await permits.acquire("1")
        permits.release("1")
        #expect(permits.ceiling(of: "1") == 4)
    }

    @Test("those who wait are let go as the ceiling rises, and nobody is forgotten")
    func waiters() async {
        let permits = SitePermits(limit: 8)
        permits.restrict()
        let most = Peak()
        await withDiscardingTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await permits.acquire("1")
                    most.enter()
                    await Task.yield()
                    most.leave()
                    permits.release("1")
                }
            }
        }
        #expect(most.highest <= 8)
        #expect(permits.ceiling(of: "1") == 8)
    }

    @Test("an outage during an outage's recovery begins at one again, also for a site that waits")
    func again() async {
        let permits = SitePermits(limit: 4)
        permits.restrict()
        await permits.acquire("1")
        permits.release("1")
        permits.restrict()
        #expect(permits.ceiling(of: "1") == 1)
    }

    @Test("a referral that Ocean cannot digest does not keep the trial: the next one has it")
    func trialPasses() async {
        let availability = OceanAvailability(
            threshold: 2, backoff: Backoff { attempt, _ in .seconds(attempt) }, logger: quiet)
        for referral in ["a", "b"] { availability.failed(referral: referral, site: "1", reason: "network") }
        await availability.awaitRecovery(stop: StopSignal(sleep: instantly(ManualClock()))) { _ in true }
        #expect(availability.admit() == .go)
        #expect(!availability.failed(referral: "a", site: "1", reason: "network"))
        #expect(availability.admit() == .go)
        #expect(!availability.failed(referral: "a", site: "1", reason: "network"))
        #expect(!availability.isDown)
        #expect(availability.admit() == .go)
        availability.answered()
        #expect(availability.admit() == .go)
        #expect(availability.admit() == .go)
    }
}

/// How many are inside at once, at most.
final class Peak: Sendable {
    private let state = Mutex((now: 0, highest: 0))

    var highest: Int { state.withLock { $0.highest } }

    func enter() {
        state.withLock { state in
            state.now += 1
            state.highest = max(state.highest, state.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }
}
