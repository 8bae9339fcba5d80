// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import RabbitMQ

@Suite("A broker that says anything", .serialized, .timeLimit(.minutes(15)))
struct FuzzTests {
    private static let connections = 400

    /// Frames as a broker sends them, to be damaged.
    private static func conversation() -> [[UInt8]] {
        let table = AMQPBytes().u32(15).short("x-death").raw([UInt8(ascii: "l")]).u64(7)
        return [
            AMQPBytes.deliver(tag: 1), AMQPBytes.header(bodySize: 4, headers: Array(table.bytes)),
            AMQPBytes.body(1, [1, 2, 3, 4]), AMQPBytes.deliver(tag: 2), AMQPBytes.header(bodySize: 0),
            AMQPBytes.method(1, 60, 80, AMQPBytes().u64(1).u8(0)),
            AMQPBytes.method(1, 60, 120, AMQPBytes().u64(1).u8(1)),
            AMQPBytes.method(1, 60, 50, AMQPBytes().u16(312).short("NO_ROUTE").short("").short("q")),
            AMQPBytes.header(bodySize: 1, headers: AMQPBytes.nestedArrays(30)), AMQPBytes.body(1, [9]),
            AMQPBytes.method(0, 10, 60, AMQPBytes().short("low on memory")), AMQPBytes.method(0, 10, 61),
            AMQPBytes.method(1, 60, 30, AMQPBytes().short("consumer").u8(0)),
            AMQPBytes.method(1, 20, 40, AMQPBytes().u16(404).short("NOT_FOUND").u16(60).u16(40)),
            AMQPBytes.frame(8, channel: 0, AMQPBytes()),
        ]
    }

    private static func damage(_ frames: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            bytes += frames[Int.random(in: 0..<frames.count, using: &random)]
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            default: bytes.removeLast(bytes.count - index)
            }
        }
        return bytes
    }

    @Test("damaged and random bytes, at any stage of a connection, never end the process or hang a call")
    func fuzz() async throws {
        let seed: UInt64 = 20_261_121
        let broker = try FakeBroker { peer in
            var random = SeededGenerator(seed: seed &+ UInt64(peer.number))
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                // Nothing but noise.
                try peer.write((0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) })
            case 1:
                // A damaged start.
                try peer.readHeader()
                var start = AMQPBytes.method(
                    0, 10, 10,
                    AMQPBytes().u8(0).u8(9).raw(AMQPBytes.nestedArrays(20)).long("PLAIN AMQPLAIN").long("en_US"))
                for _ in 0..<3 {
                    start[Int.random(in: 0..<start.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                try peer.write(start)
                peer.pause(milliseconds: 50)
            default:
                // The right beginning, then damaged frames.
                _ = try peer.becomeReady(
                    heartbeat: UInt16.random(in: 0...3, using: &random),
                    frameMax: [0, 4096, 131_072, .max].randomElement(using: &random) ?? 0)
                try peer.write(Self.damage(Self.conversation(), &random))
                peer.pause(milliseconds: 20)
            }
        }
        defer { broker.stop() }
        let url = broker.address
        let start = ContinuousClock.now
        let (hangs, calls) = await withTaskGroup(of: (hangs: Int, calls: Int).self, returning: (Int, Int).self) {
            group in
            for lane in 0..<8 {
                group.addTask {
                    var hangs = 0
                    var calls = 0
                    while broker.connections < Self.connections, ContinuousClock.now - start < .seconds(60) {
                        calls += 1
                        do {
                            try await Observation.withBus(
                                url,
                                adjust: {
                                    $0.publishTimeout = .milliseconds(150)
                                    $0.connectTimeout = .milliseconds(100)
                                    $0.callDeadline = .milliseconds(100)
                                }
                            ) { bus, _ in
                                let reading = try await Stopwatch.measure {
                                    _ = await BusFixture.code { () async throws(BusError) in
                                        if lane % 2 == 0 {
                                            try await bus.publish(BusFixture.message(1), to: .queue("q"))
                                        } else {
                                            let subscription = try await bus.subscribe(to: "q", prefetch: 2)
                                            await subscription.cancel()
                                        }
                                    }
                                }
                                // A polite leave-taking may take two seconds of its own.
                                if reading.time > .milliseconds(2600) + reading.machineDelay { hangs += 1 }
                            }
                        } catch {
                            Issue.record("\(error)")
                        }
                    }
                    return (hangs, calls)
                }
            }
            return await group.reduce((0, 0)) { ($0.0 + $1.hangs, $0.1 + $1.calls) }
        }
        #expect(hangs == 0, "seed \(seed)")
        #expect(broker.connections >= Self.connections, "calls: \(calls)")
    }
}
