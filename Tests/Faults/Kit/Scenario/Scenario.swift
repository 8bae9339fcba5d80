// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit

/// What can go wrong, one kind at a time.
package enum Scenario: String, Sendable, CaseIterable {
    /// SIGKILL of worker, ingress, sandbox and broker at random instants.
    case kills
    /// SIGSTOP of the broker.
    case frozen
    /// The bridge's queues are deleted one after the other.
    case queueDeletion = "queue-deletion"
    case memoryAlarm = "memory-alarm"
    case rollingRestart = "rolling-restart"
    case poison
    /// SIGKILL at every failpoint.
    case failpoints
    /// Ocean answers 503 for longer than the broker waits for an acknowledgement.
    case consumerTimeout = "consumer-timeout"

    /// Plays the scenario and judges it.
    ///
    /// - Throws: `FaultFailure` when the tool itself cannot go on.
    package func run(_ options: FaultOptions) async throws -> Verdict {
        switch self {
        case .kills: try await Self.kills(options)
        case .frozen: try await Self.frozen(options)
        case .queueDeletion: try await Self.queueDeletion(options)
        case .memoryAlarm: try await Self.memoryAlarm(options)
        case .rollingRestart: try await Self.rollingRestart(options)
        case .poison: try await Self.poison(options)
        case .failpoints: try await Self.failpoints(options)
        case .consumerTimeout: try await Self.consumerTimeout(options)
        }
    }

    /// Plays `disturb` while a batch is sent; then drains and judges.
    static func play(
        _ scenario: Scenario, _ options: FaultOptions, _ plan: Traffic.Plan,
        prepare: @escaping @Sendable (RabbitMQBroker) async throws -> Void = { _ in },
        allowance: @escaping @Sendable (FaultBench) -> Int = { _ in .max },
        _ disturb: @escaping @Sendable (FaultBench, Traffic) async throws -> Void,
        judge: @escaping @Sendable (FaultBench, inout Verdict) async throws -> Void = { _, _ in }
    ) async throws -> Verdict {
        let start = ContinuousClock.now
        return try await FaultBench.run(options, prepare: prepare) { bench in
            let traffic = Traffic(bench)
            var left = 0
            var drain = Drain(bench)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let progress = Progress(bench, scenario.rawValue, total: plan.webhooks + plan.updates)
                group.addTask { try await progress.run() }
                try await withThrowingTaskGroup(of: Void.self) { parts in
                    parts.addTask { try await traffic.send(plan) { allowance(bench) } }
                    parts.addTask { try await disturb(bench, traffic) }
                    // The first failure ends the others, which `waitForAll` would let run on.
                    for try await _ in parts {}
                }
                left = try await drain.wait()
                group.cancelAll()
                while let ended = await group.nextResult() { _ = ended }
            }
            try await bench.untilReady()
            var verdict = try await drain.verdict(scenario.rawValue, since: start, remaining: left)
            try await judge(bench, &verdict)
            return verdict
        }
    }
}
