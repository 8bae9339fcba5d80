// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ

extension Scenario {
    /// Deletes the bridge's queues, one every minute. A queue that holds messages takes them along, which is the
    /// operator's doing: the generator pauses and everything arrives before each deletion, and goes on at once after it.
    static func queueDeletion(_ options: FaultOptions) async throws -> Verdict {
        let pause: Duration = options.isShort ? .seconds(5) : .seconds(60)
        let queues = (0..<min(3, options.partitions)).flatMap { index in
            [BusNames.partition(BusNames.inbound, index), BusNames.partition(BusNames.updates, index)]
        }
        let share = max(1, options.messages / (queues.count + 1))
        let over = Shared(false)
        let absent = Shared<[String]>([])
        return try await play(
            .queueDeletion, options, Traffic.Plan(webhooks: options.webhooks, updates: options.updates),
            allowance: { bench in over.value ? .max : (bench.faults.count("queue deleted") + 1) * share }
        ) { bench, traffic in
            for queue in queues {
                try await Task.sleep(for: pause)
                traffic.pause()
                // Calls under way end first.
                try await Task.sleep(for: .seconds(2))
                var drain = Drain(bench)
                let left = try await drain.wait()
                guard left == 0 else { throw FaultFailure("\(left) messages did not arrive before a deletion") }
                let event = bench.faults.begin(.broker, "queue deleted")
                // Everything has arrived; `if-empty` is not known to quorum queues.
                let answer = try await bench.broker.management("DELETE", "/api/queues/%2F/\(queue)")
                guard (200..<300).contains(answer.status) else {
                    throw FaultFailure("\(queue) was not deleted: \(answer.status) \(answer.body)")
                }
                traffic.resume()
                do {
                    try await bench.until("\(queue) is consumed again", within: .seconds(10)) {
                        do throws(BusError) {
                            return try await bench.receiving.depth(of: queue).map { $0.consumers > 0 } ?? false
                        } catch {
                            return false
                        }
                    }
                } catch let error as FaultFailure {
                    absent.value += [error.description]
                }
                bench.faults.end(event)
            }
            over.value = true
        } judge: { _, verdict in
            verdict.forbid("queues not consumed 10 s after their deletion", absent.value)
        }
    }

    /// Ocean answers 503 for two minutes, the broker waits 20 s for an acknowledgement.
    static func consumerTimeout(_ options: FaultOptions) async throws -> Verdict {
        var options = options
        options.workerSettings = ["parkAfter: 8s", "holdLimit: 12s"]
        let quarter = max(1, options.messages / 4)
        let outage: Duration = .seconds(120)
        let plan = Traffic.Plan(webhooks: options.webhooks, updates: options.updates)
        return try await play(.consumerTimeout, options, plan) { broker in
            // Channels read both when they are opened; the second says how often a channel looks.
            try await broker.control("eval", "application:set_env(rabbit, consumer_timeout, 20000).")
            try await broker.control("eval", "application:set_env(rabbit, channel_tick_interval, 2000).")
        } allowance: { bench in
            // The rest comes while Ocean is down.
            bench.faults.all.isEmpty ? quarter : .max
        } _: { bench, _ in
            try await bench.until("updates flow", within: .seconds(60)) { bench.producer.updates > 0 }
            try await set("{\"processMessages\":{\"status\":503,\"times\":1000000}}", bench)
            let event = bench.faults.begin(.sandbox, "503")
            try await Task.sleep(for: outage)
            try await set("{}", bench)
            bench.faults.end(event)
        } judge: { bench, verdict in
            let log = try await LineFile.readAll(in: "\(bench.broker.directory)/log")
            let closed = log.split(separator: "\n").filter { line in
                line.contains("timed out waiting for") || line.contains("delivery acknowledgement on channel")
            }
            verdict.forbid("channels closed by the broker's consumer_timeout", closed.map(String.init))
        }
    }

    private static func set(_ faults: String, _ bench: FaultBench) async throws {
        let body = Array(faults.utf8)
        try await bench.until("the pretend Ocean takes its faults", within: .seconds(20)) {
            await bench.http.call("PUT", "\(bench.files.ocean)/sandbox/api/faults", body: body)?.status == 200
        }
    }

    /// A few webhooks that nobody can read, and fewer over which the translation dies.
    static func poison(_ options: FaultOptions) async throws -> Verdict {
        guard Failpoint.areCompiled else { throw FaultFailure("this build has no failpoints; use a debug build") }
        var options = options
        options.prefetch = 100
        var plan = Traffic.Plan(webhooks: options.webhooks, updates: options.updates)
        plan.unparsable = 0.01
        plan.poison = options.isShort ? 0.01 : 0.001
        let wanted = plan
        return try await play(.poison, options, wanted) { bench, _ in
            let rule = "OCEAN_BRIDGE_FAILPOINTS=\(Failpoint.translate.rawValue)=kill~\(Traffic.poisonPrefix)"
            for (index, worker) in bench.workers.enumerated() {
                worker.set(variables: [rule])
                // The one that runs already has no such environment.
                try await Killer(bench).strike(.worker, worker: index)
            }
        } judge: { bench, verdict in
            let hits = bench.workers.map(\.ownKills).reduce(0, +)
            let poison = bench.producer.count(.poison)
            verdict.forbid(
                "poison that did not kill", poison == 0 || hits < poison ? ["\(poison) sent, \(hits) deaths"] : [])
        }
    }
}
