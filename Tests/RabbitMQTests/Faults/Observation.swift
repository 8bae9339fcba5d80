// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CoreMetrics
import Logging
import Synchronization

@testable import RabbitMQ

/// What a bus under test said: its log lines and its metrics.
final class Observation: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let text: String
        let fields: [String: String]
    }

    private let written = Mutex<[Line]>([])
    private let counted = Mutex<[String: Int64]>([:])

    var lines: [Line] { written.withLock { $0 } }
    var warnings: [Line] { lines.filter { $0.level >= .warning } }

    /// The sum of the counters whose name and labels hold all of `parts`.
    func count(_ parts: String...) -> Int64 {
        counted.withLock { counted in
            counted.filter { entry in parts.allSatisfy { entry.key.contains($0) } }.values.reduce(0, +)
        }
    }

    func write(_ line: Line) { written.withLock { $0.append(line) } }
    func add(_ amount: Int64, _ name: String) { counted.withLock { $0[name, default: 0] += amount } }

    var logger: Logger { Logger(label: "test", factory: { _ in RecordingHandler(observation: self) }) }
    var metrics: BusMetrics { BusMetrics(factory: RecordingMetrics(observation: self)) }

    /// Gives `body` a bus whose lines and metrics are kept.
    static func withBus(
        _ url: String, adjust: (inout RabbitMQConfiguration) -> Void = { _ in },
        _ body: (RabbitMQBus, Observation) async throws -> Void
    ) async throws {
        let observation = Observation()
        var configuration = try RabbitMQConfiguration(url: url)
        adjust(&configuration)
        let bus = RabbitMQBus(
            configuration: configuration, logger: observation.logger, metrics: observation.metrics)
        do {
            try await body(bus, observation)
            await bus.shutdown()
        } catch {
            await bus.shutdown()
            throw error
        }
    }
}

private struct RecordingHandler: LogHandler {
    let observation: Observation
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(observation: Observation) {
        self.observation = observation
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
        observation.write(Observation.Line(level: event.level, text: "\(event.message)", fields: fields))
    }
}

private struct RecordingMetrics: MetricsFactory {
    let observation: Observation

    private final class Entry: CounterHandler, RecorderHandler, TimerHandler {
        let observation: Observation
        let name: String

        init(_ observation: Observation, _ name: String) {
            self.observation = observation
            self.name = name
        }

        func increment(by amount: Int64) { observation.add(amount, name) }
        func reset() {}
        func record(_ value: Int64) {}
        func record(_ value: Double) {}
        func recordNanoseconds(_ duration: Int64) {}
    }

    private func entry(_ label: String, _ dimensions: [(String, String)]) -> Entry {
        Entry(observation, ([label] + dimensions.map { "\($0.0)=\($0.1)" }).joined(separator: " "))
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { entry(label, dimensions) }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        entry(label, dimensions)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { entry(label, dimensions) }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

/// Measures how long something took, and how late this machine was meanwhile: a thread that sleeps 5 ms at a time notes
/// by how much it overslept at worst.
enum Stopwatch {
    struct Reading: Sendable {
        let time: Duration
        /// The longest that a thread which was due had to wait for a processor.
        let longestWait: Duration
        /// What the machine may have added: an answer passes several threads on its way, and each may have to wait.
        var machineDelay: Duration { longestWait * 4 }
    }

    static func measure(_ work: () async throws -> Void) async throws -> Reading {
        let isOver = Flag()
        let worst = Atomic64()
        try BlockingWork.start {
            let clock = ContinuousClock()
            while !isOver.isSet {
                let before = clock.now
                DelayProbe.sleep(milliseconds: 5)
                let late = (clock.now - before) - .milliseconds(5)
                worst.raise(to: late.nanoseconds)
            }
        }
        let clock = ContinuousClock()
        let start = clock.now
        defer { isOver.set() }
        try await work()
        return Reading(time: clock.now - start, longestWait: .nanoseconds(worst.value))
    }
}

final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

final class Atomic64: Sendable {
    private let current = Mutex<Int64>(0)
    var value: Int64 { current.withLock { $0 } }
    func raise(to candidate: Int64) { current.withLock { $0 = max($0, candidate) } }
}
