// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import RabbitMQ

/// Waits until everything that was taken has arrived, then compares every id.
struct Drain: Sendable {
    let bench: FaultBench
    /// Without any progress for so long, the rest is taken as lost.
    var patience: Duration = .seconds(180)
    private var journal: OceanJournal

    init(_ bench: FaultBench) {
        self.bench = bench
        journal = OceanJournal(bench.files.journal)
    }

    /// What is not there yet.
    private func missing() -> Int {
        let log = journal.log
        let webhooks = bench.producer.entries(.webhook)
        let updates = bench.producer.entries(.updateHTTP) + bench.producer.entries(.updateAMQP)
        return webhooks.count { !bench.canonical.has($0.marker) || !bench.fhir.has($0.marker) }
            + updates.count { !log.has($0.marker) || !bench.results.has($0.marker) }
            + bench.producer.entries(.unparsable).count { !bench.invalid.has($0.marker) }
            + bench.producer.entries(.poison).count { !bench.deadLetters.has($0.marker) }
            + journal.delivered.count { bench.canonical.others[$0] == nil }
    }

    /// - Returns: how many did not come.
    mutating func wait() async throws -> Int {
        var best = Int.max
        var lastProgress = ContinuousClock.now
        while true {
            try await journal.refresh()
            let left = missing()
            if left == 0, try await isEmpty() { break }
            if left < best {
                best = left
                lastProgress = .now
            }
            if ContinuousClock.now - lastProgress > patience { return left }
            try await Task.sleep(for: .milliseconds(left > 500 ? 2000 : 500))
        }
        // A repetition may still be on its way.
        var total = -1
        while total != bench.canonical.total + bench.fhir.total + bench.results.total {
            total = bench.canonical.total + bench.fhir.total + bench.results.total
            try await Task.sleep(for: .seconds(1))
        }
        return 0
    }

    private func isEmpty() async throws -> Bool {
        var queues = [FaultBench.canonicalQueue, FaultBench.fhirQueue, FaultBench.resultsQueue]
        for exchange in [BusNames.inbound, BusNames.updates] {
            for index in 0..<bench.options.partitions { queues.append(BusNames.partition(exchange, index)) }
        }
        for queue in queues {
            do throws(BusError) {
                guard let depth = try await bench.receiving.depth(of: queue) else { continue }
                guard depth.ready == 0 else { return false }
            } catch {
                return false
            }
        }
        return true
    }

    mutating func verdict(_ name: String, since start: ContinuousClock.Instant, remaining: Int) async throws -> Verdict
    {
        try await journal.refresh()
        let ocean = journal.log
        let faults = bench.faults.all
        let webhooks = bench.producer.entries(.webhook)
        let updates = bench.producer.entries(.updateHTTP) + bench.producer.entries(.updateAMQP)
        var verdict = Verdict(name)
        verdict.seconds = Int((ContinuousClock.now - start) / .seconds(1))
        verdict.add("webhooks answered 2xx", webhooks.count)
        verdict.add("updates confirmed", updates.count)
        verdict.add("echoes delivered by Ocean", journal.delivered.count)
        for target in FaultTarget.allCases {
            for kind in Set(faults.filter { $0.target == target }.map(\.kind)).sorted() {
                verdict.add("\(kind): \(target.rawValue)", bench.faults.count(kind, target))
            }
        }
        let died = ([bench.ingress, bench.sandbox] + bench.workers).map(\.ownKills).reduce(0, +)
        if died > 0 { verdict.add("killed at a failpoint", died) }
        verdict.add("repeated attempts of the generator", (webhooks + updates).map { $0.attempts - 1 }.reduce(0, +))

        for log in [bench.canonical, bench.fhir] {
            verdict.forbid("lost, hospital.\(log.name)", Self.missing(webhooks, in: log))
        }
        verdict.forbid("lost, updates to Ocean", Self.missing(updates, in: ocean))
        verdict.forbid("lost, results of updates", Self.missing(updates, in: bench.results))
        verdict.forbid(
            "lost, echoes", journal.delivered.filter { bench.canonical.others[$0] == nil }.sorted())
        for log in [bench.canonical, bench.fhir, ocean] {
            verdict.forbid("reordered within a referral, \(log.name)", log.disordered)
        }
        verdict.forbid("marked late though in order", bench.canonical.late + bench.fhir.late)
        verdict.forbid("changed on the way", bench.canonical.changed)
        verdict.forbid("updates with another outcome than delivered", bench.results.changed)
        var explained = 0
        let hospital: Set<FaultTarget> = [.worker, .broker]
        let all: Set<FaultTarget> = [.worker, .broker, .sandbox]
        let ends = [(bench.canonical, hospital), (bench.fhir, hospital), (ocean, all), (bench.results, all)]
        let inHand = bench.options.partitions * bench.options.prefetch
        let window = (worker: inHand, broker: inHand + FaultBench.prefetch)
        for (log, targets) in ends {
            let duplicates = Duplicates(log, faults, targets: targets, window: window)
            explained += duplicates.explained
            verdict.forbid("unexplained duplicates, \(log.name)", duplicates.unexplained)
            verdict.forbid("duplicates under another id, \(log.name)", duplicates.unknowable)
            let beyond = duplicates.beyondWindow
            verdict.forbid(
                "duplicates beyond what was in hand, \(log.name)", beyond > 0 ? ["\(beyond)"] : [])
        }
        verdict.add("duplicates that a fault explains", explained)
        verdict.forbid(
            "healthy messages in ocean.dead-letters",
            bench.deadLetters.receipts.keys.filter { !$0.referral.hasPrefix(Traffic.poisonPrefix) }
                .map(\.description).sorted() + bench.deadLetters.others.keys.sorted())
        verdict.forbid(
            "healthy messages in ocean.invalid",
            bench.invalid.receipts.keys.filter { !$0.referral.hasPrefix("U-") }.map(\.description).sorted()
                + bench.invalid.others.keys.sorted())
        let unparsable = bench.producer.entries(.unparsable)
        let poison = bench.producer.entries(.poison)
        if !unparsable.isEmpty || !poison.isEmpty {
            verdict.add("unparsable webhooks", unparsable.count)
            verdict.add("webhooks that kill the worker", poison.count)
            verdict.forbid("unparsable, not in ocean.invalid", Self.missing(unparsable, in: bench.invalid))
            verdict.forbid("killing, not in ocean.dead-letters", Self.missing(poison, in: bench.deadLetters))
        }
        verdict.forbid("messages left in queues", try await left())
        verdict.forbid("parked", await parked())
        verdict.forbid("journal lines out of sequence", journal.outOfSequence)
        verdict.forbid(
            "processes that ended by themselves",
            ([bench.ingress, bench.sandbox] + bench.workers).flatMap(\.surprises))
        if remaining > 0 { bench.events.write("gave up waiting for \(remaining)") }
        return verdict
    }

    private static func missing(_ entries: [ProducerLog.Entry], in log: ReceiverLog) -> [String] {
        entries.filter { !log.has($0.marker) }.map { "\($0.marker), \($0.kind.rawValue) accepted \($0.accepted)" }
    }

    private func left() async throws -> [String] {
        var queues = [BusNames.unrouted]
        for exchange in [BusNames.inbound, BusNames.updates] {
            for index in 0..<bench.options.partitions { queues.append(BusNames.partition(exchange, index)) }
        }
        var output: [String] = []
        for queue in queues {
            let ready = try await bench.receiving.depth(of: queue)?.ready ?? 0
            if ready > 0 { output += Array(repeating: queue, count: ready) }
        }
        return output
    }

    /// The gauges of the parking lot; a version without one shows none.
    private func parked() async -> [String] {
        guard let answer = await bench.http.call("GET", "\(bench.files.operations)/metrics") else {
            return ["the metrics cannot be read"]
        }
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("ocean_bridge_parked") && !$0.hasSuffix(" 0") && !$0.hasSuffix(" 0.0") }
            .map(String.init)
    }
}
