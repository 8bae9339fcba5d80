// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import RabbitMQ

/// A hostile or broken broker ends the connection, never the process.
@Suite("A hostile broker", .serialized, .timeLimit(.minutes(15)))
struct HostileBrokerTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        /// What the metric of a failed or lost connection must say; any of them.
        let causes: [String]
        let script: @Sendable (FakePeer) throws -> Void
        var testDescription: String { name }

        init(_ name: String, _ causes: String..., script: @escaping @Sendable (FakePeer) throws -> Void) {
            self.name = name
            self.causes = causes
            self.script = script
        }
    }

    static let handshakes: [Attack] = [
        Attack("an HTTP server answers", "hostile", "timeout", "network") { peer in
            try peer.readHeader()
            try peer.write(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8))
            try peer.listenOnly()
        },
        Attack("another protocol version", "hostile") { peer in
            try peer.readHeader()
            try peer.write([0x41, 0x4D, 0x51, 0x50, 0, 1, 0, 0])
        },
        Attack("random bytes", "hostile", "timeout", "network") { peer in
            var random = SeededGenerator(seed: UInt64(peer.number))
            try peer.write((0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) })
            try peer.listenOnly()
        },
        Attack("a frame of 4 GiB", "hostile") { peer in
            try peer.readHeader()
            try peer.write(AMQPBytes.frame(1, channel: 0, AMQPBytes().u16(10).u16(10), length: 0xFFFF_FFFF))
            try peer.listenOnly()
        },
        Attack("an empty method frame", "hostile") { peer in
            try peer.readHeader()
            try peer.write(AMQPBytes.frame(1, channel: 0, AMQPBytes()))
            try peer.listenOnly()
        },
        Attack("a wrong frame end", "hostile") { peer in
            try peer.readHeader()
            try peer.write(AMQPBytes.frame(1, channel: 0, AMQPBytes().u16(10).u16(10), end: 0))
            try peer.listenOnly()
        },
        Attack("half a frame, then the end", "network") { peer in
            try peer.readHeader()
            try peer.write(Array(AMQPBytes.method(0, 10, 10, AMQPBytes().u8(0).u8(9).long("")).prefix(9)))
        },
        Attack("arrays in arrays, as deep as a frame", "hostile", "timeout") { peer in
            try peer.readHeader()
            try peer.start(serverProperties: AMQPBytes.nestedArrays(13_000))
            try peer.listenOnly()
        },
        Attack("tables in tables, as deep as a frame", "hostile", "timeout") { peer in
            try peer.readHeader()
            try peer.start(serverProperties: AMQPBytes.nestedTables(9300))
            try peer.listenOnly()
        },
        Attack("a table that says it is longer than its frame", "hostile") { peer in
            try peer.readHeader()
            try peer.start(serverProperties: [0x7F, 0xFF, 0xFF, 0xFF])
            try peer.listenOnly()
        },
        Attack("an endless row of heartbeats", "hostile", "watchdog", "timeout") { peer in
            try peer.readHeader()
            let beats = [UInt8]((0..<2000).flatMap { _ in AMQPBytes.frame(8, channel: 0, AMQPBytes()) })
            while true { try peer.write(beats) }
        },
        Attack("an endless row of frames of no known type", "watchdog", "timeout") { peer in
            try peer.readHeader()
            let frames = [UInt8](
                (0..<100).flatMap { _ in AMQPBytes.frame(99, channel: 7, AMQPBytes([UInt8](repeating: 7, count: 500))) }
            )
            while true { try peer.write(frames) }
        },
        Attack("frames for other channels while it is asked to open the host", "hostile") { peer in
            try peer.readHeader()
            try peer.start()
            try peer.expect(10, 11)
            try peer.tune()
            try peer.expect(10, 31)
            try peer.expect(10, 40)
            let body = AMQPBytes.body(9, [UInt8](repeating: 7, count: 60_000))
            while true { try peer.write(body) }
        },
        Attack("the login is refused with a long text", "access") { peer in
            try peer.readHeader()
            try peer.start()
            try peer.expect(10, 11)
            let text = String(repeating: "\u{7}no\n", count: 100)
            try peer.write(
                AMQPBytes.method(0, 10, 50, AMQPBytes().u16(403).short(text).u16(0).u16(0)))
            try peer.listenOnly()
        },
    ]

    static let frameSizes: [Attack] = [1, 7, 8, 512, 4095].map { (size: UInt32) in
        Attack("frames of \(size) bytes", "hostile") { peer in
            try peer.readHeader()
            try peer.start()
            try peer.expect(10, 11)
            try peer.tune(frameMax: size)
            try peer.listenOnly()
        }
    }

    @Test(
        "a handshake that goes wrong: the call ends in time, the error names host and cause, the log has one line",
        arguments: handshakes + frameSizes)
    func handshake(attack: Attack) async throws {
        let broker = try FakeBroker(attack.script)
        defer { broker.stop() }
        let timeout = Duration.milliseconds(900)
        try await Observation.withBus(
            broker.address,
            adjust: {
                $0.publishTimeout = timeout
                $0.connectTimeout = .milliseconds(400)
                $0.callDeadline = .milliseconds(400)
            }
        ) { bus, seen in
            let reading = try await Stopwatch.measure {
                do throws(BusError) {
                    try await bus.publish(BusFixture.message(1), to: .queue("q"))
                    Issue.record("published")
                } catch {
                    #expect(error.code == .unavailable || error.code == .accessRefused)
                    #expect(error.message.contains("127.0.0.1:\(broker.port)"))
                    #expect(error.message.utf8.allSatisfy { $0 >= 0x20 })
                    #expect(error.message.utf8.count < 1500)
                }
            }
            #expect(reading.time < timeout + .milliseconds(250) + reading.machineDelay)
            // 0.1 to 0.2 s, 0.2 to 0.4 s, 0.4 to 0.8 s lie between the attempts.
            #expect(broker.connections <= 5)
            #expect((1...3).contains(seen.warnings.count), "\(seen.warnings)")
            #expect(seen.warnings.allSatisfy { $0.fields["reason"]?.contains("127.0.0.1:\(broker.port)") == true })
            let counted = attack.causes.map { seen.count("connect_failures", "cause=\($0)") }.reduce(0, +)
            #expect(counted >= 1, "\(seen.warnings)")
            #expect(counted == seen.count("connect_failures"), "\(attack.causes)")
        }
    }

    static let publishing: [Attack] = [
        Attack("a frame for a channel that is not open", "hostile") { peer in
            try peer.write(AMQPBytes.method(77, 60, 80, AMQPBytes().u64(1).u8(0)))
        },
        Attack("a confirm of a tag that was never used", "hostile") { peer in try peer.acknowledge(1_000_000) },
        Attack("a confirm of everything up to a tag that was never used", "hostile") { peer in
            try peer.acknowledge(.max, multiple: true)
        },
        Attack("a body without a header", "hostile") { peer in try peer.write(AMQPBytes.body(1, [1, 2, 3])) },
        Attack("a header without a method", "hostile") { peer in try peer.write(AMQPBytes.header(bodySize: 5)) },
        Attack("a header of another class after a return", "hostile") { peer in
            try peer.write(
                AMQPBytes.method(1, 60, 50, AMQPBytes().u16(312).short("NO_ROUTE").short("").short("q"))
                    + AMQPBytes.header(classID: 10, bodySize: 0))
        },
        Attack("a delivery to a publisher", "hostile") { peer in try peer.write(AMQPBytes.deliver(tag: 1)) },
        Attack("a method of no known class", "hostile") { peer in try peer.write(AMQPBytes.method(1, 999, 9)) },
        Attack("a frame beyond the agreed size", "hostile") { peer in
            try peer.write(AMQPBytes.body(1, [UInt8](repeating: 1, count: 200_000)))
        },
        Attack("a close in the middle of a frame", "network") { peer in
            try peer.write(Array(AMQPBytes.method(1, 60, 80, AMQPBytes().u64(1).u8(0)).prefix(10)))
        },
        Attack("half a frame, then silence", "heartbeat") { peer in
            try peer.write(Array(AMQPBytes.method(1, 60, 80, AMQPBytes().u64(1).u8(0)).prefix(10)))
            peer.fallSilent()
        },
        Attack("the connection is closed with a long text", "closed") { peer in
            let text = String(repeating: "\u{1B}[31mx", count: 60)
            try peer.write(AMQPBytes.method(0, 10, 50, AMQPBytes().u16(320).short(text).u16(0).u16(0)))
            try peer.listenOnly()
        },
        Attack("a header table as deep as a frame", "hostile") { peer in
            try peer.write(
                AMQPBytes.method(1, 60, 50, AMQPBytes().u16(312).short("NO_ROUTE").short("").short("q"))
                    + AMQPBytes.header(bodySize: 0, headers: AMQPBytes.nestedArrays(26_000))
                    + AMQPBytes.body(1, [1]))
        },
    ]

    @Test(
        "broken frames to a publisher end its connection; what is under way is unknown and the next connection serves",
        arguments: publishing)
    func publisher(attack: Attack) async throws {
        let broker = try FakeBroker { peer in
            guard peer.number == 1 else { return try peer.behave() }
            guard try peer.becomeReady(heartbeat: 1) == .publishing else { return }
            _ = try peer.readPublish()
            try attack.script(peer)
            peer.pause(milliseconds: 100)
        }
        defer { broker.stop() }
        try await Observation.withBus(
            broker.address,
            adjust: {
                $0.publishTimeout = .seconds(4)
                $0.heartbeat = 1
            }
        ) { bus, seen in
            do throws(BusError) {
                try await bus.publish(BusFixture.message(1), to: .queue("q"))
                Issue.record("published")
            } catch {
                #expect(error.code == .unknownOutcome)
                #expect(error.message.contains("127.0.0.1:\(broker.port)"))
            }
            try await bus.publish(BusFixture.message(1), to: .queue("q"))
            #expect(seen.warnings.count == 1, "\(seen.warnings)")
            let cause = seen.warnings.first?.fields["cause"] ?? ""
            #expect(attack.causes.contains(cause), "\(seen.warnings)")
            #expect(seen.warnings.first?.fields["reason"]?.utf8.allSatisfy { $0 >= 0x20 } == true)
            #expect(seen.count("connections_lost", "connection=publisher", "cause=\(cause)") == 1)
            #expect(seen.count("hostile_frames") == (cause == "hostile" ? 1 : 0))
            #expect(broker.connections == 2)
        }
    }

    static let consuming: [Attack] = [
        Attack("a body larger than its header says", "hostile") { peer in
            try peer.write(
                AMQPBytes.deliver(tag: 1) + AMQPBytes.header(bodySize: 3) + AMQPBytes.body(1, [1, 2, 3, 4]))
        },
        Attack("a body of 16 EiB", "hostile") { peer in
            try peer.write(AMQPBytes.deliver(tag: 1) + AMQPBytes.header(bodySize: .max) + AMQPBytes.body(1, [1]))
        },
        Attack("a delivery inside a delivery", "hostile") { peer in
            try peer.write(AMQPBytes.deliver(tag: 1) + AMQPBytes.deliver(tag: 2))
        },
        Attack("the same tag twice", "hostile") { peer in
            let delivery = AMQPBytes.deliver(tag: 1) + AMQPBytes.header(bodySize: 1) + AMQPBytes.body(1, [1])
            try peer.write(delivery + delivery)
        },
        Attack("more deliveries than the prefetch allows", "hostile") { peer in
            for tag in 1...100 as ClosedRange<UInt64> {
                try peer.write(AMQPBytes.deliver(tag: tag) + AMQPBytes.header(bodySize: 0))
            }
        },
        Attack("a header of another class", "hostile") { peer in
            try peer.write(AMQPBytes.deliver(tag: 1) + AMQPBytes.header(classID: 85, bodySize: 0))
        },
        Attack("a confirm to a consumer", "hostile") { peer in try peer.acknowledge(1) },
        Attack("half a delivery, then the end", "network") { peer in
            try peer.write(AMQPBytes.deliver(tag: 1) + AMQPBytes.header(bodySize: 10) + AMQPBytes.body(1, [1, 2]))
        },
        Attack("half a delivery, then silence", "heartbeat") { peer in
            try peer.write(AMQPBytes.deliver(tag: 1) + AMQPBytes.header(bodySize: 10))
            peer.fallSilent()
        },
        Attack("tables in tables, then the end", "network") { peer in
            try peer.write(
                AMQPBytes.deliver(tag: 1) + AMQPBytes.header(bodySize: 0, headers: AMQPBytes.nestedTables(18_000)))
        },
    ]

    @Test("broken frames to a consumer end its connection, and the next one delivers", arguments: consuming)
    func consumer(attack: Attack) async throws {
        let broker = try FakeBroker { peer in
            guard try peer.becomeReady(heartbeat: 1) == .consuming else { return }
            if peer.number == 1 {
                try attack.script(peer)
                peer.pause(milliseconds: 100)
            } else {
                try peer.write(
                    AMQPBytes.deliver(tag: 1) + AMQPBytes.header(bodySize: 4) + AMQPBytes.body(1, Array("good".utf8)))
                while true {
                    let method = try peer.readFrame().method ?? (0, 0)
                    if method == (60, 10) { try peer.write(AMQPBytes.method(1, 60, 11)) }
                }
            }
        }
        defer { broker.stop() }
        try await Observation.withBus(broker.address, adjust: { $0.heartbeat = 1 }) { bus, seen in
            let subscription = try await bus.subscribe(to: "q", prefetch: 10)
            for await delivery in subscription.deliveries where delivery.message.body == Array("good".utf8) { break }
            #expect(seen.warnings.count == 1, "\(seen.warnings)")
            let cause = seen.warnings.first?.fields["cause"] ?? ""
            #expect(attack.causes.contains(cause), "\(seen.warnings)")
            #expect(seen.warnings.first?.fields["connection"] == "consumer of q")
            #expect(seen.count("connections_lost", "connection=consumer", "cause=\(cause)") == 1)
            #expect(seen.count("hostile_frames") == (cause == "hostile" ? 1 : 0))
            await subscription.cancel()
        }
    }

    @Test("a broker that fails for long gets ever rarer attempts and few lines")
    func flood() async throws {
        let broker = try FakeBroker { peer in
            // A new text each time.
            _ = try peer.becomeReady()
            let text = "reason \(peer.number)"
            try peer.write(AMQPBytes.method(0, 10, 50, AMQPBytes().u16(541).short(text).u16(0).u16(0)))
            try peer.listenOnly()
        }
        defer { broker.stop() }
        try await Observation.withBus(broker.address, adjust: { $0.publishTimeout = .seconds(6) }) { bus, seen in
            // Each login succeeds, so only time tells that nothing works.
            var attempts = 0
            let end = ContinuousClock.now + .seconds(6)
            while ContinuousClock.now < end {
                attempts += 1
                #expect(await bus.health() != .ready || attempts < 10_000)
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(broker.connections <= 9)
            let gaps = zip(broker.arrivals.dropFirst(), broker.arrivals).map { $0 - $1 }
            #expect(gaps.last ?? .zero >= .milliseconds(700))
            #expect(seen.warnings.count <= broker.connections)
        }
    }
}
