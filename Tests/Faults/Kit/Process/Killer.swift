// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit

/// Kills processes at random instants.
final class Killer: Sendable {
    private let bench: FaultBench

    init(_ bench: FaultBench) {
        self.bench = bench
    }

    /// Kills until there were enough; several may be away at once.
    func run(_ count: Int) async throws {
        var generator = SeededGenerator(seed: bench.options.seed &+ 0x5EED)
        let pause = max(10, bench.options.pause)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                try await Task.sleep(for: .milliseconds(Int.random(in: pause / 10...pause, using: &generator)))
                // One that is away already is not there to be killed: another takes its turn.
                var choice = Self.target(&generator)
                while isAway(choice) { choice = Self.target(&generator) }
                let target = choice
                let worker = Int.random(in: 0..<bench.workers.count, using: &generator)
                group.addTask { try await self.strike(target, worker: worker) }
                // So that the next choice sees this one.
                try await Task.sleep(for: .milliseconds(5))
            }
            // The first failure ends the others, which `waitForAll` would let run on.
            for try await _ in group {}
        }
    }

    private static func target(_ generator: inout SeededGenerator) -> FaultTarget {
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<45: .worker
        case ..<70: .ingress
        case ..<85: .sandbox
        default: .broker
        }
    }

    private func isAway(_ target: FaultTarget) -> Bool {
        target != .worker && bench.faults.all.contains { $0.target == target && $0.back == nil }
    }

    func strike(_ target: FaultTarget, worker: Int = 0) async throws {
        switch target {
        case .broker:
            let event = bench.faults.begin(.broker, "kill")
            try await bench.broker.restart()
            bench.faults.end(event)
            await bench.noteRings()
        case .worker: try await strike(bench.workers[worker], .worker)
        case .ingress: try await strike(bench.ingress, .ingress)
        case .sandbox: try await strike(bench.sandbox, .sandbox)
        }
    }

    private func strike(_ process: SupervisedProcess, _ target: FaultTarget) async throws {
        var starts = 0
        try await bench.until("\(process.name) runs", within: .seconds(30), every: .milliseconds(5)) {
            starts = process.starts
            return process.kill()
        }
        let event = bench.faults.begin(target, "kill")
        try await bench.until("\(process.name) was started again", within: .seconds(30), every: .milliseconds(10)) {
            process.starts > starts
        }
        bench.faults.end(event)
    }
}
