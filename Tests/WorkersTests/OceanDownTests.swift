// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Logging
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("When Ocean is down", .timeLimit(.minutes(15)))
struct OceanDownTests {
    /// Counts the lines that an operator reads.
    struct Lines: LogHandler {
        let kept: Counts
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .notice

        final class Counts: Sendable {
            private let texts = Mutex<[String]>([])
            var all: [String] { texts.withLock { $0 } }
            func add(_ text: String) { texts.withLock { $0.append(text) } }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            kept.add("\(event.message)")
        }
    }

    @Test("failures of one referral, or with an answer between, do not mean that Ocean is down")
    func notDown() {
        let availability = OceanAvailability(threshold: 3, logger: quiet)
        for _ in 0..<10 { availability.failed(referral: "a", site: "1", reason: "network") }
        availability.failed(referral: "b", site: "1", reason: "network")
        availability.answered()
        for referral in ["c", "d"] { availability.failed(referral: referral, site: "1", reason: "network") }
        #expect(!availability.isDown)
        availability.failed(referral: "e", site: "1", reason: "network")
        #expect(availability.isDown)
        #expect(availability.admit() == .down)
    }

    @Test("one line at each change, a probe until Ocean answers, then one call goes first")
    func recovery() async {
        let lines = Lines.Counts()
        let availability = OceanAvailability(
            threshold: 2, backoff: Backoff { attempt, _ in .seconds(attempt) },
            logger: Logger(label: "lines", factory: { _ in Lines(kept: lines) }))
        for referral in ["a", "b", "c"] { availability.failed(referral: referral, site: "1", reason: "network") }
        #expect(lines.all.count == 1)
        let clock = ManualClock()
        let start = clock.now()
        let stop = StopSignal(sleep: instantly(clock))
        let probes = Counted()
        await availability.awaitRecovery(stop: stop) { _ in probes.next() == 3 }
        #expect(clock.now().duration(since: start) == .seconds(1 + 2 + 3))
        #expect(availability.admit() == .go)
        #expect(availability.admit() == .wait(.milliseconds(250)))
        availability.withdrawn()
        #expect(availability.admit() == .go)
        #expect(lines.all.count == 1)
        availability.answered()
        availability.answered()
        #expect(lines.all.count == 2)
        #expect(availability.admit() == .go)
        #expect(availability.admit() == .go)
    }

    @Test("a trial that fails goes back to probing, with longer waits")
    func failedTrial() async {
        let availability = OceanAvailability(
            threshold: 1, backoff: Backoff { attempt, _ in .seconds(attempt) }, logger: quiet)
        availability.failed(referral: "a", site: "1", reason: "network")
        let clock = ManualClock()
        let start = clock.now()
        await availability.awaitRecovery(stop: StopSignal(sleep: instantly(clock))) { _ in true }
        #expect(availability.admit() == .go)
        availability.failed(referral: "a", site: "1", reason: "network")
        #expect(availability.isDown)
        await availability.awaitRecovery(stop: StopSignal(sleep: instantly(clock))) { _ in true }
        #expect(clock.now().duration(since: start) == .seconds(1 + 2))
    }

    @Test("the stop signal ends the wait for Ocean")
    func stopWhileDown() async {
        let availability = OceanAvailability(threshold: 1, logger: quiet)
        availability.failed(referral: "a", site: "1", reason: "network")
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let task = Task { await availability.awaitRecovery(stop: stop) { _ in false } }
        stop.trigger()
        await task.value
        #expect(availability.isDown)
    }

    @Test("partitions are given back while Ocean is down, and every update arrives once in order after it is up")
    func endToEnd() async throws {
        let isUp = Mutex(false)
        let probes = Counted()
        let bench = PublisherBench(
            probing: { _ in
                let answers = probes.next() >= 3
                isUp.withLock { $0 = answers }
                return answers ? nil : ScriptedOcean.unavailable()
            }, threshold: 3
        ) { _, _ in isUp.withLock { $0 } ? nil : ScriptedOcean.unavailable() }
        let queue = "ocean.updates.0"
        for round in 1...3 {
            for ref in ["a", "b", "c", "d"] { bench.bus.feed(Update.message("\(ref)\(round)", ref: ref), queue: queue) }
        }
        let publisher = bench.publisher
        let consumer = PartitionConsumer(
            bus: bench.bus, settings: PartitionConsumer.Settings(queues: [queue]), logger: quiet,
            sleep: instantly(bench.clock), resume: { await publisher.awaitOcean(stop: $0) }
        ) { delivery, stop, window in
            await publisher.handle(delivery, stop: stop, window: window)
        }
        let run = Task { try await consumer.run() }
        await bench.journal.wait { lines in lines.filter { $0.hasPrefix("ack ") }.count == 12 }
        consumer.stop()
        try await run.value
        let delivered = try bench.results().filter { $0.outcome == .delivered }.map(\.updateID)
        for ref in ["a", "b", "c", "d"] {
            #expect(delivered.filter { $0.hasPrefix(ref) } == [ref + "1", ref + "2", ref + "3"])
        }
        #expect(bench.bus.remaining(in: queue).isEmpty)
        let lines = bench.journal.lines
        let firstProbe = try #require(lines.firstIndex(of: "probe"))
        let cancelled = try #require(lines.firstIndex(of: "cancelled \(queue)"))
        #expect(cancelled < firstProbe)
        // Nothing is sent between going down and the answered probe.
        let lastProbe = try #require(lines.lastIndex(of: "probe"))
        #expect(!lines[firstProbe..<lastProbe].contains("process"))
    }
}
