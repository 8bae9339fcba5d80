// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Testing

@testable import Workers

@Suite("Fair share")
struct FairShareTests {
    private func holding(_ count: Int, of partitions: Int = 8, workers: Int?) -> FairShare {
        var fair = FairShare(partitions: partitions)
        _ = fair.counted(workers: workers)
        for index in 0..<count { _ = fair.received(from: "p\(index)", now: .zero) }
        return fair
    }

    @Test("the share is rounded up, and unknown while the workers cannot be counted")
    func share() {
        for (workers, share) in [(1, 8), (2, 4), (3, 3), (4, 2), (8, 1), (9, 1)] {
            #expect(holding(0, workers: workers).share == share)
        }
        #expect(holding(0, workers: nil).share == nil)
        #expect(holding(0, workers: 0).share == nil)
    }

    @Test("what is above the share goes, the longest silent first, one a second; the share stays")
    func giving() {
        var fair = holding(8, workers: 2)
        _ = fair.received(from: "p0", now: .zero)
        var given: [String] = []
        for tenth in 0..<100 {
            if let partition = fair.next(now: .milliseconds(100 * tenth)) { given.append("\(partition)@\(tenth)") }
        }
        #expect(given == ["p1@0", "p2@10", "p3@20", "p4@30"])
        #expect(fair.held == 4)
    }

    @Test("nothing is given up while the workers cannot be counted, or the share is not exceeded")
    func keeping() {
        var unknown = holding(8, workers: nil)
        var even = holding(4, workers: 2)
        let given = [unknown.next(now: .seconds(5)), even.next(now: .seconds(5))]
        #expect(given == [nil, nil])
        let changes = [even.counted(workers: nil), even.counted(workers: nil), even.counted(workers: 0)]
        #expect(changes == [true, false, false])
        let afterwards = even.next(now: .seconds(9))
        #expect(afterwards == nil)
    }

    @Test("a partition whose subscription ended is not held until it delivers again")
    func ending() {
        var fair = holding(5, workers: 2)
        let ends = [fair.ended("p3"), fair.ended("p3")]
        #expect(ends == [true, false])
        #expect(fair.held == 4)
        let kept = fair.next(now: .seconds(1))
        #expect(kept == nil)
        let isNew = [fair.received(from: "p3", now: .seconds(1)), fair.received(from: "p3", now: .seconds(1))]
        #expect(isNew == [true, false])
        let given = fair.next(now: .seconds(1))
        #expect(given == "p0")
    }

    @Test("what comes straight back is handed over ever more seldom, until another worker joins")
    func bouncing() {
        var fair = holding(8, workers: 2)
        var times: [Int] = []
        for second in 0..<130 {
            guard let partition = fair.next(now: .seconds(second)) else { continue }
            times.append(second)
            _ = fair.received(from: partition, now: .seconds(second))
        }
        #expect(times == [0, 2, 6, 14, 30, 62, 94, 126])
        let hasChanged = fair.counted(workers: 3)
        let given = fair.next(now: .seconds(130))
        #expect(hasChanged && given != nil)
    }

    @Test("eight partitions are even again after each of one to four workers and back, within 30 s")
    func scale() throws {
        var generator = SeededGenerator(seed: 1)
        var world = ShareWorld(partitions: 8)
        var took: [Int] = []
        for _ in 0..<4 {
            world.join()
            took.append(try #require(world.settle(within: 30, using: &generator)))
        }
        #expect(world.active.values.allSatisfy { $0 == 2 })
        for worker in [4, 2, 3] {
            world.leave(worker)
            took.append(try #require(world.settle(within: 30, using: &generator)))
        }
        #expect(world.active == [1: 8])
        // It stays so.
        for _ in 0..<20 { world.pass(using: &generator) }
        #expect(world.active == [1: 8])
        print("fair share: seconds to even shares, 1-2-3-4-3-2-1 workers on 8 partitions:", took)
    }

    @Test("random joins and leaves end in even shares", arguments: 0..<200)
    func random(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var world = ShareWorld(partitions: Int.random(in: 1...16, using: &generator))
        for _ in 0..<12 {
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let live = world.workers.keys.sorted()
                if live.isEmpty || (live.count < 6 && Bool.random(using: &generator)) {
                    world.join()
                } else if let gone = live.randomElement(using: &generator) {
                    world.leave(gone)
                }
                for _ in 0..<Int.random(in: 0...4, using: &generator) { world.pass(using: &generator) }
            }
            if world.workers.isEmpty { world.join() }
            _ = try #require(world.settle(within: 120, using: &generator), "seed \(seed)")
            let even = world.active
            for _ in 0..<10 { world.pass(using: &generator) }
            #expect(world.active == even, "even shares stay as they are (seed \(seed))")
        }
    }
}
