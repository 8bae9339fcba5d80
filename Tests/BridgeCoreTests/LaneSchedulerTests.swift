// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import BridgeCore

@Suite("Who may run")
struct LaneSchedulerTests {
    @Test("an item starts at once when its key and the limit are free")
    func starts() {
        var scheduler = LaneScheduler<String, Int>(limit: 2)
        #expect(scheduler.enqueue("a", 1).map(\.item) == [1])
        #expect(scheduler.enqueue("a", 2).isEmpty)
        #expect(scheduler.enqueue("b", 3).map(\.item) == [3])
        #expect(scheduler.enqueue("c", 4).isEmpty)
        #expect(scheduler.running == 2)
        #expect(scheduler.waiting == 2)
    }

    @Test("keys take turns: a waiting key goes before the next item of a busy one")
    func turns() {
        var scheduler = LaneScheduler<String, Int>(limit: 1)
        _ = scheduler.enqueue("a", 1)
        _ = scheduler.enqueue("a", 2)
        _ = scheduler.enqueue("b", 3)
        #expect(scheduler.finished("a").map(\.item) == [3])
        #expect(scheduler.finished("b").map(\.item) == [2])
        #expect(scheduler.finished("a").isEmpty)
        #expect(scheduler.running == 0)
    }

    @Test("the end of a key that does not run changes nothing")
    func strayEnd() {
        var scheduler = LaneScheduler<String, Int>(limit: 1)
        #expect(scheduler.finished("a").isEmpty)
        _ = scheduler.enqueue("a", 1)
        _ = scheduler.enqueue("b", 2)
        #expect(scheduler.finished("b").isEmpty)
        #expect(scheduler.running == 1)
    }

    @Test("after stop nothing starts, and what runs may still end")
    func stop() {
        var scheduler = LaneScheduler<String, Int>(limit: 2)
        _ = scheduler.enqueue("a", 1)
        _ = scheduler.enqueue("a", 2)
        scheduler.stop()
        #expect(scheduler.enqueue("b", 3).isEmpty)
        #expect(scheduler.finished("a").isEmpty)
        #expect(scheduler.running == 0)
        #expect(scheduler.waiting == 0)
    }

    @Test(
        "any interleaving keeps order per key, one at a time, within the limit, and starves nobody", arguments: 0..<50)
    func property(_ seed: UInt64) {
        var random = SplitMix(seed: seed)
        let limit = Int.random(in: 1...5, using: &random)
        let keys = Int.random(in: 1...9, using: &random)
        var scheduler = LaneScheduler<Int, Int>(limit: limit)
        var entered: [Int: [Int]] = [:]
        var started: [Int: [Int]] = [:]
        var running: [Int] = []
        /// Starts of other keys since this key began to wait.
        var passedOver: [Int: Int] = [:]
        func take(_ starts: [LaneScheduler<Int, Int>.Start]) {
            for start in starts {
                #expect(!running.contains(start.key))
                running.append(start.key)
                started[start.key, default: []].append(start.item)
                passedOver[start.key] = 0
                for key in 0..<keys where key != start.key && !running.contains(key) {
                    guard entered[key, default: []].count > started[key, default: []].count else { continue }
                    passedOver[key, default: 0] += 1
                    #expect(passedOver[key, default: 0] <= keys)
                }
            }
            #expect(running.count <= limit)
            #expect(scheduler.running == running.count)
        }
        for item in 0..<400 {
            if Bool.random(using: &random), let key = running.randomElement(using: &random) {
                running.removeAll { $0 == key }
                take(scheduler.finished(key))
            } else {
                let key = Int.random(in: 0..<keys, using: &random)
                entered[key, default: []].append(item)
                take(scheduler.enqueue(key, item))
            }
            // No slot stays free while something could run.
            let idle = (0..<keys).contains { key in
                !running.contains(key) && entered[key, default: []].count > started[key, default: []].count
            }
            #expect(!idle || running.count == limit)
        }
        while let key = running.randomElement(using: &random) {
            running.removeAll { $0 == key }
            take(scheduler.finished(key))
        }
        #expect(started == entered)
        #expect(scheduler.waiting == 0)
    }
}

/// A small seeded generator (SplitMix64), so that a failing case can be run again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
