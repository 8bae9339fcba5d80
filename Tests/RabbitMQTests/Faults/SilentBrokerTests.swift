// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import RabbitMQ

/// No call outlives its deadline by more than 250 ms, whatever the broker does. The machine's own lateness, measured
/// beside it, is allowed on top: these tests run among others.
@Suite("A broker that falls silent", .serialized, .timeLimit(.minutes(15)))
struct SilentBrokerTests {
    private static let margin = Duration.milliseconds(250)

    private static func publish(
        _ bus: RabbitMQBus, _ number: Int, bytes: Int = 10
    ) async -> BusError? {
        do throws(BusError) {
            try await bus.publish(
                BusFixture.message(number, body: [UInt8](repeating: 0x20, count: bytes)), to: .queue("q"))
            return nil
        } catch {
            return error
        }
    }

    @Test("silence is noticed by two heartbeats: what is under way is unknown, and the next connection serves")
    func silence() async throws {
        let broker = try FakeBroker { peer in
            guard peer.number == 1 else { return try peer.behave() }
            guard try peer.becomeReady(heartbeat: 1) == .publishing else { return }
            for _ in 0..<3 { try peer.acknowledge(try peer.readPublish()) }
            peer.fallSilent()
        }
        defer { broker.stop() }
        try await Observation.withBus(broker.address, adjust: { $0.heartbeat = 1 }) { bus, seen in
            for number in 0..<3 { #expect(await Self.publish(bus, number) == nil) }
            let reading = try await Stopwatch.measure {
                let error = await Self.publish(bus, 3)
                #expect(error?.code == .unknownOutcome)
                #expect(error?.message.contains("127.0.0.1:\(broker.port)") == true)
                #expect(error?.message.contains("heartbeat") == true)
            }
            #expect(reading.time > .seconds(1))
            #expect(reading.time < .seconds(2) + Self.margin + reading.machineDelay)
            let back = try await Stopwatch.measure { #expect(await Self.publish(bus, 4) == nil) }
            #expect(back.time < .seconds(1) + back.machineDelay)
            #expect(await bus.health() == .ready)
            let lost = seen.warnings.filter { $0.text.hasPrefix("broker connection lost") }
            #expect(lost.count == 1)
            #expect(lost.first?.fields["cause"] == "heartbeat")
            #expect(lost.first?.fields["host"] == "127.0.0.1:\(broker.port)")
            #expect(seen.count("connections_lost", "cause=heartbeat") == 1)
            #expect(seen.count("reconnects", "connection=publisher") == 1)
            #expect(seen.lines.filter { $0.text == "broker connections are back" }.count == 1)
        }
    }

    @Test("a publish that the broker stops reading in the middle ends by its deadline")
    func stopsReading() async throws {
        var overruns: [Duration] = []
        for _ in 0..<3 {
            let broker = try FakeBroker { peer in
                guard peer.number == 1 else { return try peer.behave() }
                guard try peer.becomeReady() == .publishing else { return }
                _ = try peer.read(1000)
                peer.fallSilent()
            }
            defer { broker.stop() }
            let timeout = Duration.seconds(1)
            try await Observation.withBus(
                broker.address, adjust: { $0.publishTimeout = timeout }
            ) { bus, seen in
                let reading = try await Stopwatch.measure {
                    let error = await Self.publish(bus, 1, bytes: 16_000_000)
                    #expect(error?.code == .unknownOutcome)
                }
                #expect(reading.time > timeout - .milliseconds(20))
                overruns.append(reading.time - timeout - reading.machineDelay)
                // The thread is free again and has connected to the broker that behaves.
                #expect(await Self.publish(bus, 2) == nil)
                #expect(seen.count("watchdog_shutdowns") == 1)
                #expect(seen.warnings.contains { $0.fields["cause"] == "watchdog" })
            }
        }
        #expect(overruns.sorted()[1] <= Self.margin, "over the deadline by \(overruns)")
    }

    @Test("who waits for a confirm is told in time even while the thread is stuck in a later publish")
    func stuckBehind() async throws {
        let broker = try FakeBroker { peer in
            guard try peer.becomeReady() == .publishing else { return }
            _ = try peer.readPublish()
            _ = try peer.read(1000)
            peer.fallSilent()
        }
        defer { broker.stop() }
        try await Observation.withBus(broker.address, adjust: { $0.publishTimeout = .seconds(2) }) { bus, _ in
            let start = ContinuousClock.now
            let readings = try await withThrowingTaskGroup(
                of: Stopwatch.Reading.self, returning: [Stopwatch.Reading].self
            ) { group in
                group.addTask {
                    try await Stopwatch.measure { #expect(await Self.publish(bus, 1)?.code == .unknownOutcome) }
                }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(1200))
                    return try await Stopwatch.measure {
                        let code = await Self.publish(bus, 2, bytes: 16_000_000)?.code
                        #expect(code == .unknownOutcome || code == .unavailable)
                    }
                }
                // Waits behind the stuck write, with a shorter patience than that.
                group.addTask {
                    try await Task.sleep(for: .milliseconds(1400))
                    return try await Stopwatch.measure { #expect(await bus.health() != .ready) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let delay = readings.map(\.machineDelay).max() ?? .zero
            for reading in readings { #expect(reading.time < .seconds(2) + Self.margin + delay) }
            #expect(ContinuousClock.now - start < .seconds(4) + delay)
        }
    }

    /// What a broker may do before the login is over.
    enum Greeting: String, CaseIterable, CustomTestStringConvertible {
        case nothing, startOnly, drip
        var testDescription: String { rawValue }
    }

    @Test(
        "a broker that accepts and does not go on is given up: every call ends by its deadline",
        arguments: Greeting.allCases)
    func neverAnswers(greeting: Greeting) async throws {
        let broker = try FakeBroker { peer in
            switch greeting {
            case .nothing: peer.fallSilent()
            case .startOnly:
                try peer.readHeader()
                try peer.start()
                try peer.listenOnly()
            case .drip:
                for byte in AMQPBytes.method(
                    0, 10, 10, AMQPBytes().u8(0).u8(9).raw([UInt8](repeating: 0, count: 60_000)))
                {
                    try peer.write([byte])
                    peer.pause(milliseconds: 20)
                }
            }
        }
        defer { broker.stop() }
        let timeout = Duration.milliseconds(1500)
        try await Observation.withBus(
            broker.address,
            adjust: {
                $0.publishTimeout = timeout
                $0.connectTimeout = .milliseconds(600)
            }
        ) { bus, seen in
            let readings = try await withThrowingTaskGroup(
                of: Stopwatch.Reading.self, returning: [Stopwatch.Reading].self
            ) { group in
                group.addTask {
                    try await Stopwatch.measure {
                        let error = await Self.publish(bus, 1)
                        #expect(error?.code == .unavailable)
                        #expect(error?.message.contains("127.0.0.1:\(broker.port)") == true)
                        #expect(error?.message.contains("in time") == true)
                    }
                }
                group.addTask {
                    try await Stopwatch.measure {
                        let code = await BusFixture.code { () async throws(BusError) in
                            _ = try await bus.depth(of: "q")
                        }
                        #expect(code == .unavailable)
                    }
                }
                group.addTask {
                    try await Stopwatch.measure {
                        let code = await BusFixture.code { () async throws(BusError) in
                            _ = try await bus.subscribe(to: "q", prefetch: 1)
                        }
                        #expect(code == .unavailable)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let delay = readings.map(\.machineDelay).max() ?? .zero
            for reading in readings { #expect(reading.time < timeout + Self.margin + delay, "\(reading)") }
            #expect(await bus.health() != .ready)
            #expect(seen.warnings.count <= 2, "\(seen.warnings)")
            #expect(seen.count("connect_failures", "cause=timeout") >= 2)
        }
    }

    @Test("a broker that beats its heart and confirms nothing is given up once the window is full")
    func confirmsNothing() async throws {
        let broker = try FakeBroker { peer in
            guard peer.number == 1 else { return try peer.behave() }
            guard try peer.becomeReady() == .publishing else { return }
            try peer.listenOnly()
        }
        defer { broker.stop() }
        try await Observation.withBus(
            broker.address,
            adjust: {
                $0.publishTimeout = .milliseconds(400)
                $0.maximumInFlight = 4
            }
        ) { bus, seen in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask { #expect(await Self.publish(bus, number)?.code == .unknownOutcome) }
                }
            }
            let clock = ContinuousClock()
            let end = clock.now + .seconds(20)
            var error = await Self.publish(bus, 9)
            while error != nil, clock.now < end { error = await Self.publish(bus, 9) }
            #expect(error == nil)
            #expect(seen.count("connections_lost", "cause=unconfirmed") == 1)
        }
    }
}
