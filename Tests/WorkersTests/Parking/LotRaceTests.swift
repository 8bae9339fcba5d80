// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Synchronization
import Testing

@testable import Workers

/// The real publisher and attendants over one lot, with chance between all steps.
@Suite("Races round the parking lot", .timeLimit(.minutes(1)))
struct LotRaceTests {
    /// SplitMix64.
    private final class Dice: Sendable {
        private let state: Mutex<UInt64>

        init(_ seed: UInt64) {
            state = Mutex(seed)
        }

        func roll(_ sides: UInt64) -> UInt64 {
            state.withLock { state in
                state &+= 0x9E37_79B9_7F4A_7C15
                var z = state
                z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                return (z ^ (z >> 31)) % sides
            }
        }

        func dawdle() async {
            for _ in 0..<roll(6) { await Task.yield() }
        }
    }

    @Test(
        "whoever carries an update out, and whenever the lane is freed, Ocean hears them in order, each at least once",
        arguments: 1...60)
    func order(_ seed: Int) async throws {
        let dice = Dice(UInt64(seed))
        let heard = Mutex<[String]>([])
        var settings = PublisherBench.settings
        settings.parkAfter = .seconds(3)
        settings.parking = ParkingSchedule(first: .milliseconds(1), longest: .milliseconds(4))
        let bench = PublisherBench(threshold: 1000, settings: settings) { call, _ in
            await dice.dawdle()
            // A referral in three calls fails, by chance.
            if dice.roll(3) == 0 { return ScriptedOcean.unavailable() }
            heard.withLock { $0.append(PublisherBench.part(2, of: call)) }
            return nil
        }
        // Two processes attend.
        let attendants = (0..<2).map { number in
            ParkingAttendant.publisher(
                bench.publisher, holder: "attendant-\(number)",
                sleep: { duration in
                    // Slowly, lest claims and leases run out while their holders are at work.
                    if duration < .seconds(100) {
                        await dice.dawdle()
                        bench.clock.advance(by: .milliseconds(1))
                        await Task.yield()
                        try Task.checkCancellation()
                    } else {
                        try await Task.sleep(for: .seconds(3600))
                    }
                })
        }
        let runs = attendants.map { attendant in Task { await attendant.run() } }
        let referrals = ["a", "b"]
        await withDiscardingTaskGroup { group in
            for referral in referrals {
                group.addTask {
                    for number in 1...12 {
                        await dice.dawdle()
                        let id = "\(referral)\(number)"
                        // Sometimes it comes twice: a crash before the acknowledgement.
                        for _ in 0...dice.roll(4) / 3 {
                            let outcome = await bench.handle(Update.message(id, ref: referral))
                            #expect(outcome == .done)
                        }
                    }
                }
            }
        }
        await bench.journal.wait { _ in bench.parked.isEmpty }
        for attendant in attendants { attendant.stop() }
        for run in runs { await run.value }
        for referral in referrals {
            let wanted = (1...12).map { "\(referral)\($0)" }
            #expect(heard.withLock { $0.filter { $0.hasPrefix(referral) } } == wanted)
        }
        #expect(bench.store.leasedKeys.isEmpty)
    }
}
