// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Synchronization
import Testing

@testable import Workers

/// The real publisher and attendants over one lot, with chance between all steps.
@Suite("Races round the parking lot", .timeLimit(.minutes(15)))
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

    /// What chance brought about in one run.
    private struct Met {
        /// Each opened a lane that was freed again.
        var parked = 0
        var joined = 0
    }

    @Test("whoever carries an update out, and whenever its lane is freed, Ocean hears each once, in order")
    func order() async throws {
        var met = Met()
        for seed in 1...40 {
            let run = await Self.run(seed: UInt64(seed))
            met.parked += run.parked
            met.joined += run.joined
        }
        // Else it proves nothing.
        #expect(met.parked >= 40)
        #expect(met.joined >= 40)
    }

    private static func run(seed: UInt64) async -> Met {
        let dice = Dice(seed)
        let heard = Mutex<[String]>([])
        var settings = PublisherBench.settings
        settings.parkAfter = .zero
        settings.parking = ParkingSchedule(first: .milliseconds(1), longest: .milliseconds(4))
        let bench = PublisherBench(threshold: 1000, settings: settings) { call, _ in
            await dice.dawdle()
            if dice.roll(2) == 0 { return ScriptedOcean.unavailable() }
            heard.withLock { $0.append(PublisherBench.part(2, of: call)) }
            return nil
        }
        // Two processes attend.
        let attendants = (0..<2).map { number in
            ParkingAttendant.publisher(bench.publisher, holder: "attendant-\(number)") { duration in
                // Slowly, lest claims and leases run out while their holders are at work.
                guard duration < .seconds(100) else { return try await Task.sleep(for: .seconds(3600)) }
                await dice.dawdle()
                bench.clock.advance(by: .milliseconds(1))
                await Task.yield()
                try Task.checkCancellation()
            }
        }
        let runs = attendants.map { attendant in Task { await attendant.run() } }
        let referrals = ["a", "b"]
        await withDiscardingTaskGroup { group in
            for referral in referrals {
                group.addTask {
                    for number in 1...12 {
                        await dice.dawdle()
                        // Sometimes it comes twice: a crash before the acknowledgement.
                        for _ in 0...dice.roll(4) / 3 {
                            let outcome = await bench.handle(Update.message("\(referral)\(number)", ref: referral))
                            #expect(outcome == .done, "seed \(seed)")
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
            #expect(heard.withLock { $0.filter { $0.hasPrefix(referral) } } == wanted, "seed \(seed)")
        }
        #expect(bench.store.leasedKeys.isEmpty, "seed \(seed)")
        let results = (try? bench.results()) ?? []
        let parked = bench.journal.lines.count { $0 == "park" }
        return Met(parked: parked, joined: results.count { $0.outcome == .parked } - parked)
    }
}
