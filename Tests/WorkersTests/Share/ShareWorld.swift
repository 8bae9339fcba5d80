// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Workers

/// Workers in line at partitions, as a broker with single active consumers keeps them, second by second.
struct ShareWorld {
    let partitions: Int
    private(set) var workers: [Int: FairShare] = [:]
    /// Per partition those who stand in line; the first is active.
    private var lines: [[Int]]
    private var names = 0
    private var second = 0

    init(partitions: Int) {
        self.partitions = partitions
        lines = Array(repeating: [], count: partitions)
    }

    /// What each live worker is active on.
    var active: [Int: Int] {
        var output = workers.mapValues { _ in 0 }
        for line in lines { if let first = line.first { output[first, default: 0] += 1 } }
        return output
    }

    var share: Int { (partitions + workers.count - 1) / max(1, workers.count) }
    var isEven: Bool { active.values.allSatisfy { $0 <= share } }

    mutating func join() {
        names += 1
        workers[names] = FairShare(partitions: partitions)
        for index in lines.indices { lines[index].append(names) }
    }

    mutating func leave(_ worker: Int) {
        workers[worker] = nil
        for index in lines.indices { lines[index].removeAll { $0 == worker } }
    }

    /// One second of traffic on every partition; workers count each other every other second.
    mutating func pass<Generator: RandomNumberGenerator>(using generator: inout Generator) {
        second += 1
        let now = Duration.seconds(second)
        let live = workers.count
        for index in lines.indices.shuffled(using: &generator) {
            guard let first = lines[index].first else { continue }
            _ = workers[first]?.received(from: "\(index)", now: now)
        }
        for worker in workers.keys.sorted().shuffled(using: &generator) {
            guard var fair = workers[worker] else { continue }
            if (second + worker) % 2 == 0 { _ = fair.counted(workers: live) }
            let (held, share) = (fair.held, fair.share)
            if let partition = fair.next(now: now), let index = Int(partition) {
                // Never below the share as the worker knows it.
                #expect(share.map { held > $0 } == true)
                let another = fair.next(now: now)
                #expect(another == nil, "one a second")
                #expect(lines[index].first == worker)
                lines[index].removeAll { $0 == worker }
                lines[index].append(worker)
            }
            workers[worker] = fair
        }
    }

    /// - Returns: the seconds it took, nil when it took longer than `limit`.
    mutating func settle<Generator: RandomNumberGenerator>(
        within limit: Int, using generator: inout Generator
    ) -> Int? {
        for passed in 0...limit {
            // Even, and known to be: what is not over its share gives nothing up any more.
            if isEven, workers.values.allSatisfy({ $0.workers == workers.count }) { return passed }
            pass(using: &generator)
        }
        return nil
    }
}
