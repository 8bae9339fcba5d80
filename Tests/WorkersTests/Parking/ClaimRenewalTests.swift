// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Synchronization
import Testing

@testable import Workers

@Suite("The claim of a parked referral", .timeLimit(.minutes(15)))
struct ClaimRenewalTests {
    @Test("is short, and renewed while the work goes on")
    func renewed() async throws {
        let journal = Mutex<Journal?>(nil)
        let bench = PublisherBench.answering { _, _ in
            // Ocean takes its time: longer than the claim would last.
            await journal.withLock { $0 }?.wait { $0.count(where: { $0 == "renewClaim" }) >= 4 }
            return nil
        }
        journal.withLock { $0 = bench.journal }
        let now = bench.clock.now()
        try await bench.store.park(
            ParkedMessage(
                lane: Lane(stage: "publisher", key: "ref-1"), message: Update.message("u1"), queue: "ocean.updates.0",
                routingKey: "ref-1", reason: "unavailable", attempts: 1, firstAttempt: now, parkedAt: now),
            nextAttempt: now)
        var settings = ParkingAttendant.Settings()
        settings.claim = .seconds(30)
        settings.lanes = 1
        let pauses = Counted()
        let short = instantly(bench.clock)
        let attendant = ParkingAttendant.publisher(bench.publisher, holder: "attendant", settings: settings) {
            guard $0 == .seconds(10) else { return try await short($0) }
            guard pauses.next() <= 4 else { return try await Task.sleep(for: .seconds(3600)) }
            bench.clock.advance(by: .seconds(10))
        }
        await attend(attendant, bench.journal) { $0.contains("unpark") }
        #expect(bench.parked.isEmpty)
        #expect(bench.ocean.calls.count == 1)
        #expect(bench.journal.lines.filter { $0 == "claimDueLane" }.count >= 1)
    }

    @Test("lasts no longer than a minute after a process died over it")
    func short() {
        #expect(ParkingAttendant.Settings().claim <= .seconds(60))
    }
}
