// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Glibc
import Synchronization

extension Scenario {
    static func kills(_ options: FaultOptions) async throws -> Verdict {
        let kills = max(1, options.kills)
        let share = max(1, options.messages / kills)
        let over = Shared(false)
        return try await play(
            .kills, options, Traffic.Plan(webhooks: options.webhooks, updates: options.updates),
            allowance: { bench in over.value ? .max : (bench.faults.count("kill") + 1) * share }
        ) { bench, _ in
            try await Killer(bench).run(kills)
            over.value = true
        } judge: { bench, verdict in
            let done = bench.faults.count("kill")
            verdict.forbid("kills that were not made", done < kills ? ["\(done) of \(kills)"] : [])
        }
    }

    /// The broker stops in its tracks; its sockets stay open.
    static func frozen(_ options: FaultOptions) async throws -> Verdict {
        let rounds = 2
        return try await disturbed(.frozen, options, rounds: rounds, kind: "freeze") { bench in
            bench.broker.freeze()
            try await Task.sleep(for: .seconds(20))
            bench.broker.thaw()
        }
    }

    static func memoryAlarm(_ options: FaultOptions) async throws -> Verdict {
        try await disturbed(.memoryAlarm, options, rounds: 2, kind: "memory alarm") { bench in
            try await bench.broker.control("set_vm_memory_high_watermark", "absolute", "1")
            try await Task.sleep(for: .seconds(15))
            try await bench.broker.control("set_vm_memory_high_watermark", "0.6")
        }
    }

    /// SIGTERM, as an upgrade does, and a start on the same data.
    static func rollingRestart(_ options: FaultOptions) async throws -> Verdict {
        try await disturbed(.rollingRestart, options, rounds: 20, kind: "restart") { bench in
            let pid = bench.broker.processID
            Glibc.kill(pid, SIGTERM)
            try await bench.until("the broker has stopped", within: .seconds(60)) { ChildProcess.hasEnded(pid) }
            try await bench.broker.restart()
        }
    }

    /// Traffic goes on in equal shares between rounds of trouble with the broker.
    private static func disturbed(
        _ scenario: Scenario, _ options: FaultOptions, rounds: Int, kind: String,
        _ trouble: @escaping @Sendable (FaultBench) async throws -> Void
    ) async throws -> Verdict {
        let share = max(1, options.messages / (rounds + 1))
        let over = Shared(false)
        return try await play(
            scenario, options, Traffic.Plan(webhooks: options.webhooks, updates: options.updates),
            allowance: { bench in over.value ? .max : (bench.faults.count(kind) + 1) * share }
        ) { bench, traffic in
            for round in 1...rounds {
                // In the middle of the round's traffic.
                try await bench.until("traffic flows", within: .seconds(300)) {
                    bench.producer.webhooks + bench.producer.updates >= round * share - share / 2
                }
                // From before: with the spool webhooks are taken all the time, up to what this round allows.
                let before = bench.producer.webhooks
                let event = bench.faults.begin(.broker, kind)
                try await trouble(bench)
                bench.faults.end(event)
                await bench.noteRings()
                let back = ContinuousClock.now
                try await bench.until("webhooks are taken again", within: .seconds(60)) {
                    bench.producer.webhooks > before
                }
                bench.events.write("taken again after \(ContinuousClock.now - back)")
            }
            over.value = true
        } judge: { bench, verdict in
            let done = bench.faults.count(kind)
            verdict.forbid("rounds that were not made", done < rounds ? ["\(done) of \(rounds)"] : [])
        }
    }
}

/// A value that several tasks see.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) {
        state = Mutex(value)
    }

    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
